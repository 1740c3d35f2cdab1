package cases

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
)

// dat has an unpaid fine and an auctioned number plate.
var dat = agency.Actor{Kind: agency.Citizen, ID: "001204000560", Name: "Nguyễn Tiến Đạt", Level: 2}

func on(year int, month time.Month, day, hour int) time.Time {
	return time.Date(year, month, day, hour, 0, 0, 0, calendar.Hanoi)
}

// offered names what is offered to the actor now, as procedure/offer.
func (o *office) offeredTo(a agency.Actor) []string {
	o.t.Helper()
	list, err := o.Offers(o.t.Context(), a)
	o.ok(err)
	var out []string
	for _, x := range list {
		out = append(out, string(x.Procedure.ID)+"/"+x.ID)
		if x.Text.VI == "" || x.Text.EN == "" || strings.Contains(x.Text.VI+x.Text.EN, "{") {
			o.t.Errorf("%s is offered with the text %+v", out[len(out)-1], x.Text)
		}
	}
	return out
}

// Each offer of the shipped definitions is made to somebody of the
// demonstration, on some day, and not to somebody else on the same day.
func TestOffersOfTheDemonstration(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	made := map[string]bool{}
	for _, tt := range []struct {
		offer, to string
		day       time.Time
	}{
		{"birth-interlinked/child-to-register", "079196000108", on(2026, time.November, 24, 9)},
		{"camera-fine-payment/fine-unpaid", "001085000112", on(2026, time.November, 24, 9)},
		{"driving-licence-renewal/licence-expiring", "001086000520", on(2026, time.November, 24, 9)},
		{"household-health-insurance-renewal/cards-ending", "001080000620", on(2026, time.November, 24, 9)},
		{"identity-card-reissue/card-expired", "001086000337", on(2026, time.November, 24, 9)},
		{"identity-card-reissue/card-expiring", "001201000328", on(2026, time.November, 24, 9)},
		{"motorcycle-registration/auctioned-plate", dat.ID, on(2026, time.November, 24, 9)},
		{"national-exam-registration/registration-open", "001208000660", on(2026, time.April, 27, 9)},
		{"ordinary-passport/passport-expired", "001082000546", on(2026, time.November, 24, 9)},
		{"ordinary-passport/passport-expiring", "001085000542", on(2029, time.July, 15, 9)},
		{"temporary-residence/term-ending", "040090000319", on(2026, time.November, 24, 9)},
		{"unemployment-benefit/benefit-open", "001090000650", on(2026, time.November, 24, 9)},
	} {
		o.time, made[tt.offer] = tt.day, true
		if got := o.offeredTo(agency.Actor{Kind: agency.Citizen, ID: tt.to, Level: 2}); !slices.Contains(got, tt.offer) {
			t.Errorf("%s is not offered to %s on %s, only %v", tt.offer, tt.to, dayOf(tt.day), got)
		}
		if got := o.offeredTo(an); slices.Contains(got, tt.offer) {
			t.Errorf("%s is offered to An on %s too", tt.offer, dayOf(tt.day))
		}
	}
	for _, p := range o.cfg.Procedures.Services() {
		for _, x := range p.Offers {
			if name := string(p.ID) + "/" + x.ID; !made[name] {
				t.Errorf("nobody of the demonstration is offered %s", name)
			}
		}
	}
}

// counted counts how often records of a kind are asked for, and passes on to do.
func (o *office) counted(kind string, do func(context.Context, registry.Request) (registry.Record, error)) *atomic.Int64 {
	records := o.cfg.Records.(registry.Directory)
	var n atomic.Int64
	if before := records[kind]; do == nil {
		do = before.Fetch
	}
	records.Add(registry.SourceFunc(func(ctx context.Context, r registry.Request) (registry.Record, error) {
		n.Add(1)
		return do(ctx, r)
	}), kind)
	return &n
}

// What was found is not asked again for six hours of the same day, unless a
// case of the citizen ends. A record that several procedures want is read once,
// and the citizen finds the read in the log.
func TestOffersAreKept(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	asked := o.counted("myFines", nil)
	begun := o.time
	var last int64
	for _, step := range []struct {
		name  string
		after time.Duration
		do    string // SQL
		again bool
	}{
		{"at first", 0, "", true},
		{"at the next view", time.Minute, "", false},
		{"within six hours", 5*time.Hour + 59*time.Minute, "", false},
		{"six hours later", 6 * time.Hour, "", true},
		{"in the evening", 13 * time.Hour, "", true},
		{"on the next day", 15*time.Hour + time.Minute, "", true},
		{"after a case ended", 16 * time.Hour, `UPDATE cases SET closed_at = $1, outcome = 'granted', state = 'granted'`, true},
		{"once that was seen", 16*time.Hour + time.Minute, "", false},
	} {
		o.time = begun.Add(step.after)
		if step.do != "" {
			o.caseOf(dat, residence)
			_, err := o.db.Exec(t.Context(), step.do, o.time.Add(-time.Second))
			o.ok(err)
		}
		if got, want := o.offeredTo(dat), []string{"camera-fine-payment/fine-unpaid", "motorcycle-registration/auctioned-plate"}; !slices.Equal(got, want) {
			t.Errorf("%s: offered %v, want %v", step.name, got, want)
		}
		if n := asked.Load(); (n > last) != step.again || n > last+1 {
			t.Errorf("%s the registry was asked %d times, want %t", step.name, n-last, step.again)
		}
		last = asked.Load()
		if step.name == "at first" {
			if n := o.count(`SELECT count(*) FROM access_log WHERE subject_number = $1 AND reader = $1 AND basis = 'self' AND purpose LIKE 'Gợi ý việc%' AND 'fullName' = ANY (fields)`, dat.ID); n != 1 {
				t.Errorf("the person's record was read %d times, want once", n)
			}
		}
	}
	o.time = begun.Add(40 * time.Hour)
	_, err := o.RemoveExpired(t.Context())
	o.ok(err)
	if n := o.count(`SELECT count(*) FROM offers`); n != 0 {
		t.Errorf("%d rows are kept when they count no more", n)
	}
}

// caseOf makes an open case of the citizen, of that procedure: An's, in another name.
func (o *office) caseOf(a agency.Actor, id procedures.ID) {
	o.t.Helper()
	c, err := o.File(o.t.Context(), an, Filing{Procedure: residence, Answers: joining()})
	o.ok(err)
	_, err = o.db.Exec(o.t.Context(), `UPDATE cases SET applicant = $2, subject = $2, procedure_id = $3 WHERE id = $1`, c.ID, a.ID, id)
	o.ok(err)
}

// What a draft or an open case is about is not offered.
func TestOffersGiveWay(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	fine, plate := "camera-fine-payment/fine-unpaid", "motorcycle-registration/auctioned-plate"
	d, err := o.StartDraft(t.Context(), dat, "camera-fine-payment", "")
	o.ok(err)
	if got := o.offeredTo(dat); !slices.Equal(got, []string{plate}) {
		t.Errorf("beside a draft: %v", got)
	}
	o.ok(o.Discard(t.Context(), dat, d.ID))
	if got := o.offeredTo(dat); !slices.Equal(got, []string{fine, plate}) {
		t.Errorf("without the draft: %v", got)
	}
	o.caseOf(dat, "motorcycle-registration")
	if got := o.offeredTo(dat); !slices.Equal(got, []string{fine}) {
		t.Errorf("beside a case: %v", got)
	}
	if got := o.offeredTo(agency.Actor{Kind: agency.Citizen, ID: dat.ID, Level: 1}); len(got) != 0 {
		t.Errorf("to who signed in at level 1: %v", got)
	}
	if _, err := o.Offers(t.Context(), agency.Actor{Kind: agency.Officer, ID: "o-1"}); err == nil {
		t.Error("an officer is offered something")
	}
}

// A registry that is slow, or deaf to the time it is given, offers nothing and
// holds up nothing; it is asked again at the next view, and the others are not.
func TestOffersWaitForNobody(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	fine, plate := "camera-fine-payment/fine-unpaid", "motorcycle-registration/auctioned-plate"
	var slow atomic.Bool
	slow.Store(true)
	before := o.cfg.Records.(registry.Directory)["myFines"]
	fines := o.counted("myFines", func(ctx context.Context, r registry.Request) (registry.Record, error) {
		if slow.Load() {
			time.Sleep(4 * time.Second)
		}
		return before.Fetch(ctx, r)
	})
	plates := o.counted("auctionPlates", nil)
	begun := time.Now()
	if got := o.offeredTo(dat); !slices.Equal(got, []string{plate}) {
		t.Errorf("with the fines database slow: %v", got)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("the citizen waited %s", took)
	}
	slow.Store(false)
	if got := o.offeredTo(dat); !slices.Equal(got, []string{fine, plate}) {
		t.Errorf("with the fines database quick again: %v", got)
	}
	if fines.Load() != 2 || plates.Load() != 1 {
		t.Errorf("the fines database was asked %d times, the plates' %d; want 2 and 1", fines.Load(), plates.Load())
	}
}

// One citizen's offers are behind the wall for another.
func TestOffersAreOnesOwn(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	o.offeredTo(dat)
	for who, want := range map[string]int{dat.ID: 1, an.ID: 0} {
		tx, err := o.db.Begin(t.Context())
		o.ok(err)
		_, err = tx.Exec(t.Context(), `SELECT set_config('hoso.citizen', $1, true), set_config('role', 'hoso_reader', true)`, who)
		o.ok(err)
		var n int
		o.ok(tx.QueryRow(t.Context(), `SELECT count(*) FROM offers`).Scan(&n))
		o.ok(tx.Rollback(t.Context()))
		if n != want {
			t.Errorf("%s sees %d rows, want %d", who, n, want)
		}
	}
}
