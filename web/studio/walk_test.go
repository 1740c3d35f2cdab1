package studio

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
)

// tab opens the role whose tab has the words.
func (p *page) tab(words string) *page {
	p.h.t.Helper()
	return p.follow(words).want(http.StatusOK)
}

// A fine is found, paid and closed by pages alone, and the live tables have not
// one row more. What was walked is a scenario that comes true when it is read again.
func TestFineToTheEnd(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	h := newHouseOf(t, os.DirFS(dir), dir)
	before := h.rows()
	p := h.get(link("camera-fine-payment", previewPage)).want(http.StatusOK).says("Không có gì được ghi vào hệ thống thật")
	p.press("Bắt đầu xem thử", nil).want(http.StatusUnprocessableEntity).says("Chọn người nộp hồ sơ")
	p = p.press("Bắt đầu xem thử", url.Values{residentName: {"001085000112"}}).want(http.StatusOK).says("Đang khai, chưa nộp", "Phần 1 trên")
	p.tab("Bên ngoài").says("không hồ sơ nào chờ tin")
	p.press("Tiếp tục", nil).want(http.StatusUnprocessableEntity).says("Có vấn đề cần sửa")
	p = p.press("Tiếp tục", url.Values{"mode": {"mine"}}).want(http.StatusUnprocessableEntity)
	p = p.press("Tiếp tục", url.Values{"mine": {"123/QĐ-XPHC"}}).want(http.StatusOK).says("Kiểm tra trước khi nộp hồ sơ", "5.000.000")
	p = p.press("Nộp hồ sơ", nil).want(http.StatusOK).says("5.000.000", "request-payment", "Tin nhắn:")
	p = p.tab("Bên ngoài").says("Người nộp đã thanh toán").press("Báo tin này", nil).want(http.StatusOK)
	p.says("Không ai: hồ sơ đã kết thúc", "(paid)", "(PDF)", "issue-result").not("chưa xong")
	pdf := p.follow("(PDF)").want(http.StatusOK)
	if !strings.HasPrefix(pdf.Body.String(), "%PDF-") {
		t.Errorf("the document begins with %.20q", pdf.Body.String())
	}
	if diff := cmp.Diff(before, h.rows()); diff != "" {
		t.Errorf("rows of the live tables (-before +after):\n%s", diff)
	}

	file := filepath.Join(dir, "camera-fine-payment", scenariosFile)
	was, err := os.ReadFile(file)
	h.ok(err)
	story := p.follow("Lưu thành tình huống thử").want(http.StatusOK).says("signal: paid", "Ghi vào tệp")
	story.press("Ghi vào tệp", nil).want(http.StatusUnprocessableEntity).says("Nhập tiêu đề tiếng Anh")
	title := url.Values{"id": {"own-fine-on-time"}, "vi": {"Tự nộp phạt: xem thử"}, "en": {"Paid by oneself, walked"}}
	story.press("Ghi vào tệp", title).want(http.StatusUnprocessableEntity).says("own-fine-on-time")
	title.Set("id", "walked-by-hand")
	story.press("Ghi vào tệp", title).want(http.StatusOK).says("Đã ghi vào tệp", "đạt")
	now, err := os.ReadFile(file)
	h.ok(err)
	if !strings.HasPrefix(string(now), string(was)) {
		t.Error("what stood in the file was changed")
	}
	comesTrue(h, dir, "camera-fine-payment", "walked-by-hand")
}

// comesTrue reads a folder's scenario again and plays it.
func comesTrue(h *house, dir string, id procedures.ID, name string) {
	h.t.Helper()
	catalogue, findings := procedures.LoadToPlay(os.DirFS(dir))
	for _, f := range findings {
		if !f.Warning {
			h.t.Fatal(f)
		}
	}
	p, _ := catalogue.Get(id)
	one := scenarioOf(p, name)
	if one == nil {
		h.t.Fatalf("there is no scenario %s", name)
	}
	db, err := stage.Open(h.t.Context(), pgtest.URL(h.t))
	h.ok(err)
	defer db.Close()
	set, err := db.Set(h.t.Context(), catalogue, one.At)
	h.ok(err)
	differs, err := set.Play(h.t.Context(), p, one)
	h.ok(err)
	for _, d := range differs {
		h.t.Error(d)
	}
	if len(one.Steps) == 0 {
		h.t.Error("the scenario has no step")
	}
}

// A residence is registered over four people's acts: reception, the head of the
// household, the handler, the approver. Nothing of it is in the live tables.
func TestResidenceToTheEnd(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	h := newHouseOf(t, os.DirFS(dir), dir)
	before := h.rows()
	p := h.get(link("permanent-residence", previewPage)).press("Bắt đầu xem thử", url.Values{variantName: {"wife-joins-husband"}, dayName + "-day": {"2"}, dayName + "-month": {"11"}, dayName + "-year": {"2026"}})
	p = p.want(http.StatusOK).says("Kiểm tra trước khi nộp hồ sơ", "Nguyễn Thị An")
	p.tab("Cán bộ").says("Hồ sơ chưa nộp")
	p = p.press("Nộp hồ sơ", nil).want(http.StatusOK).says("intake", "Chưa tính thời hạn")
	p = p.press("Sang ngày làm việc sau", nil).want(http.StatusOK).says("09:00 03/11/2026")
	p = p.tab("Bộ phận tiếp nhận").press("Tiếp nhận", nil).want(http.StatusOK).says("consents", "17:00 12/11/2026")
	p = p.tab("Trần Văn Bình").press("Đồng ý", nil).want(http.StatusOK).says("examine")
	p = p.tab("Cán bộ đăng ký cư trú").follow("Trình duyệt").want(http.StatusOK).says("Đánh giá hồ sơ").press("Xác nhận: Trình duyệt", url.Values{"note": {"Hồ sơ hợp lệ"}}).want(http.StatusOK).says("approve")
	p = p.tab("Trưởng Công an").press("Phê duyệt", nil).want(http.StatusOK).says("granted", "registry-updated", "update-resident: move")
	if diff := cmp.Diff(before, h.rows()); diff != "" {
		t.Errorf("rows of the live tables (-before +after):\n%s", diff)
	}
	p.follow("Lưu thành tình huống thử").press("Ghi vào tệp", url.Values{"id": {"walked"}, "vi": {"Xem thử"}, "en": {"Walked"}}).want(http.StatusOK).says("Đã ghi vào tệp")
	comesTrue(h, dir, "permanent-residence", "walked")
	p.press("Kết thúc và xoá", nil).want(http.StatusOK).says("Ai nộp hồ sơ?")
	h.get(strings.SplitN(p.Path, "?", 2)[0]).want(http.StatusNotFound).says("đã kết thúc")
}

// Nobody answers: the clock is moved to the time-outs, and the case comes to its
// end by itself. The waits are part of the scenario.
func TestTimeOutsBringTheEnd(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	h := newHouseOf(t, os.DirFS(dir), dir)
	p := h.get(link("camera-fine-payment", previewPage)).press("Bắt đầu xem thử", url.Values{variantName: {"own-fine-on-time"}}).press("Nộp hồ sơ", nil).want(http.StatusOK)
	p = p.press("Tới lúc quá hạn", nil).want(http.StatusOK).says("Thời gian trôi")
	for i := 0; i < 5 && !strings.Contains(p.Main(), "Không ai: hồ sơ đã kết thúc"); i++ {
		p = p.press("Tới lúc quá hạn", nil).want(http.StatusOK)
	}
	p.says("Không ai: hồ sơ đã kết thúc")
	p.press("Dời đồng hồ", url.Values{dayName + "-year": {"2020"}}).want(http.StatusUnprocessableEntity).says("Nhập một ngày giờ sau")
	story := p.follow("Lưu thành tình huống thử").says("wait: ")
	story.press("Ghi vào tệp", url.Values{"id": {"walked"}, "vi": {"Không nộp"}, "en": {"Not paid"}}).want(http.StatusOK).says("Đã ghi vào tệp")
	comesTrue(h, dir, "camera-fine-payment", "walked")
}

// A registry that is switched off turns what it fills into questions.
func TestSilentRegistry(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.get(link("permanent-residence", previewPage)).press("Bắt đầu xem thử", url.Values{variantName: {"own-dwelling-with-a-co-owner"}}).want(http.StatusOK)
	asked := h.askedOf(p)
	p = p.press("Áp dụng", url.Values{"down": {"land"}}).want(http.StatusOK).says("Không trả lời: ")
	if now := h.askedOf(p); now == asked {
		t.Errorf("with and without the land registry it says %q", now)
	}
	p = p.press("Áp dụng", url.Values{"down": {""}}).want(http.StatusOK).says("Mọi cơ sở dữ liệu đều trả lời")
	if now := h.askedOf(p); now != asked {
		t.Errorf("once it answers again it says %q, before it was %q", now, asked)
	}
}

// askedOf is what the page says of filled and asked questions.
func (h *house) askedOf(p *page) string {
	_, rest, _ := strings.Cut(p.Main(), "Điền sẵn / phải hỏi ")
	return strings.Join(strings.Fields(rest)[:3], " ")
}

// Previews are bounded: an author has two, and one that rests for half an hour ends.
func TestPreviewsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	begin := func() string {
		p := h.get(link("camera-fine-payment", previewPage)).press("Bắt đầu xem thử", url.Values{variantName: {"own-fine-on-time"}}).want(http.StatusOK)
		return strings.SplitN(p.Path, "?", 2)[0]
	}
	first := begin()
	h.later(time.Minute)
	second := begin()
	h.later(time.Minute)
	h.get(first).want(http.StatusOK)
	h.later(time.Minute)
	third := begin()
	h.get(second).want(http.StatusNotFound)
	h.get(first).want(http.StatusOK)
	h.get(third).want(http.StatusOK)
	h.later(idleAfter + time.Second)
	h.get(first).want(http.StatusNotFound)
	h.get(third).want(http.StatusNotFound)
}

// A text of a story is written so that YAML reads the same text again.
func TestFlow(t *testing.T) {
	at := time.Date(2026, time.November, 2, 9, 0, 0, 0, calendar.Hanoi)
	for _, c := range []struct {
		in   any
		want string
	}{
		{"join", "join"}, {"12 phố Lê Lợi", `"12 phố Lê Lợi"`}, {"001196000101", `"001196000101"`}, {"yes", `"yes"`}, {"a: b", `"a: b"`}, {"x # y", `"x # y"`}, {"", `""`},
		{"/applicant/fullName", "/applicant/fullName"}, {"Đặng Gia Vinh", "Đặng Gia Vinh"}, {instant(at), "2026-11-02T09:00"}, {instant(at.Add(time.Second)), "2026-11-02T09:00:01"},
		{float64(5000000), "5000000"}, {[]string{}, "[]"}, {pairs{{"do", "accept"}, {"count", 2}}, "{do: accept, count: 2}"}, {map[string]any{"b": true, "a": []any{"1"}}, `{a: ["1"], b: true}`},
	} {
		if got := flow(c.in); got != c.want {
			t.Errorf("%#v: got %s, want %s", c.in, got, c.want)
		}
	}
}
