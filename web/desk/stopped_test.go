package desk

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/audit/anchor"
	"github.com/hoso-gov/hoso/audit/tsa"
	"github.com/hoso-gov/hoso/sandbox/drill"
)

func (h *house) mayDecide(ctx context.Context) (bool, error) {
	if h.anchors == nil {
		return true, nil
	}
	return h.anchors.MayDecide(ctx)
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// The time-stamping authority is down for five hours: an officer cannot decide and
// reads why, and what was typed is kept; citizens go on filing. When it is back,
// the anchors that waited are stamped and the decision is taken.
func TestNoTimeStamps(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	authority, err := tsa.New(tsa.Config{URL: h.sandbox.Addresses().TSA})
	h.ok(err)
	h.anchors, err = anchor.New(anchor.Config{DB: h.db, Authority: authority, Every: time.Nanosecond, Now: h.clock, Log: slog.New(slog.DiscardHandler)})
	h.ok(err)
	code := h.proposed(handler)
	h.ok(h.anchors.Work(t.Context()))
	h.ok(h.sandbox.Board.Set("tsa", drill.Switch{Down: true}))
	h.pass(5 * time.Hour)
	if err := h.anchors.Work(t.Context()); err == nil {
		t.Error("an anchor was stamped by nobody")
	}
	typed := url.Values{"grounds": {"no-dwelling"}, "note": {"Đã xác minh hai lần"}}
	stopped := h.submit(approver, pathOf(code, "/viec/refuse", ""), "/viec/refuse", typed).want(http.StatusServiceUnavailable)
	stopped.says("Tạm dừng ghi nhận quyết định", "Đã hơn 4 giờ", "Việc nộp hồ sơ và thẩm định vẫn tiếp tục", "Đã xác minh hai lần", "Xác nhận: Từ chối")
	if got := h.state(code); got != "approve" {
		t.Errorf("the case is %s, want approve", got)
	}
	h.fileFor("001091000115", "001326000117", map[string]any{"childHome": map[string]any{"parent": "me"}})
	h.submit(approver, pathOf(code, "/viec/return", ""), "/viec/return", url.Values{"note": {"Xem lại"}}).want(http.StatusSeeOther)
	h.submit(handler, pathOf(code, "/viec/propose", ""), "/viec/propose", nil).want(http.StatusSeeOther)

	h.sandbox.Board.Clear()
	h.ok(h.anchors.Work(t.Context()))
	h.pass(time.Minute)
	h.submit(approver, pathOf(code, "/viec/refuse", ""), "/viec/refuse", typed).want(http.StatusSeeOther)
	var waiting int
	h.ok(h.db.QueryRow(t.Context(), "SELECT count(*) FROM anchors WHERE n NOT IN (SELECT n FROM anchor_stamps)").Scan(&waiting))
	if got := h.state(code); got != "refused" || waiting > 0 {
		t.Errorf("the case is %s, %d anchors wait", got, waiting)
	}
}
