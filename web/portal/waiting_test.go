package portal

import (
	"net/http"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/ui"
)

// A citizen who files while the system is pressed gets a receipt with the time of
// filing, and the same one however often they ask; once there is room the page
// leads to the case, which was filed at that time.
func TestFilingWaitsItsTurn(t *testing.T) {
	t.Parallel()
	s := newStage(t, cases.Limits{Arrears: -1})
	b := toCheck(s.signIn(an, "Nguyễn Thị An", 2))
	draft := b.draft()
	action, form := b.inputs()
	for range 2 {
		b.take(b.client.PostForm(b.base+action, form)).at(http.StatusOK, "/cho").says("đã được ghi nhận", "TN-000001", ui.DateTime(morning, "vi"), "Đăng ký nơi thường trú mới")
	}
	later := morning.Add(time.Hour)
	s.time.Store(&later)
	b.get(draft+"/dwelling/title").at(http.StatusOK, "/cho")
	b.click("Xem đã có mã hồ sơ chưa").at(http.StatusOK, "/cho")
	if n, err := s.calm.FileWaiting(t.Context(), 10); n != 1 || err != nil {
		t.Fatalf("%d taken up, %v", n, err)
	}
	b.click("Xem đã có mã hồ sơ chưa").at(http.StatusOK, "/da-nop").says("Đã nhận hồ sơ", "H01.00004-261126-000001")
	list, _, err := s.cases.Mine(t.Context(), s.actor(), "", "", 10)
	must(t, err)
	if len(list) != 1 || !list[0].FiledAt.Equal(morning) {
		t.Errorf("filed: %+v", list)
	}
	s.signIn(huy, "Lê Quang Huy", 2).get(draft+"/cho").at(http.StatusNotFound, "/cho")
}

// A draft that never had to wait has no such page.
func TestNothingWaits(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := toCheck(s.signIn(an, "Nguyễn Thị An", 2))
	b.get(b.draft()+"/cho").at(http.StatusOK, "/kiem-tra")
}
