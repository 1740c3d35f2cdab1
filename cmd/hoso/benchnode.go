package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cmd/hoso/bench"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/sandbox"

	"github.com/hoso-gov/hoso/postgres"
)

// startBenchNode starts what `hoso dev` starts, on ports of its own and over the
// database of a measurement, without workers: jobs are done when asked for.
func startBenchNode(ctx context.Context, url string, officers []bench.Officer) (_ *bench.Node, err error) {
	var undo []func()
	closeAll := func() {
		for i := len(undo) - 1; i >= 0; i-- {
			undo[i]()
		}
	}
	defer func() {
		if err != nil {
			closeAll()
		}
	}()
	dir, err := os.MkdirTemp("", "hoso-bench-node-")
	if err != nil {
		return nil, err
	}
	undo = append(undo, func() { os.RemoveAll(dir) })
	if err := loadDemo(ctx, url); err != nil {
		return nil, err
	}
	people, err := demoIdentities()
	if err != nil {
		return nil, err
	}
	for _, o := range officers {
		people = append(people, sandbox.Identity{Subject: o.ID, Kind: string(agency.Officer), Name: o.Name, Roles: []string{o.Role}})
	}
	quiet := slog.New(slog.DiscardHandler)
	world, err := sandbox.Start(ctx, sandbox.Config{HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0", Dir: filepath.Join(dir, "sandbox"), Identities: people, Log: quiet})
	if err != nil {
		return nil, err
	}
	undo = append(undo, world.Close)
	l, err := listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	undo = append(undo, func() { l.Close() })
	var at atomic.Pointer[time.Time] // nil: the true time
	now := func() time.Time {
		if t := at.Load(); t != nil {
			return *t
		}
		return time.Now()
	}
	to := world.Addresses()
	set := settings{Database: url, BaseURL: "http://" + l.Addr().String(), Issuer: to.Issuer, ClientID: to.ClientID, Registries: to.Registries, Pay: to.Pay,
		SMTP: to.SMTP, MailFrom: "Cổng dịch vụ công <no-reply@hoso.example>", SMS: to.SMS, Keys: filepath.Join(dir, "keys"), Treasury: "7111.0.1054321", Now: now}
	a, err := assemble(ctx, set, world.Signer(), requestConns)
	if err != nil {
		return nil, err
	}
	undo = append(undo, a.close)
	a.log = quiet
	h, err := a.handler()
	if err != nil {
		return nil, err
	}
	jobs, err := a.workers()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(bench.FloorPath, bench.Floor(a.pool))
	mux.Handle("/", h)
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- serveHTTP(serving, l, mux) }()
	undo = append(undo, func() {
		stop()
		<-ended
	})
	return &bench.Node{Base: set.BaseURL, Cases: a.cases, Agencies: a.agencies, Drain: jobs.Drain, Close: closeAll, Set: func(t time.Time) {
		if t.IsZero() {
			at.Store(nil)
			return
		}
		at.Store(&t)
	}}, nil
}

// loadDemo loads the demonstration's agencies and people as the database's owner.
func loadDemo(ctx context.Context, url string) error {
	db, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 2})
	if err != nil {
		return fmt.Errorf("open the database to measure in: %w", err)
	}
	defer db.Close()
	return errors.Join(agency.LoadDemo(ctx, db), resident.LoadDemo(ctx, db))
}
