package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
)

// A journey is one way through the pages, made from a definition and its
// scenarios: nothing of it is written by hand for a procedure.
type journey struct {
	Procedure procedures.ID
	Story     string // scenario that says what the citizen answers
	Variant   string // the journey is filed under it; empty: a rule stands against it
	Rule      string // rule that refuses the journey
	Lang      string
	JS        bool

	story *procedures.Scenario
	proc  *procedures.Procedure
}

func (j journey) String() string {
	mode := j.Lang + ", no JavaScript"
	if j.JS {
		mode = j.Lang + ", JavaScript"
	}
	if j.Rule != "" {
		return fmt.Sprintf("%s: rule %s (%s)", j.Procedure, j.Rule, mode)
	}
	return fmt.Sprintf("%s: variant %s (%s)", j.Procedure, j.Variant, mode)
}

// From the definitions alone a browser walks every variant of every service to
// the confirmation, in Vietnamese with JavaScript and in English without, and
// into every rule that a scenario, or one slip in an answer of it, breaks; axe
// looks at each page, and nothing sticks out at 320 px. One variant and one rule
// of each service are walked, with JOURNEYS=all every one; with ONLY=procedure
// those of one service; with SCREENS=folder one variant of each in Vietnamese,
// and a picture of its longest form page is left there.
func TestGeneratedJourneys(t *testing.T) {
	node, chromium := needed(t, "node", "nodejs npm"), needed(t, "chromium", "chromium")
	house := newTheatre(t)
	journeys, missing := house.journeys(t)
	for _, m := range missing {
		t.Errorf("no scenario files %s", m)
	}
	pages := t.TempDir() + "/pages"
	p := &programme{t: t, house: house, journeys: journeys}
	control := httptest.NewServer(p)
	defer control.Close()

	ctx, cancel := context.WithTimeout(t.Context(), 170*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "generated.mjs")
	cmd.Env = append(os.Environ(), "BASE="+house.server.URL, "SANDBOX="+control.URL, "CHROMIUM="+chromium, "PAGES="+pages)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a journey that hangs takes its browser with it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Run(); err != nil {
		t.Errorf("the walker: %v", err)
	}
	variants, rules := 0, 0
	for _, j := range journeys {
		if j.Rule != "" {
			rules++
		} else {
			variants++
		}
	}
	t.Logf("%d journeys: %d through variants, %d against rules; %d ended well; axe looked at %d pages", len(journeys), variants, rules, p.well, sum(t, pages))
	if p.well != len(journeys) {
		t.Errorf("%d of %d journeys ended otherwise, or were not walked", len(journeys)-p.well, len(journeys))
	}
}

// journeys chooses the scenarios: for each variant the first that reaches its
// check page without a fault, for each rule the first that says it breaks it.
// missing are variants to which none leads.
func (h *theatre) journeys(t *testing.T) (out []journey, missing []string) {
	t.Helper()
	only, all := os.Getenv("ONLY"), os.Getenv("JOURNEYS") == "all"
	for _, p := range h.catalogue.Services() {
		if only != "" && only != string(p.ID) {
			continue
		}
		mine, lacks := h.of(t, p, all)
		if all {
			missing = append(missing, lacks...)
		}
		if os.Getenv("SCREENS") != "" && len(mine) > 0 {
			mine = slices.DeleteFunc(mine, func(j journey) bool { return j.Rule != "" || !j.JS })[:1]
		}
		out = append(out, mine...)
	}
	return out, missing
}

// of are the journeys of one service: all, or one variant in both modes and one
// rule.
func (h *theatre) of(t *testing.T, p *procedures.Procedure, all bool) (out []journey, missing []string) {
	t.Helper()
	seen := map[string]bool{}
	against := func(rule string, s *procedures.Scenario) {
		if r := ruleOf(p, rule); r == nil || r.Warning || seen["rule "+rule] {
			return
		}
		seen["rule "+rule] = true
		n := len(seen)
		out = append(out, journey{Procedure: p.ID, Story: s.ID, Rule: rule, Lang: []string{"vi", "en"}[n%2], JS: n/2%2 == 0, story: s, proc: p})
	}
	var sound []*procedures.Scenario
	ruled := func() bool { return slices.ContainsFunc(out, func(j journey) bool { return j.Rule != "" }) }
	for _, s := range p.Scenarios {
		if !all && len(sound) > 0 && ruled() {
			return out, nil
		}
		if len(s.Expect.Problems) == 1 {
			if rule := only(h.review(t, p, s)); rule != "" {
				against(rule, s)
			}
		}
		way := fmt.Sprint(s.Answers, s.Applicant, s.For, s.Given)
		if len(s.Expect.Problems) > 0 || len(s.Contests) > 0 || seen["way "+way] || !all && len(sound) > 0 {
			continue
		}
		seen["way "+way] = true
		r := h.review(t, p, s)
		variant := r.Draft.Variant
		if seen["variant "+variant] || len(r.Missing)+len(faults(r)) > 0 {
			continue
		}
		seen["variant "+variant] = true
		sound = append(sound, s)
		for _, mode := range []journey{{Lang: "vi", JS: true}, {Lang: "en"}} {
			mode.Procedure, mode.Story, mode.Variant, mode.story, mode.proc = p.ID, s.ID, variant, s, p
			out = append(out, mode)
		}
	}
	for _, v := range p.Variants {
		if !seen["variant "+v.ID] {
			missing = append(missing, fmt.Sprintf("%s under variant %s", p.ID, v.ID))
		}
	}
	for _, s := range sound {
		for _, wrong := range slips(p, s) {
			if !all && ruled() {
				return out, nil
			}
			if rule := only(h.review(t, p, wrong)); rule != "" {
				against(rule, wrong)
			}
		}
	}
	return out, missing
}

// only is the one thing that is wrong with a draft; empty: nothing, or more.
func only(r *cases.Review) string {
	if wrong := faults(r); len(wrong) == 1 {
		return wrong[0].Rule
	}
	return ""
}

// faults are the problems that keep a draft from being filed.
func faults(r *cases.Review) []forms.Problem {
	return slices.DeleteFunc(slices.Clone(r.Problems), func(p forms.Problem) bool { return p.Warning })
}

func ruleOf(p *procedures.Procedure, id string) *forms.Rule {
	i := slices.IndexFunc(p.Form.Rules, func(r *forms.Rule) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return p.Form.Rules[i]
}

// programme hands the walker one journey after the other, each on a stage that
// is set for it, and hears how the one before ended.
type programme struct {
	t        *testing.T
	house    *theatre
	journeys []journey

	mu   sync.Mutex
	next int
	well int
}

// ServeHTTP answers POST /next with the next journey, 204 after the last; its
// body says what was wrong with the one before.
func (p *programme) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var ended struct{ Fault string }
	if err := json.NewDecoder(r.Body).Decode(&ended); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if p.next > 0 {
		if ended.Fault == "" {
			p.well++
		} else {
			p.t.Errorf("%s, story %s: %s", p.journeys[p.next-1], p.journeys[p.next-1].Story, ended.Fault)
		}
	}
	if p.next == len(p.journeys) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	j := p.journeys[p.next]
	p.next++
	if err := p.house.set(r.Context(), j.proc, j.story); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(p.house.told(j))
}

// needs of the walker: see generated.mjs.
type told struct {
	Name        string                         `json:"name"`
	Procedure   procedures.ID                  `json:"procedure"`
	Start       string                         `json:"start"`
	Lang        string                         `json:"lang"`
	JS          bool                           `json:"js"`
	Subject     string                         `json:"subject"`
	Inputs      map[string]map[string][]string `json:"inputs"` // by section and name
	Attachments []string                       `json:"attachments"`
	Says        string                         `json:"says"` // words with which it has to end, up to the first value in them
	Refused     bool                           `json:"refused"`
}

func (h *theatre) told(j journey) told {
	subject := j.story.For
	if subject == "" {
		subject = j.story.Applicant
	}
	out := told{Name: j.String(), Procedure: j.Procedure, Start: "/thu-tuc/" + string(j.Procedure) + "/cho-ai", Lang: j.Lang, JS: j.JS, Subject: subject, Attachments: j.story.Attachments,
		Inputs: map[string]map[string][]string{}}
	for _, s := range j.proc.Form.Sections {
		answers, _ := j.story.Answers[s.Name].(map[string]any)
		answers = stage.Plain(answers)
		inputs := map[string][]string{}
		for _, q := range s.Fields {
			for name, v := range q.Inputs(answers[q.Name], q.Name) {
				inputs[name] = v
			}
		}
		out.Inputs[s.Name] = inputs
	}
	if j.Rule != "" {
		text := ruleOf(j.proc, j.Rule).Text
		out.Refused, out.Says = true, text.VI
		if j.Lang == "en" {
			out.Says = text.EN
		}
		out.Says, _, _ = strings.Cut(out.Says, "{")
	}
	return out
}

// listen is a server on loopback whose handler may be set later.
func listen(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// newTheatre is a portal over a database that is set anew for each journey.
func newTheatre(t *testing.T) *theatre {
	t.Helper()
	h := &theatre{catalogue: shipped.WithScenarios()}
	server, err := stage.Connect(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	if h.db, err = server.Database(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.db.Close)
	h.server = listen(t, h)
	return h
}
