# What one does with Hoso. `make` lists the targets; docs/operations.md is about production.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO ?= go
ASSETS := web/ui/assets/dist/manifest.json
ASSET_SOURCES := package-lock.json $(shell find web/ui/assets -path web/ui/assets/dist -prune -o -type f -print)

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: build ## start everything for development; Ctrl-C stops it
	@scripts/need postgres
	@bin/hoso dev $(ARGS)

build: $(ASSETS) ## leave bin/hoso and bin/sandbox
	$(GO) build -o bin/ ./cmd/hoso ./cmd/sandbox

assets: $(ASSETS) ## style, script and typeface of the pages, from npm

$(ASSETS): $(ASSET_SOURCES)
	@scripts/need node
	npm ci --no-audit --no-fund --silent
	node web/ui/assets/build.mjs

generate: ## the Go code of the templ components
	$(GO) tool templ generate -path web

lint: ## formatting, vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

# MANY are the packages whose tests go through all definitions, or run the whole program.
MANY := procedures|trial|portal|diagram|cmd/hoso

test: build ## all tests: unit, property, database and browser
	@scripts/need postgres node chromium cc xz
	@echo "== definitions"; bin/hoso check; bin/hoso test --mutants --sample 60; bin/hoso test --outages
	@echo "== unit, property and database tests (race detector on)"
	$(GO) test -race -shuffle=on -timeout 40m $$($(GO) list ./... | grep -vE '/(e2e|internal/chaos|$(MANY))$$')
	@echo "== those that go through all definitions or run the program: a part of them with the race detector, all of them without"
	$(GO) test -race -short -timeout 40m $$($(GO) list ./... | grep -E '/($(MANY))$$')
	$(GO) test -count=1 -timeout 40m $$($(GO) list ./... | grep -E '/($(MANY))$$' | grep -v /diagram)
	@echo "== an installation is broken on purpose for $(or $(HOSO_CHAOS_MINUTES),2) minutes"
	$(GO) test -count=1 -timeout 40m -v ./internal/chaos
	@echo "== whole, without the race detector: 5,000 joins, 1,000 officers, three days of outage"
	$(GO) test -count=1 -timeout 20m -run '^(TestFourWayJoinFiresOnce|TestOneSetOfCases|TestThreeDaysDown)$$' ./cases ./jobs
	@echo "== two engines: 10,000 random sequences of each procedure in ours and in XState"
	$(GO) test -count=1 -timeout 20m -v -run '^TestXState' ./diagram | grep -vE '^ *(===|--- PASS)'
	@echo "== browser tests"
	$(GO) test -count=1 -timeout 30m -v ./e2e

MINUTES ?= 10
chaos: $(ASSETS) ## break an installation on purpose for MINUTES, and examine it
	@scripts/need postgres
	$(GO) run ./cmd/chaos -minutes $(MINUTES) $(ARGS)

journeys: $(ASSETS) ## walk every variant and every rule of every service in a browser (make test walks a part)
	@scripts/need postgres node chromium
	JOURNEYS=all $(GO) test -count=1 -timeout 180m -v -run TestGeneratedJourneys ./e2e

screens: $(ASSETS) ## one form page of each service as a picture under docs/screens
	@scripts/need postgres node chromium
	mkdir -p docs/screens && SCREENS=$(CURDIR)/docs/screens $(GO) test -count=1 -timeout 60m -v -run TestGeneratedJourneys ./e2e

golden: ## write the expected files anew; read the difference
	$(GO) test ./... -update

FUZZTIME ?= 20s
fuzz: ## fuzz everything that a stranger can send
	@for p in $$(grep -rlE '^func Fuzz' --include=*_test.go . | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -hoE '^func Fuzz[A-Za-z0-9]+' $$p/*_test.go | sed 's/func //'); do \
			echo "== $$p $$f"; $(GO) test $$p -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME); done; done

check: generate lint test ## what a change passes
	@git diff --exit-code --stat || { echo "generate left a difference: commit it"; exit 1; }

clean: ## remove what was built; .hoso (the development data) stays
	rm -rf bin node_modules
	find web/ui/assets/dist -type f ! -name .gitignore -delete

.PHONY: help run build assets generate lint test chaos journeys screens golden fuzz check clean
