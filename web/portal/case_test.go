package portal

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/workflow"
)

var satisfied = []cases.Judgement{{Item: "dwelling", Verdict: cases.Satisfied}, {Item: "kinship", Verdict: cases.Satisfied}, {Item: "members", Verdict: cases.Satisfied}}

// From filing to the result each page says where the case stands, who has it,
// what is to come and who has read the citizen's data; the paper is verified by
// anybody, and a changed one is not.
func TestCasePages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.wife()
	b := o.signIn(an, "Nguyễn Thị An", 2)
	b.get("/ho-so").says("Đang giải quyết", "Đăng ký nơi thường trú mới", string(code)).silent("Làm ngay")
	b.get(caseLink(code, "")).says("Nộp hồ sơ", "Chờ tiếp nhận", "Bộ phận tiếp nhận, Công an phường Ba Đình", "Chờ ý kiến đồng ý", "Bỏ qua nếu không cần hỏi ai", "Đã đăng ký thường trú", "Rút hồ sơ")

	o.officer("reception", code, "accept", cases.Input{})
	b.get(caseLink(code, "")).says("Hẹn trả kết quả", "Vì sao là ngày này", "(PDF)", "Chờ người khác hoặc cơ quan khác", "Hỏi ý kiến: Trần Văn Bình", "Đã hỏi, chưa có trả lời")
	b.get("/ho-so").silent("Ý kiến về việc đăng ký cư trú")
	b.get(caseLink(code, "noi-dung")).says("Nguyễn Thị An", "12 phố Lê Lợi", "Cơ sở dữ liệu quốc gia về dân cư")
	b.get(caseLink(code, "ket-qua")).says("Hồ sơ chưa có kết quả", "mã kiểm tra")
	b.get(caseLink(code, "ai-da-xem")).says("Hệ thống Hồ sơ", "Gửi thông báo", "Tự động")

	o.agree(citizen(binh, "Trần Văn Bình"))
	o.officer("handler", code, "propose", cases.Input{Judgements: satisfied})
	o.officer("approver", code, "grant", cases.Input{})
	b.get(caseLink(code, "")).says("Đã đăng ký thường trú, ngày 26/11/2026").silent("Rút hồ sơ", "Hẹn trả kết quả")
	b.get("/ho-so?loc=done").says("Đã xong", string(code))
	b.get(caseLink(code, "ket-qua")).says("Đã đăng ký thường trú", "Giấy tờ đã cấp").silent("Khiếu nại")

	paper := o.get(citizen(an, ""), code).Documents[1]
	b.get(caseLink(code, "giay-to/"+paper.ID.String()))
	content := []byte(b.body)
	if b.status != http.StatusOK || !bytes.HasPrefix(content, []byte("%PDF-")) || !strings.HasPrefix(b.header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("the paper: %d %v", b.status, b.header)
	}
	o.who.Store(nil)
	anybody := o.browser()
	anybody.get("/verify/"+paper.ID.String()).says("đang có hiệu lực", "Công an phường Ba Đình", paper.SHA256).silent("Nguyễn Thị An", string(code))
	anybody.sendFile("paper", "giay.pdf", content, nil).at(200, "/kiem-tra").says("Tệp này là bản gốc đã cấp")
	anybody.get("/kiem-tra").sendFile("paper", "giay.pdf", content, nil).says("Tệp này là bản gốc đã cấp")
	anybody.get("/kiem-tra").sendFile("paper", "giay.pdf", append(content, ' '), nil).says("Tệp này không phải bản đã cấp")
	anybody.get("/kiem-tra").sendFile("paper", "khac.pdf", pdf, nil).at(422, "/kiem-tra").says("không tìm thấy mã trong tệp này")
	anybody.get("/kiem-tra?code="+paper.ID.String()).at(200, "/verify/"+paper.ID.String())
	anybody.get("/kiem-tra?code=abc").at(422, "code=abc").says("Nhập đủ 36 ký tự")
	anybody.get("/verify/" + uuid.NewString()).says("Không có giấy nào mang mã này")
	if anybody.status != http.StatusNotFound {
		t.Errorf("an unknown paper: %d", anybody.status)
	}
	_, err := o.db.Exec(t.Context(), `UPDATE case_documents SET signature = jsonb_set(signature, '{Value}', '"AAAA"') WHERE id = $1`, paper.ID)
	must(t, err)
	anybody.get("/kiem-tra").sendFile("paper", "giay.pdf", content, nil).says("Chữ ký số không đúng")
	_, err = o.db.Exec(t.Context(), `UPDATE case_documents SET withdrawn_at = $2 WHERE id = $1`, paper.ID, morning)
	must(t, err)
	anybody.get("/verify/" + paper.ID.String()).says("Giấy này đã bị thu hồi")
}

// Who withdraws reads at once what is still to be taken back, and then no more.
func TestTakenBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.tenant()
	b := o.signIn(huy, "Phạm Quốc Huy", 2)
	_, err := o.cases.Act(t.Context(), citizen(huy, "Phạm Quốc Huy"), cases.Command{Code: code, ID: uuid.New(), Event: "withdraw"})
	must(t, err)
	b.get(caseLink(code, "")).says("Đã rút hồ sơ", "Đang hoàn tác: lệnh thanh toán đang được hủy", "Hồ sơ đã kết thúc; Ông/Bà không cần làm gì")
	o.work()
	b.get(caseLink(code, "")).says("Đã rút hồ sơ").silent("Đang hoàn tác")
}

// Somebody else is told that there is no such case, on every page of it, and who
// is not signed in is sent to sign in.
func TestCaseOfAnother(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.tenant()
	file := o.get(citizen(huy, ""), code).Files[0].ID.String()
	pages := []string{"", "noi-dung", "ket-qua", "ai-da-xem", "nop-tien", "thanh-toan", "thao-tac/withdraw", "bo-sung", "bo-sung/kiem-tra", "bo-sung/khai/dwelling",
		"bo-sung/giay-to/lease", "tep/" + file, "giay-to/" + file}
	b := o.signIn(an, "Nguyễn Thị An", 2)
	for _, page := range pages {
		if b.get(caseLink(code, page)); b.status != http.StatusNotFound {
			t.Errorf("%s: %d", page, b.status)
		}
	}
	resp, err := b.client.PostForm(b.base+caseLink(code, "thao-tac/withdraw"), typed("command", uuid.NewString()))
	if b.take(resp, err); b.status != http.StatusNotFound {
		t.Errorf("withdrawn by a stranger: %d", b.status)
	}
	o.who.Store(nil)
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, page := range pages {
		if b.get(caseLink(code, page)); b.status != http.StatusSeeOther && b.status != http.StatusFound || !strings.Contains(b.header.Get("Location"), "/dang-nhap") {
			t.Errorf("%s without a sign-in: %d %s", page, b.status, b.header.Get("Location"))
		}
	}
	o.signIn(huy, "Phạm Quốc Huy", 2).get(caseLink(code, "tep/"+file))
	if got := o.signIn(huy, "Phạm Quốc Huy", 2).get(caseLink(code, "tep/"+file)); got.body != string(pdf) {
		t.Errorf("the citizen's own file: %d", got.status)
	}
}

// Who is asked sees who asks for what, agrees on a page of its own, and refuses
// only with a reason; the reason typed is kept. Pressed twice it is answered once.
func TestConsentPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.wife()
	o.officer("reception", code, "accept", cases.Input{})
	b := o.signIn(binh, "Trần Văn Bình", 2)
	b.get("/ho-so").says("Cần Ông/Bà làm", "Ý kiến về việc đăng ký cư trú").click("Ý kiến về việc đăng ký cư trú")
	b.says("Nguyễn Thị An đã nộp hồ sơ", "12 phố Lê Lợi", "Đề nghị trả lời trước hết ngày", "im lặng không phải là đồng ý", "Căn cứ pháp luật").silent("Không cung cấp", string(code))
	sub := o.asked(citizen(binh, ""))
	b.click("Không đồng ý").at(200, "/thao-tac/refuse").says("không sửa được").send(typed("note", " ")).at(422, "/thao-tac/refuse").says("Nhập lý do")
	if c := o.get(citizen(binh, ""), sub); c.State != "asked" {
		t.Fatalf("refused without a reason: %s", c.State)
	}
	b.get(caseLink(sub, "")).click("Đồng ý").at(200, "/thao-tac/agree")
	action, form := b.inputs()
	for range 2 {
		b.take(b.client.PostForm(b.base+action, form)).at(200, string(sub)).says("Đã đồng ý, ngày 26/11/2026")
	}
	if c := o.get(citizen(binh, ""), sub); len(c.Events) != 2 {
		t.Errorf("pressed twice: %d events", len(c.Events))
	}
	// With the page of before, whoever comes late is told what it has become.
	form.Set("command", uuid.NewString())
	if b.take(b.client.PostForm(b.base+action, form)); b.status != http.StatusConflict {
		t.Errorf("a second answer: %d", b.status)
	}
	b.get(caseLink(sub, "")).says("Theo hồ sơ: Đăng ký nơi thường trú mới, của Nguyễn Thị An")
	b.get("/ai-da-xem").says("Một công dân khác, khi khai hồ sơ", "Cán bộ Công an phường Ba Đình", "Hồ sơ của người khác: "+string(code))
}

// An action on a case that changed meanwhile is not carried out: a page says so.
func TestActConflict(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.wife()
	b := o.signIn(an, "Nguyễn Thị An", 2)
	b.get(caseLink(code, "")).click("Rút hồ sơ").at(200, "/thao-tac/withdraw").says("Hồ sơ được đóng")
	action, form := b.inputs()
	o.officer("reception", code, "accept", cases.Input{})
	if b.take(b.client.PostForm(b.base+action, form)); b.status != http.StatusConflict {
		t.Fatalf("withdrawn with an old page: %d", b.status)
	}
	b.says("Hồ sơ vừa thay đổi", "chưa được thực hiện").click("Xem hồ sơ").at(200, string(code))
	b.click("Rút hồ sơ").send(nil).at(200, string(code)).says("Đã rút hồ sơ")
	if b.get(caseLink(code, "thao-tac/withdraw")); b.status != http.StatusConflict {
		t.Errorf("withdrawn twice: %d", b.status)
	}
	b.take(b.client.PostForm(b.base+caseLink(code, "thao-tac/withdraw"), typed("command", "x")))
	if b.status != http.StatusConflict {
		t.Errorf("a form that no page drew: %d", b.status)
	}
}

// A payment is in one of the honest states: being prepared, to be paid, not known
// yet, declined, paid. The browser that comes back is not believed.
func TestPaymentPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.tenant()
	b := o.signIn(huy, "Phạm Quốc Huy", 2)
	page := func() string {
		t.Helper()
		return o.get(citizen(huy, ""), code).Payment.PayURL
	}
	choose := func(choice string) {
		t.Helper()
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		resp, err := client.PostForm(page(), typed("choice", choice))
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("the platform answered %d", resp.StatusCode)
		}
	}
	b.get(caseLink(code, "")).says("Việc Ông/Bà cần làm").click("Thanh toán 10.000").at(200, "/nop-tien").says("10.000", "Đến trang thanh toán", "Hồ sơ được giữ đến hết ngày")
	b.get(caseLink(code, "thanh-toan?status=paid")).says("Chúng tôi chưa biết kết quả", "đừng thanh toán lần nữa", "Kiểm tra lại")

	choose("refuse")
	b.get(caseLink(code, "thanh-toan"))
	o.work()
	b.get(caseLink(code, "thanh-toan")).says("Chưa thanh toán được", "Thanh toán lại")
	o.pass(time.Minute) // of two payments the case shows the one asked for last
	b.send(nil).at(200, "/nop-tien").says("đang được chuẩn bị", "Kiểm tra lại").silent("Đến trang thanh toán")
	b.get(caseLink(code, "thanh-toan")).at(200, "/nop-tien")
	o.work()
	b.get(caseLink(code, "nop-tien")).says("Đến trang thanh toán")

	choose("pay")
	b.get(caseLink(code, "thanh-toan"))
	o.work()
	b.get(caseLink(code, "thanh-toan")).says("Đã thanh toán", "Mã biên lai")
	b.get(caseLink(code, "nop-tien")).at(200, "/thanh-toan")
	b.get(caseLink(code, "")).says("Chờ tiếp nhận").silent("Thanh toán 10.000")
}

// The way shown to the citizen leads on from each state of the shipped machines
// to an end that they want, where there is one, and never through a refusal.
func TestWayOn(t *testing.T) {
	t.Parallel()
	p, _ := shipped.WithScenarios().Get("permanent-residence")
	for from, want := range map[workflow.State][]workflow.State{
		"payment":    {"intake", "consents", "examine", "approve", "recording", "granted"},
		"supplement": {"examine", "approve", "recording", "granted"},
		"repair":     {"granted"},
		"granted":    nil,
		"refused":    nil,
	} {
		if d := cmp.Diff(want, wayOn(p.Machine, from)); d != "" {
			t.Errorf("from %s (-want +got):\n%s", from, d)
		}
	}
	for _, p := range shipped.WithScenarios().All() {
		for _, name := range p.Machine.Order {
			def := p.Machine.States[name]
			way := wayOn(p.Machine, name)
			if def.Kind == workflow.Final && way != nil || slices.ContainsFunc(way, func(s workflow.State) bool { return p.Machine.States[s].Negative }) {
				t.Errorf("%s, from %s: %v", p.ID, name, way)
			}
		}
	}
}

// A delay of ours is a step of its own, and is called ours.
func TestTechnicalDelay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.wife()
	_, err := o.db.Exec(t.Context(), `UPDATE case_effects SET status = 0, next_at = created_at, done_at = NULL, error = 'connection refused by 10.0.0.7'
		WHERE case_id = (SELECT id FROM cases WHERE code = $1) AND type = 'notify'`, code)
	must(t, err)
	o.pass(time.Hour)
	o.signIn(an, "Nguyễn Thị An", 2).get(caseLink(code, "")).says("Chậm do kỹ thuật: thông báo chưa gửi được", "không phải của Ông/Bà").silent("10.0.0.7")
}

// Messages are new until the citizen marks them, and lead to their case.
func TestMessages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.wife()
	b := o.signIn(an, "Nguyễn Thị An", 2)
	b.get("/tin-bao").says("Mới", "Xem hồ sơ "+string(code)).send(nil).at(200, "/tin-bao").silent("Mới").click("Xem hồ sơ").at(200, string(code))
	for _, path := range []string{"/tin-bao?sau=x", "/ai-da-xem?sau=x", "/ho-so?sau=x"} {
		if b.get(path); b.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, b.status)
		}
	}
}

// The pages that need no sign-in are there in both languages.
func TestAboutPages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	vietnamese := regexp.MustCompile(`[ăđơưạảấầẩậắằẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]`)
	for _, path := range []string{"/tro-giup", "/bao-ve-du-lieu", "/tiep-can", "/kiem-tra"} {
		if b := s.browser().get(path); b.status != http.StatusOK || !vietnamese.MatchString(b.text()) {
			t.Errorf("%s: %d", path, b.status)
		}
		if b := s.browser().get(path + "?lang=en"); b.status != http.StatusOK || vietnamese.MatchString(b.text()) {
			t.Errorf("%s in English: %d %s", path, b.status, b.text())
		}
	}
}
