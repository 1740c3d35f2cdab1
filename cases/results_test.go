package cases

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/registry"
)

// issue gives a case a paper, as a worker does, and returns its id.
func (o *office) issue(c *Case, effect, name, number string, withdrawn bool) uuid.UUID {
	o.t.Helper()
	id := uuid.New()
	_, form := kindOfPaper(effect, name)
	_, err := o.db.Exec(o.t.Context(), `
		WITH effect AS (
			INSERT INTO case_effects (case_id, seq, idx, type, name, key, status, created_at)
			VALUES ($2, 1, 100 + (SELECT count(*) FROM case_documents WHERE case_id = $2), $3, $4, $1, 2, $7))
		INSERT INTO case_documents (id, case_id, kind, title, number, sha256, content, issued_at, agency, withdrawn_at)
		VALUES ($1, $2, $5, '{"vi": "Giấy phép", "en": "Licence"}', $6, 'sum', '%PDF', $7, 'UB-00070', CASE WHEN $8 THEN $7::timestamptz END)`,
		id, c.ID, effect, name, form, number, o.time, withdrawn)
	o.ok(err)
	return id
}

// withValidity is withSupplement whose papers say how long they hold.
func withValidity(t *testing.T) fstest.MapFS {
	t.Helper()
	out := withSupplement(t)
	text := string(out["stall/procedure.yaml"].Data)
	for old, now := range map[string]string{
		`number: "{seq}/GP", `:            `number: "{seq}/GP", validity: {vi: Mười năm, en: Ten years}, `,
		`refusal: {title: {vi: Từ chối, `: `refusal: {validity: {vi: Một lần, en: Once}, title: {vi: Từ chối, `,
	} {
		if strings.Count(text, old) != 1 {
			t.Fatalf("%q stands there %d times", old, strings.Count(text, old))
		}
		text = strings.Replace(text, old, now, 1)
	}
	out["stall/procedure.yaml"].Data = []byte(text)
	return out
}

// A citizen finds the results of the cases that they filed, for a child too, and
// of those about them, newest first, withdrawn ones among them; letters and
// receipts only when all papers are asked for, and never anything of a stranger's.
func TestResults(t *testing.T) {
	t.Parallel()
	o := newOfficeOf(t, withValidity(t))
	at := received{Receiving: "UB-00070", Competent: "UB-00070"}
	own, child, about, stranger := at, at, at, at
	own.Applicant, own.Name = lan.ID, lan.Name
	child.Applicant, child.Name, child.Subject, child.SubjectName = lan.ID, lan.Name, number(1), "Nguyễn Bé"
	about.Applicant, about.Name, about.Subject, about.SubjectName = minh.ID, minh.Name, lan.ID, lan.Name
	stranger.Applicant, stranger.Name = minh.ID, minh.Name
	cases := map[string]*Case{}
	for _, c := range []struct {
		name string
		received
		effect, doc, number string
		withdrawn           bool
	}{
		{"own", own, EffectResult, "", "1/GP", false}, {"child", child, EffectResult, "", "2/GP", false}, {"about", about, EffectResult, "refusal", "3/GP", false},
		{"stranger", stranger, EffectResult, "", "4/GP", false}, {"withdrawn", own, EffectResult, "", "5/GP", true},
		{"letter", own, EffectLetter, "refusal", "", false}, {"receipt", own, EffectReceipt, "", "1/PH", false},
	} {
		o.pass(time.Hour)
		cases[c.name] = o.receive(c.received)
		o.issue(cases[c.name], c.effect, c.doc, c.number, c.withdrawn)
	}
	told := func(a agency.Actor, filter ResultFilter) (out []string) {
		t.Helper()
		list, next, err := o.Results(t.Context(), a, filter, "", 0)
		o.ok(err)
		if next != "" {
			t.Errorf("%s has a second page", a.Name)
		}
		for _, r := range list {
			if _, content, err := o.Document(t.Context(), a, r.Code, r.ID); err != nil || string(content) != "%PDF" || r.Procedure != "stall" || r.ProcedureTitle.VI != "Mở sạp hàng" || r.Agency != "UB-00070" {
				t.Errorf("%+v: %v", r, err)
			}
			line := fmt.Sprintf("%s %s [%s] %s", r.Kind, r.Number, r.Validity.EN, r.Subject)
			if !r.Withdrawn.IsZero() {
				line += " withdrawn"
			}
			out = append(out, strings.TrimSpace(line))
		}
		return out
	}
	for _, tt := range []struct {
		who    agency.Actor
		filter ResultFilter
		want   []string
	}{
		{lan, "", []string{"result 5/GP [Ten years]  withdrawn", "result 3/GP [Once]", "result 2/GP [Ten years] Nguyễn Bé", "result 1/GP [Ten years]"}},
		{lan, AllPapers, []string{"receipt 1/PH []", "refusal  [Once]", "result 5/GP [Ten years]  withdrawn", "result 3/GP [Once]", "result 2/GP [Ten years] Nguyễn Bé", "result 1/GP [Ten years]"}},
		{minh, AllPapers, []string{"result 4/GP [Ten years]", "result 3/GP [Once] Nguyễn Thị Lan"}},
		{citizen(number(1), "Nguyễn Bé"), "", []string{"result 2/GP [Ten years]"}},
		{citizen(number(99), "Người Lạ"), AllPapers, nil},
	} {
		if d := cmp.Diff(tt.want, told(tt.who, tt.filter)); d != "" {
			t.Errorf("%s %q (-want +got):\n%s", tt.who.Name, tt.filter, d)
		}
	}
	for _, a := range []agency.Actor{hand70, {}} {
		if _, _, err := o.Results(t.Context(), a, "", "", 0); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s %s: %v", a.Kind, a.ID, err)
		}
	}
	if _, _, err := o.Results(t.Context(), lan, "letters", "", 0); err == nil {
		t.Error("a filter that is none of ours")
	}
}

// Pages fit together, also between papers of one instant; a cursor that no list
// gave out is refused.
func TestResultsByPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	want := map[uuid.UUID]bool{}
	for i := range 7 {
		c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
		want[o.issue(c, EffectResult, "", "", false)] = true
		if i%3 == 2 {
			o.pass(time.Minute)
		}
	}
	after, pages, last := "", 0, Issued{Document: Document{IssuedAt: o.time.Add(time.Hour)}}
	for {
		list, next, err := o.Results(t.Context(), lan, "", after, 2)
		o.ok(err)
		for _, r := range list {
			if !want[r.ID] || r.IssuedAt.After(last.IssuedAt) || r.IssuedAt.Equal(last.IssuedAt) && r.ID.String() > last.ID.String() {
				t.Errorf("%s of %s after %s of %s", r.ID, r.IssuedAt, last.ID, last.IssuedAt)
			}
			delete(want, r.ID)
			last = r
		}
		pages++
		if after = next; next == "" {
			break
		}
	}
	if len(want) > 0 || pages != 4 {
		t.Errorf("%d pages, without %v", pages, want)
	}
	_, _, err := o.Results(t.Context(), lan, "", "x", 2)
	if e := (*CursorError)(nil); !errors.As(err, &e) {
		t.Errorf("a made-up cursor: %v", err)
	}
}

// One's own card is read alone, and the read is in one's log. A database that
// does not answer is a state, as for who holds no card; officers have no such page.
func TestCard(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	got, err := o.Card(t.Context(), an)
	o.ok(err)
	if got.State != registry.Fetched || got.Number != an.ID || got.IssuedOn.IsZero() || !got.ExpiresOn.After(got.IssuedOn) || got.AsOf.IsZero() {
		t.Errorf("An's card: %+v", got)
	}
	_, err = o.db.Exec(t.Context(), `UPDATE identity_documents SET expires_on = NULL WHERE resident = $1`, an.ID)
	o.ok(err)
	if got, err = o.Card(t.Context(), an); err != nil || got.State != registry.Fetched || !got.ExpiresOn.IsZero() {
		t.Errorf("a card for good: %+v %v", got, err)
	}
	_, err = o.db.Exec(t.Context(), `UPDATE identity_documents SET revoked_on = issued_on + 1 WHERE resident = $1`, an.ID)
	o.ok(err)
	if got, err = o.Card(t.Context(), an); err != nil || got.State != registry.Empty {
		t.Errorf("a card that was revoked: %+v %v", got, err)
	}
	reads, _, err := audit.Reads(t.Context(), o.db, an.ID, "", 10)
	o.ok(err)
	var fields []string
	for _, r := range reads {
		fields = append(fields, fmt.Sprint(r.Reader, r.Basis, r.Fields, r.Purpose))
	}
	line := an.ID + "self[identityCard]Xem giấy tờ của mình"
	if d := cmp.Diff([]string{an.ID + "self[none]Xem giấy tờ của mình", line, line}, fields); d != "" {
		t.Errorf("the log (-want +got):\n%s", d)
	}
	for _, fault := range []error{nil, errors.New("boom")} {
		o.cfg.Records.(registry.Directory).Add(registry.SourceFunc(func(_ context.Context, r registry.Request) (registry.Record, error) {
			return registry.Record{Kind: r.Kind, State: registry.Unavailable}, fault
		}), "identityCard")
		if got, err = o.Card(t.Context(), an); err != nil || got != (Card{State: registry.Unavailable}) {
			t.Errorf("out of reach, %v: %+v %v", fault, got, err)
		}
	}
	if _, err := o.Card(t.Context(), hand70); !errors.Is(err, ErrForbidden) {
		t.Errorf("an officer: %v", err)
	}
}
