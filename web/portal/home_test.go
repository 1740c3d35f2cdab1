package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
)

// The catalogue is found by words with and without marks, in both languages,
// and by the national code.
func TestSearch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	for _, tt := range []struct{ query, found, not string }{
		{"thường trú", "Đăng ký nơi thường trú mới", "Nộp phạt nguội"},
		{"THUONG TRU", "Đăng ký nơi thường trú mới", "Nộp phạt nguội"},
		{"dang ky thuong tru", "Đăng ký nơi thường trú mới", "Nộp phạt nguội"},
		{"phạt", "Nộp phạt nguội", "Đăng ký nơi thường trú mới"},
		{"residence", "Đăng ký nơi thường trú mới", "Nộp phạt nguội"},
		{"1.004222", "Đăng ký nơi thường trú mới", "Nộp phạt nguội"},
		{"xyz", "Thử từ khác", "Đăng ký nơi"},
	} {
		b.get("/?q=" + url.QueryEscape(tt.query))
		if got := b.text(); !strings.Contains(got, tt.found) || strings.Contains(got, tt.not) {
			t.Errorf("%q: %s", tt.query, got)
		}
	}
}

// Everybody may read about a procedure; internal ones and unknown ones are not
// there, and who is not signed in is led to sign in at the level it needs.
func TestProcedurePage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	b.get("/thu-tuc/permanent-residence").says("mã thủ tục 1.004222", "Số điện thoại", "Cơ sở dữ liệu quốc gia về dân cư", "Giấy tờ có thể phải nộp",
		"10.000 đ", "7 ngày làm việc", "mức 2").silent("Trên thực tế").click("Đăng nhập và bắt đầu")
	if !strings.HasPrefix(b.path, "/dang-nhap?level=2&to=%2Fthu-tuc%2Fpermanent-residence%2Fcho-ai") {
		t.Errorf("signing in leads to %s", b.path)
	}
	for _, id := range []string{"consent", "no-such-thing"} {
		if b.get("/thu-tuc/" + id); b.status != http.StatusNotFound {
			t.Errorf("%s: %d", id, b.status)
		}
	}
	s.who.Store(&agency.Actor{Kind: agency.Officer, ID: "o-1", Level: 2, Seats: []agency.Seat{{Agency: "CA-00004", Role: agency.Handler}}})
	s.browser().get("/thu-tuc/permanent-residence").says("tài khoản cán bộ")
}

// How long cases really take is told once some have ended.
func TestRealTime(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := toCheck(s.signIn(an, "Nguyễn Thị An", 2)).send(nil).at(200, "/da-nop")
	code := strings.Split(b.path, "/")[2]
	later := morning.AddDate(0, 0, 1)
	s.time.Store(&later)
	_, err := s.cases.Act(t.Context(), s.actor(), cases.Command{Code: cases.Code(code), ID: uuid.New(), Event: "withdraw"})
	must(t, err)
	b.get(b.path).at(200, "/ho-so/"+code) // the confirmation has become the case
	evenLater := later.AddDate(0, 0, 1)
	s.time.Store(&evenLater)
	b.get("/thu-tuc/permanent-residence").says("Trên thực tế", "Một nửa số hồ sơ xong trong 1 ngày làm việc", "1 hồ sơ đã kết thúc")
}
