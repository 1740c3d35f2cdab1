package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/web/api"
	"github.com/hoso-gov/hoso/web/site"
)

// town is a house with cases at random agencies, of which one in three has been
// taken over by the next, and calls by actors who need no sign-in.
type town struct {
	*house
	calls    http.Handler
	agencies []agency.ID
	heir     map[agency.ID]agency.ID
	at       map[string][2]agency.ID // code → receiving, competent
}

func newTown(t *testing.T, n int) *town {
	t.Helper()
	h := newHouse(t)
	w := &town{house: h, heir: map[agency.ID]agency.ID{}, at: map[string][2]agency.ID{}}
	origin := h.file(phong, object{"procedure": "camera-fine-payment", "answers": object{"search": object{"mode": "mine", "mine": "123/QĐ-XPHC"}}}).text("code")
	ctx, owner, r := t.Context(), pgtest.Owner(t, h.db), rand.New(rand.NewPCG(5, 6))
	rows, err := h.db.Query(ctx, `SELECT id FROM agencies WHERE kind = 'commune-police' ORDER BY id LIMIT 12`)
	must(t, err)
	for rows.Next() {
		var id agency.ID
		must(t, rows.Scan(&id))
		w.agencies = append(w.agencies, id)
	}
	must(t, rows.Err())
	for i, id := range w.agencies {
		if w.heir[id] = id; i%3 == 1 {
			w.heir[id] = w.agencies[i+1]
			_, err := owner.Exec(ctx, `UPDATE agencies SET valid_to = '2026-01-01', succeeded_by = $2 WHERE id = $1`, id, w.agencies[i+1])
			must(t, err)
		}
	}
	for i := range n {
		id, code := uuid.Must(uuid.NewV7()), fmt.Sprintf("H01.00004-261102-9%05d", i)
		at := [2]agency.ID{w.agencies[r.IntN(12)], w.agencies[r.IntN(12)]}
		// The shape of a case that was filed: its rows again, under another id and code, at other agencies.
		for _, sql := range []string{
			`INSERT INTO cases (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent, filed_at, memory, clock, head_hash, fee)
				SELECT $1, $2, procedure_id, definition, variant, state, revision, $3, $3, $4, $5, filed_at, memory, clock, head_hash, fee FROM cases WHERE code = $6`,
			`INSERT INTO case_bodies (case_id, revision, applicant_name, subject_name, answers, contests, records, session, given, digest, tokens)
				SELECT $1, b.revision, 'Tìm ' || $2, $3, answers, contests, records, session, given, digest, ARRAY['@' || $4, '@' || $5, 'tim'] FROM case_bodies b JOIN cases c ON c.id = b.case_id WHERE c.code = $6`,
			`INSERT INTO case_codes (case_id, code) SELECT $1, $2 WHERE $3 || $4 || $5 || $6 <> ''`,
			`INSERT INTO case_events (case_id, seq, command_id, req_hash, kind, event, from_state, to_state, actor_kind, actor, actor_name, at, input, prev_hash, hash)
				SELECT $1, e.seq, e.command_id, e.req_hash, e.kind, e.event, from_state, to_state, actor_kind, actor, actor_name, at, input, prev_hash, hash
				FROM case_events e JOIN cases c ON c.id = e.case_id WHERE c.code = $6 AND $2 || $3 || $4 || $5 <> ''`,
		} {
			_, err := h.db.Exec(ctx, sql, id, code, person(i), string(at[0]), string(at[1]), origin)
			must(t, err)
		}
		w.at[code] = at
	}
	_, err = owner.Exec(ctx, `SELECT recount_cases()`)
	must(t, err)
	clock := func() time.Time { return today }
	agencies, err := agency.New(ctx, agency.Config{DB: h.db, Now: clock})
	must(t, err)
	service, err := cases.New(ctx, cases.Config{DB: h.db, Procedures: h.catalogue, Agencies: agencies, Calendar: calendar.Vietnam(), Records: registry.Directory{},
		Outbox: jobs.Outbox{}, Now: clock})
	must(t, err)
	s := &site.Site{DB: h.db, Cases: service, Procedures: h.catalogue, Agencies: agencies, BaseURL: "http://town", Now: clock, Log: slog.New(faults{slog.DiscardHandler, t})}
	s.Identity, err = identity.New(identity.Config{DB: h.db, Issuer: h.box.Addresses().Issuer, ClientID: h.box.Addresses().ClientID, BaseURL: "http://town",
		Officer: func(context.Context, string) (agency.Actor, bool, error) { return agency.Actor{}, false, nil },
		Problem: func(w http.ResponseWriter, r *http.Request, _ int, err error) { s.Fail(w, r, err) }})
	must(t, err)
	w.calls = http.StripPrefix(api.Path, api.Handler(s))
	return w
}

// person is the number of the i-th of ten people.
func person(i int) string { return fmt.Sprintf("00120000000%d", i%10) }

// ask makes a call as an actor and returns status, header and body.
func (w *town) ask(a agency.Actor, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, api.Path+path, nil)
	r = r.WithContext(identity.With(r.Context(), &identity.Principal{Actor: a, Subject: a.ID}))
	out := httptest.NewRecorder()
	w.calls.ServeHTTP(out, r)
	return out
}

func (w *town) read(a agency.Actor, path string, into any) {
	w.t.Helper()
	res := w.ask(a, path)
	if res.Code != http.StatusOK {
		w.t.Fatalf("%s answers %d: %s", path, res.Code, res.Body)
	}
	must(w.t, json.Unmarshal(res.Body.Bytes(), into))
}

// Over HTTP too an actor's set of cases is the same through list, count, export,
// item and feed, for 50 officers and all citizens.
func TestOneSetOfCasesOverHTTP(t *testing.T) {
	t.Parallel()
	w := newTown(t, 60)
	r := rand.New(rand.NewPCG(8, 9))
	var actors []agency.Actor
	for i := range 50 {
		a := agency.Actor{Kind: agency.Officer, ID: fmt.Sprintf("officer-%d", i), Level: 2}
		for range 1 + r.IntN(3) {
			a.Seats = append(a.Seats, agency.Seat{Agency: w.agencies[r.IntN(12)], Role: "handler"})
		}
		actors = append(actors, a)
	}
	for i := range 10 {
		actors = append(actors, agency.Actor{Kind: agency.Citizen, ID: person(i), Level: 2})
	}
	taken := 0
	for i, a := range actors {
		want := w.expected(a, w.heir)
		if !slices.Equal(want, w.expected(a, nil)) {
			taken++
		}
		ways := map[string][]string{"list": w.byList(a), "feed": w.byFeed(a)}
		if a.Kind == agency.Officer {
			ways["export"] = w.byExport(a)
		}
		if i%5 == 0 {
			ways["item"] = w.byItem(a)
		}
		for way, got := range ways {
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s %v, %s (-want +got):\n%s", a.ID, a.Seats, way, d)
			}
		}
	}
	if taken == 0 {
		t.Error("no officer sees a case by succession: a rule without it would pass")
	}
}

// expected are the codes that the rule gives an actor; without heirs it is a mutant's.
func (w *town) expected(a agency.Actor, heir map[agency.ID]agency.ID) []string {
	out := []string{}
	for i, code := range slices.Sorted(maps.Keys(w.at)) {
		at := w.at[code]
		if heir != nil {
			at = [2]agency.ID{heir[at[0]], heir[at[1]]}
		}
		if a.At(at[0]) || a.At(at[1]) || a.Kind == agency.Citizen && a.ID == person(i) {
			out = append(out, code)
		}
	}
	return out
}

// ours leaves out the case that the others were made from, sorted and each once.
func (w *town) ours(set map[string]bool) []string {
	out := []string{}
	for _, code := range slices.Sorted(maps.Keys(set)) {
		if _, ok := w.at[code]; ok {
			out = append(out, code)
		}
	}
	return out
}

func (w *town) byList(a agency.Actor) []string {
	set := map[string]bool{}
	for path := "/cases?limit=7"; path != ""; {
		var page struct {
			Items []struct{ Code string }
			Next  *string
		}
		w.read(a, path, &page)
		for _, it := range page.Items {
			set[it.Code] = true
		}
		if path = ""; page.Next != nil {
			path = strings.TrimPrefix(*page.Next, "http://town"+api.Path)
		}
	}
	if a.Kind == agency.Officer {
		var counted struct {
			Counts map[string]struct{ Number int }
		}
		w.read(a, "/worklist?tab=all&limit=1", &counted)
		if n := counted.Counts["all"].Number; n != len(set) {
			w.t.Errorf("%s: %d are counted, %d listed", a.ID, n, len(set))
		}
	}
	return w.ours(set)
}

func (w *town) byExport(a agency.Actor) []string {
	set, next := map[string]bool{}, ""
	for range 10 {
		res := w.ask(a, "/worklist/export?tab=all&limit=25&cursor="+next)
		if res.Code != http.StatusOK || res.Header().Get("Content-Type") != "application/jsonl" {
			w.t.Fatalf("export answers %d as %s: %s", res.Code, res.Header(), res.Body)
		}
		lines := strings.Split(strings.TrimSpace(res.Body.String()), "\n")
		for _, line := range lines[:len(lines)-1] {
			var row struct{ Code string }
			must(w.t, json.Unmarshal([]byte(line), &row))
			set[row.Code] = true
		}
		var end struct {
			Cases int
			Next  *string
		}
		must(w.t, json.Unmarshal([]byte(lines[len(lines)-1]), &end))
		if end.Cases != len(lines)-1 {
			w.t.Errorf("the last line tells %d cases of %d", end.Cases, len(lines)-1)
		}
		if end.Next == nil {
			return w.ours(set)
		}
		next = *end.Next
	}
	w.t.Fatal("the export does not end")
	return nil
}

func (w *town) byFeed(a agency.Actor) []string {
	set, after := map[string]bool{}, ""
	for more := true; more; {
		var page struct {
			Items []map[string]any
			Next  string
			More  bool
		}
		w.read(a, "/events?limit=40&after="+after, &page)
		for _, it := range page.Items {
			set[it["case"].(string)] = true
			if strings.Contains(fmt.Sprint(it), "00120000000") {
				w.t.Errorf("an event of the feed names a person: %v", it)
			}
		}
		after, more = page.Next, page.More
	}
	return w.ours(set)
}

func (w *town) byItem(a agency.Actor) []string {
	set := map[string]bool{}
	for code := range w.at {
		switch res := w.ask(a, "/cases/"+code); res.Code {
		case http.StatusOK:
			set[code] = true
		case http.StatusNotFound:
		default:
			w.t.Fatalf("%s answers %d: %s", code, res.Code, res.Body)
		}
	}
	return w.ours(set)
}
