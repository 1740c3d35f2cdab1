package jobs

import (
	"strings"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/notice"
)

// Officers are warned by mail without personal data; a mail that could not be
// sent is sent by a later sweep under the same key, and each step once.
func TestWarningsAreMailed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.file(3) // Thursday 26 November, 9:00; reception has until Friday 17:00
	h.drain()
	h.wait(28*time.Hour + time.Minute) // Friday 13:01
	h.mu.Lock()
	h.mails, h.mailFails = nil, notice.ErrBusy
	h.mu.Unlock()
	if err := h.jobs.SweepTerms(t.Context()); err == nil {
		t.Error("a mail server that is down was not noticed")
	}
	if n := one[int](h, `SELECT count(*) FROM case_escalations WHERE case_id = $1 AND told_at IS NULL`, c.ID); n != 1 {
		t.Fatalf("%d warnings wait to be told, want 1", n)
	}
	h.mu.Lock()
	h.mailFails = nil
	h.mu.Unlock()
	must(t, h.jobs.SweepTerms(t.Context()))
	if len(h.mails) != 0 {
		t.Error("another node may have it in hand")
	}
	h.wait(2 * time.Minute)
	for range 2 {
		must(t, h.jobs.SweepTerms(t.Context()))
	}
	h.wait(4 * time.Hour) // 17:03
	for range 2 {
		must(t, h.jobs.SweepTerms(t.Context()))
	}
	if len(h.mails) != 2 || h.mails[0].Key == h.mails[1].Key || !strings.Contains(h.mails[0].Subject, "Sắp đến hạn") || !strings.Contains(h.mails[1].Subject, "quá hạn") {
		t.Fatalf("mails are %+v, want a reminder and that it is late", h.mails)
	}
	for _, m := range h.mails {
		if !strings.HasSuffix(m.To, "@canbo.hoso.example") || !strings.Contains(m.Text, string(c.Code)) || !strings.HasSuffix(m.Link, string(c.Code)) {
			t.Errorf("the mail is %+v", m)
		}
		if strings.Contains(m.Text, c.ApplicantName) || strings.Contains(m.Text, an) {
			t.Errorf("the mail holds personal data: %s", m.Text)
		}
	}
	if got := h.state(c); got != "intake" {
		t.Errorf("being late led to %s", got)
	}
}

// The letter of apology of a case that will be late is printed and signed, and
// the citizen is told by mail, before the old date passes.
func TestApologyIsIssued(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "    clock: paused\n    open:", "    open:") // the term runs while opinions are awaited
	c := h.file(3)
	h.drain()
	h.act(officer("reception", c), c.Code, "accept", cases.Input{})
	h.drain()
	due := h.now1(c).DueAt
	h.set(due.Add(-24 * time.Hour))
	h.drain()
	got := h.now1(c)
	var letters int
	for _, d := range got.Documents {
		if d.Kind == "apology" && d.IssuedAt.Before(due) && strings.Contains(d.Number, "/XL") {
			letters++
		}
	}
	if letters != 1 || !got.NewDate.After(due) || !got.DueAt.Equal(due) {
		t.Errorf("%d letters; due %s, then %s: %+v", letters, got.DueAt, got.NewDate, got.Documents)
	}
	told := 0
	for _, m := range h.mails {
		if strings.Contains(m.Text, "xin lỗi Ông/Bà") && strings.Contains(m.Text, "apologises") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the citizen was told %d times", told)
	}
}

// now1 is the case as its applicant sees it now.
func (h *house) now1(c *cases.Case) *cases.Case {
	h.t.Helper()
	got, err := h.cases.Get(h.t.Context(), citizen(an), c.Code)
	must(h.t, err)
	return got
}
