package portal

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/web/ui"
)

// What was issued stands on a page of its own with the words of the definition
// and the way to the file, to its verification and to the case; letters stand
// there when all papers are asked for, and nothing of it on a stranger's page.
func TestWallet(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.signIn(an, "Nguyễn Thị An", 2)
	b.get("/giay-to").at(200, "/giay-to").says("Thẻ căn cước", "Số có bốn chữ số cuối 0101", "Cấp ngày", "Cơ sở dữ liệu quốc gia về dân cư", "Chưa có giấy tờ nào").silent(an)
	b.get("/ai-da-xem").says("Ông/Bà", "Đã xem: thẻ căn cước", "Mục đích: Xem giấy tờ của mình").silent("họ, chữ đệm và tên")

	code := o.wife()
	o.officer("reception", code, "accept", cases.Input{})
	b.get("/giay-to").says("Chưa có giấy tờ nào").click("Mọi giấy tờ").at(200, "?loc=all").says("Phiếu tiếp nhận").silent("Chưa có giấy tờ nào")
	o.agree(citizen(binh, "Trần Văn Bình"))
	o.officer("handler", code, "propose", cases.Input{Judgements: satisfied})
	o.officer("approver", code, "grant", cases.Input{})
	paper := o.get(citizen(an, ""), code).Documents[1]
	b.get("/").click("Giấy tờ của tôi").at(200, "/giay-to").says("Năm 2026", paper.Title.VI, "Số "+paper.Number, "Cấp ngày 26/11/2026, Công an phường Ba Đình",
		"Giá trị sử dụng: đến khi thay đổi hoặc xóa đăng ký", "Theo hồ sơ: Đăng ký nơi thường trú mới · "+string(code)).silent("Phiếu tiếp nhận", "Chưa có giấy tờ nào", "Đã thu hồi")
	b.click("Đăng ký nơi thường trú mới · ").at(200, caseLink(code, ""))
	b.get("/ho-so").click("Giấy tờ của tôi").at(200, "/giay-to").click("Kiểm tra").at(200, "/verify/"+paper.ID.String()).says("đang có hiệu lực")
	if b.get("/giay-to").click("Tải về (PDF)"); b.status != http.StatusOK || !strings.HasPrefix(b.body, "%PDF-") {
		t.Errorf("the paper: %d", b.status)
	}
	b.get("/giay-to?lang=en").says("My papers", "Identity card", "Number ending in 0101", "Papers issued", "2026", paper.Title.EN, "No. "+paper.Number,
		"Issued on 26/11/2026 by ", "Validity: until changed", "Download (PDF)", "Verify", "From the case: Register a new permanent residence")
	if found := regexp.MustCompile(`[ăđơưạảấầẩậắằặẹẻếềểễệịọỏốồổỗộớờởỡợụủứừửữự]`).FindAllString(b.text(), -1); found != nil {
		t.Errorf("in English: %v in %s", found, b.text())
	}
	b.get("/giay-to?lang=vi")

	_, err := o.db.Exec(t.Context(), `UPDATE case_documents SET withdrawn_at = $2 WHERE id = $1`, paper.ID, morning)
	must(t, err)
	b.get("/giay-to").says("Đã thu hồi ngày 26/11/2026", paper.Number).silent("Giá trị sử dụng")

	// The resident database is out of order: the papers stand.
	_, err = pgtest.Owner(t, o.db).Exec(t.Context(), `ALTER TABLE identity_documents RENAME TO identity_documents_gone`)
	must(t, err)
	b.get("/giay-to").at(200, "/giay-to").says("Chưa xem được thẻ căn cước", "chưa trả lời", paper.Number).silent("chữ số cuối")
	_, err = pgtest.Owner(t, o.db).Exec(t.Context(), `ALTER TABLE identity_documents_gone RENAME TO identity_documents`)
	must(t, err)

	b = o.signIn(huy, "Phạm Quốc Huy", 2)
	for _, path := range []string{"/giay-to", "/giay-to?loc=all", "/giay-to?loc=x"} {
		b.get(path).at(200, path).says("Chưa có giấy tờ nào").silent(paper.Title.VI, string(code))
	}
	if b.get("/giay-to?sau=x"); b.status != http.StatusNotFound {
		t.Errorf("a made-up cursor: %d", b.status)
	}
	o.who.Store(nil)
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if b.get("/giay-to"); !strings.Contains(b.header.Get("Location"), "/dang-nhap") {
		t.Errorf("without a sign-in: %d %s", b.status, b.header.Get("Location"))
	}
}

// A paper of a child's case is the parent's who filed it, and says whose it is;
// it stands on the child's own page as well. Years part a long list, which goes
// on over the pages.
func TestWalletOfAChild(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.file(citizen(tung, "Phan Anh Tuấn"), cases.Filing{Procedure: "permanent-residence", Subject: minor, Answers: map[string]any{
		"childHome": map[string]any{"parent": "me"}, "delivery": map[string]any{"result": "electronic"}}})
	var id any
	must(t, o.db.QueryRow(t.Context(), `SELECT id FROM cases WHERE code = $1`, code).Scan(&id))
	_, err := o.db.Exec(t.Context(), `
		INSERT INTO case_documents (id, case_id, kind, title, number, sha256, content, issued_at, agency)
		SELECT gen_random_uuid(), $1, 'result', '{"vi": "Thông báo", "en": "Notice"}', n || '/TB', 'sum', '%PDF', $2::timestamptz - n * interval '20 days', 'CA-00004'
		FROM generate_series(1, 23) n`, id, morning)
	must(t, err)
	for _, who := range []struct {
		number, name string
		about        bool
	}{{tung, "Phan Anh Tuấn", true}, {minor, "Phan Bảo Châu", false}} {
		b := o.signIn(who.number, who.name, 2).get("/giay-to").says("Năm 2026", "1/TB", "Năm 2025", "20/TB", "Thẻ căn cước").silent("21/TB")
		if strings.Contains(b.text(), "Cho Phan Bảo Châu") != who.about {
			t.Errorf("%s reads %s", who.name, b.text())
		}
		b.click("Trang sau").says("Năm 2025", "21/TB", "23/TB").silent("Năm 2026", "20/TB", "Thẻ căn cước").click("Trang đầu").at(200, "/giay-to").says("1/TB")
	}
	if !strings.Contains(o.signIn(minor, "Phan Bảo Châu", 2).get("/giay-to").text(), "Không có thẻ nào đang dùng được") {
		t.Error("an infant holds a card")
	}
}

// A card holds on its last day; the page tells sixty days ahead.
func TestExpiryTag(t *testing.T) {
	t.Parallel()
	for days, want := range map[int]ui.Tag{
		-1: {Text: "Đã hết hạn", Tone: ui.Danger}, 0: {Text: "Hết hạn hôm nay", Tone: ui.Warning}, 1: {Text: "Còn 1 ngày là hết hạn", Tone: ui.Warning},
		60: {Text: "Còn 60 ngày là hết hạn", Tone: ui.Warning}, 61: {},
	} {
		day := time.Date(2026, time.November, 26+days, 0, 0, 0, 0, time.UTC)
		for _, now := range []time.Time{morning.Add(-9 * time.Hour), morning.Add(15*time.Hour - time.Second)} {
			if got := expiryTag(day, now, "vi"); got != want {
				t.Errorf("%d days, at %s: %+v, want %+v", days, now, got, want)
			}
		}
	}
}
