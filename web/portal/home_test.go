package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/ui"
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

// The home page names what the citizen can do now from their own records, after
// what waits for them: each with its service's name and a link to it, in both
// languages. What a draft is about is not offered, a search and strangers get none.
func TestOffersOnTheHomePage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	offers := []string{"Ông/Bà có thể làm ngay", "6 quyết định xử phạt giao thông chưa nộp tiền", "biển số 29-AA 888.88, dùng được đến ngày 01/08/2027", "Ai đã xem dữ liệu của tôi"}
	s.browser().get("/").silent(offers...)
	b := s.signIn("001204000560", "Nguyễn Tiến Đạt", 2).get("/").says(offers...)
	if n := strings.Count(b.body, `href="/thu-tuc/motorcycle-registration"`); n != 2 {
		t.Errorf("the offer does not lead to its service beside the catalogue: %d links", n)
	}
	b.get("/?q=phat").silent(offers...)
	b.get("/?lang=en").says("What you can do now", "6 traffic fines of yours are not paid yet", "You won number plate 29-AA 888.88")
	b.get("/?lang=vi").get("/ai-da-xem").says("Gợi ý việc Ông/Bà có thể làm ngay")
	_, err := s.cases.StartDraft(t.Context(), s.actor(), "camera-fine-payment", "")
	must(t, err)
	got := b.get("/").silent("quyết định xử phạt giao thông chưa nộp tiền").text()
	if waits, can := strings.Index(got, "Việc Ông/Bà cần làm"), strings.Index(got, "Ông/Bà có thể làm ngay"); waits < 0 || can < waits {
		t.Errorf("the draft stands at %d, what can be done at %d", waits, can)
	}
	s.signIn(an, "Nguyễn Thị An", 2).get("/").silent("Ông/Bà có thể làm ngay")
	s.signIn("001204000560", "Nguyễn Tiến Đạt", 1).get("/").at(http.StatusOK, "/").silent("Ông/Bà có thể làm ngay")
}

// Six offers stand open, the others behind a summary.
func TestManyOffers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ n, open, more int }{{0, 0, 0}, {6, 6, 0}, {8, 6, 2}} {
		v := homeView{Lang: "vi"}
		v.Offers, v.More = firstOffers(make([]ui.Card, tt.n))
		if len(v.Offers) != tt.open || len(v.More) != tt.more {
			t.Errorf("of %d offers %d stand open and %d behind a summary", tt.n, len(v.Offers), len(v.More))
		}
		var out strings.Builder
		must(t, homePage(ui.Frame{}, v).Render(t.Context(), &out))
		if got := strings.Contains(out.String(), "Xem thêm"); got != (tt.more > 0) {
			t.Errorf("of %d offers, behind a summary: %t", tt.n, got)
		}
	}
}
