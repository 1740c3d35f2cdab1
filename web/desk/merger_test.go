package desk

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// takeOver lets the police of Hoàn Kiếm take over from those of Ba Đình today.
func (h *house) takeOver() {
	h.t.Helper()
	h.ok(pgx.BeginFunc(h.t.Context(), pgtest.Owner(h.t, h.db), func(tx pgx.Tx) error {
		return agency.Succeed(h.t.Context(), tx, "CA-00004", "CA-00070", h.clock())
	}))
	h.ok(h.agency.Refresh(h.t.Context()))
}

// An agency is taken over while a case runs: its successor's officers see the
// case, hold it and act on it, the page says from whom it came, new tasks are
// theirs, the event names their seat; who sat at the old agency sees it no more.
// The case itself is not written anew.
func TestAgencyTakenOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.filed()
	page := pathOf(code, "", "")
	h.get("ca-00070-tiepnhan", page).want(http.StatusNotFound)
	h.takeOver()
	h.get(reception, page).want(http.StatusNotFound)
	h.get(reception, "/hang-doi?muc=tat-ca").not(string(code))

	h.get("ca-00070-tiepnhan", "/can-bo").says("1 Mới trong đơn vị")
	queue := h.get("ca-00070-tiepnhan", "/hang-doi").want(http.StatusOK).says(string(code))
	h.get("ca-00070-tiepnhan", "/tim-kiem?q="+url.QueryEscape("nguyen thi an")).says(string(code))
	queue.submit("ca-00070-tiepnhan", "/nhan", nil).want(http.StatusSeeOther)
	h.get("ca-00070-tiepnhan", page).says("Công an phường Hoàn Kiếm (tiếp nhận từ Công an phường Ba Đình)")
	h.submit("ca-00070-tiepnhan", page, "/viec/accept", nil).want(http.StatusSeeOther)
	h.drain()
	h.agree()
	h.get("ca-00070-thuly", page).want(http.StatusOK).says("Đang thẩm định")

	var competent, task, acted agency.ID
	h.ok(h.db.QueryRow(t.Context(), `
		SELECT c.competent, t.agency, (SELECT e.agency FROM case_events e WHERE e.case_id = c.id AND e.event = 'accept' AND e.hop = 0)
		FROM cases c JOIN case_tasks t ON t.case_id = c.id WHERE c.code = $1`, code).Scan(&competent, &task, &acted))
	if competent != "CA-00004" || task != "CA-00070" || acted != "CA-00070" {
		t.Errorf("the case is of %s, its task at %s, and %s accepted it", competent, task, acted)
	}
}

// A leader reads the cases of the agencies below, in lists and one by one, and does nothing there.
func TestLeaderReadsBelow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.filed()
	h.ok(pgx.BeginFunc(t.Context(), pgtest.Owner(t, h.db), func(tx pgx.Tx) error {
		for id, seat := range map[string]agency.Seat{"ca-01-truong": {Agency: "CA-01", Role: agency.Leader}, "ca-01-thuly": {Agency: "CA-01", Role: agency.Handler}} {
			if err := agency.SaveOfficer(t.Context(), tx, agency.Staff{ID: id, Name: "Lê Văn Trưởng", Email: "t@hoso.example", Active: true}); err != nil {
				return err
			}
			if err := agency.Grant(t.Context(), tx, id, seat, time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)); err != nil {
				return err
			}
		}
		return nil
	}))
	h.get("ca-01-truong", "/hang-doi?muc=tat-ca").want(http.StatusOK).says(string(code))
	page := h.get("ca-01-truong", pathOf(code, "", "")).want(http.StatusOK).says("Nguyễn Thị An")
	for _, action := range []string{"/nhan", "/viec/accept"} {
		if strings.Contains(page.Body.String(), `action="`+pathOf(code, action, "")) {
			t.Errorf("the leader is offered %s", action)
		}
	}
	h.get("ca-01-truong", pathOf(code, "/viec/accept", "")).want(http.StatusConflict)
	h.get("ca-01-thuly", "/hang-doi?muc=tat-ca").want(http.StatusOK).not(string(code)) // another role reads its own agency alone
	h.get("ca-01-thuly", pathOf(code, "", "")).want(http.StatusNotFound)
}

// The list as a file has the rows of the page under its filters, and the read of
// each is logged before it leaves; the filter of due dates picks what it says.
func TestListAsFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.filed()
	file := func(path string) [][]string {
		t.Helper()
		res := h.get(reception, path).want(http.StatusOK)
		if kind := res.Header().Get("Content-Type"); kind != "text/csv; charset=utf-8" || !strings.HasPrefix(res.Header().Get("Content-Disposition"), "attachment; filename=\"ho-so-2026-11-") {
			t.Errorf("the file comes as %s, %s", kind, res.Header().Get("Content-Disposition"))
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(res.Body.String(), "\ufeff"))).ReadAll()
		h.ok(err)
		return rows[1:]
	}
	page := h.get(reception, "/hang-doi/permanent-residence?han=tuan-nay").want(http.StatusOK).says(string(code), "Bỏ lọc")
	rows := file(page.Link("Tải danh sách"))
	if len(rows) != 1 || rows[0][0] != string(code) || rows[0][5] != "Nguyễn Thị An" {
		t.Errorf("the file has %v", rows)
	}
	var logged int
	h.ok(h.db.QueryRow(t.Context(), `SELECT count(*) FROM access_log WHERE case_code = $1 AND reader = $2 AND purpose LIKE 'Tải danh sách%'`, code, reception).Scan(&logged))
	if logged != 1 {
		t.Errorf("%d reads are logged, want 1", logged)
	}
	h.get(reception, "/hang-doi?han=qua-han").says("Không có việc nào").not("Tải danh sách")
	h.at(4, 8) // the step was due on the 3rd
	h.get(reception, "/hang-doi?han=qua-han").says(string(code))
	h.get(reception, "/hang-doi?han=tuan-nay").says("Không có việc nào")
	if rows := file("/can-bo/tai-danh-sach?gap=qua-han"); len(rows) != 1 {
		t.Errorf("the overdue tasks as a file: %v", rows)
	}
	h.get(reception, "/can-bo/tai-danh-sach/no-such-procedure").want(http.StatusNotFound)
	h.get(reception, "/can-bo/tai-danh-sach?co-quan=UB-26737").want(http.StatusForbidden)
}
