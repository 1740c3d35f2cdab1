package cases

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/internal/law"
	"github.com/hoso-gov/hoso/workflow"
)

// entry is something that happens to a case's term.
type entry struct {
	At   time.Time
	What string // running, paused, off, restart, extend, redate
	N    int    // of extend: units; of redate: the revision
}

// fold carries what happened into a term, as steps do.
func fold(t *term, list []entry) {
	for _, e := range list {
		switch e.What {
		case "restart":
			t.restart(e.At)
		case "extend":
			t.Extended = append(t.Extended, calendar.Extension{At: e.At, N: e.N})
		case "redate":
			t.Calendar = calendar.VietnamRevisions()[e.N-1].Revision().String()
		default:
			t.set(workflow.ClockMode(e.What), e.At)
		}
	}
}

// told is the same in the words of the law: what was received, by how much it
// counts, and when it stood still.
func told(start time.Time, limit calendar.Duration, list []entry) (l law.Term, revision int) {
	l, revision = law.Term{Received: start, N: limit.N, Unit: string(limit.Unit)}, 1
	var since time.Time
	for _, e := range list {
		switch e.What {
		case "running":
			if !since.IsZero() {
				l.Stops = append(l.Stops, law.Stop{From: since, To: e.At})
			}
			since = time.Time{}
		case "paused", "off":
			if since.IsZero() {
				since = e.At
			}
		case "restart":
			l.Received, l.N, l.Stops = e.At, limit.N, nil
			if !since.IsZero() {
				since = e.At
			}
		case "extend":
			l.N += e.N
		case "redate":
			revision = e.N
		}
	}
	if !since.IsZero() {
		l.Stops = append(l.Stops, law.Stop{From: since})
	}
	return l, revision
}

// However a case's term is paused, goes on, begins anew, is lengthened and
// counted by another revision: what is stored gives the end that the law gives,
// also after it was written and read. A fold that forgets one of these is found out.
func TestTermOfRandomLives(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("HOSO_SEED"), 10, 64); err == nil {
		seed = s
	}
	r := rand.New(rand.NewPCG(seed, 7))
	modes := []string{"running", "running", "paused", "paused", "off", "restart", "extend", "redate"}
	caught := map[string]bool{}
	for i := range 2_000 {
		start := time.Date(2026, 10, 5, 7, 0, 0, 0, calendar.Hanoi).Add(time.Duration(r.IntN(30*24*4)) * 15 * time.Minute)
		limit := calendar.Duration{N: 1 + r.IntN(12), Unit: []calendar.Unit{calendar.WorkingDays, calendar.Days, calendar.WorkingHours}[r.IntN(3)]}
		at, list := start, []entry{}
		for range r.IntN(7) {
			at = at.Add(time.Duration(r.IntN(4*24*4)) * 15 * time.Minute)
			list = append(list, entry{At: at, What: modes[r.IntN(len(modes))], N: 1 + r.IntN(3)})
		}
		now := at.Add(time.Duration(r.IntN(3*24*4)) * 15 * time.Minute)
		whole := term{Start: start, Limit: limit, Calendar: calendar.VietnamRevisions()[0].Revision().String()}
		fold(&whole, list)
		stored, err := json.Marshal(&whole)
		if err != nil {
			t.Fatal(err)
		}
		got := termEnd(t, stored, now)
		lawful, revision := told(start, limit, list)
		want, ok := law.Due(lawOffice(calendar.VietnamRevisions()[revision-1], start), lawful, now)
		if !ok || !got.Equal(want) {
			t.Fatalf("HOSO_SEED=%d, run %d: %s ends %s, by the law %s; %s", seed, i, limit, got, want, stored)
		}
		for _, forgotten := range []string{"running", "paused", "restart", "extend", "redate"} {
			var rest []entry
			for _, e := range list {
				if e.What != forgotten {
					rest = append(rest, e)
				}
			}
			wrong, revision := told(start, limit, rest)
			if due, ok := law.Due(lawOffice(calendar.VietnamRevisions()[revision-1], start), wrong, now); !ok || !due.Equal(got) {
				caught[forgotten] = true
			}
		}
	}
	for _, forgotten := range []string{"running", "paused", "restart", "extend", "redate"} {
		if !caught[forgotten] {
			t.Errorf("HOSO_SEED=%d: no life finds out who forgets %s", seed, forgotten)
		}
	}
}

// termEnd is the end of a stored term.
func termEnd(t *testing.T, stored []byte, now time.Time) time.Time {
	t.Helper()
	var read term
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatal(err)
	}
	for _, c := range calendar.VietnamRevisions() {
		if c.Revision().String() == read.Calendar {
			due, err := read.end(c, now)
			if err != nil {
				t.Fatal(err)
			}
			return due
		}
	}
	t.Fatalf("no calendar %q", read.Calendar)
	return time.Time{}
}

func lawOffice(c *calendar.Calendar, start time.Time) law.Office {
	return law.Office{Works: c.Working, Until: start.AddDate(0, 0, 150),
		Parts: [][2]time.Duration{{7*time.Hour + 30*time.Minute, 11*time.Hour + 30*time.Minute}, {13 * time.Hour, 17 * time.Hour}}}
}

// Where the law takes silence for the decision, the history names its article.
func TestSilenceNamesItsArticle(t *testing.T) {
	t.Parallel()
	o := newCounter(t, 3, "after: {30d: {to: lapsed}}", `after: {5wd: {to: granted, tacit: true, law: "Luật Chợ, Điều 9"}, 30d: {to: lapsed}}`)
	c := o.fair("counter")
	o.act(handler, o.get(handler, c.Code), "ask", Input{})
	o.at("2026-11-09 17:00")
	var due []Timer
	_, err := o.DueTimers(t.Context(), 10, func(_ context.Context, _ pgx.Tx, ts []Timer) error { due = ts; return nil })
	o.ok(err)
	for _, timer := range due {
		o.ok(o.Fire(t.Context(), timer))
	}
	got := o.get(lan, c.Code)
	if title := got.Events[len(got.Events)-1].Title; got.Outcome != "granted" || !strings.Contains(title.VI, "theo Luật Chợ, Điều 9") || !strings.Contains(title.EN, "Silence decides, by Luật Chợ, Điều 9") {
		t.Errorf("ended as %q: %+v", got.Outcome, title)
	}
}
