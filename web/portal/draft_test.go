package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/sandbox/drill"
)

var leLoi = typed("address-province", "01", "address-commune", "00004", "address-line", "12 phố Lê Lợi")

// A citizen comes from the catalogue to a filed case, and is asked only what no
// registry knows.
func TestFromCatalogueToFiled(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.signIn(an, "Nguyễn Thị An", 2)
	b.get("/").says("Chuyển nhà, cư trú", "Đăng ký nơi thường trú mới").click("Đăng ký nơi thường trú mới")
	b.at(200, "/thu-tuc/permanent-residence").says("Những gì chúng tôi đã biết", "7 ngày làm việc", "cần khai nhiều nhất 3 mục")
	b.send(nil).at(200, "/da-co").says("Phần 1 trên", "Nguyễn Thị An", "Cơ sở dữ liệu", "Chưa đúng?", "Thay đổi").silent("Trần Văn Bình")

	b.send(nil).at(200, "/dwelling/title").says("Chỗ ở mới", "Vì sao chúng tôi hỏi")
	b.send(typed("title", "family")).at(200, "/dwelling/address")
	b.send(leLoi).at(200, "/household/headNumber").says("Trần Văn Bình")
	b.send(typed("headNumber", binh)).at(200, "/household").says("Trần Văn Bình", "Vợ", "Chưa đúng?")
	b.send(nil).at(200, "/members")
	b.send(nil).at(200, "/delivery")
	b.send(typed("result", "electronic")).at(200, "/kiem-tra")
	b.says("Công an phường Ba Đình", "Không phải nộp tiền", "7 ngày làm việc", "12 phố Lê Lợi", "Tôi đã xem lại", "Nộp hồ sơ đăng ký thường trú").silent("Còn mục cần khai")
	draft := b.draft()
	b.send(nil).at(200, "/da-nop").says("Đã nhận hồ sơ", "H01.00004-261126-000001", "Công an phường Ba Đình")

	list, _, err := s.cases.Mine(t.Context(), s.actor(), "", "", 10)
	must(t, err)
	if len(list) != 1 || string(list[0].Code) != "H01.00004-261126-000001" {
		t.Fatalf("filed: %+v", list)
	}
	b.get(draft+"/dwelling/title").at(200, "/ho-so/H01.00004-261126-000001")
}

// toCheck brings An's draft to the check page.
func toCheck(b *browser) *browser {
	b.get("/thu-tuc/permanent-residence/cho-ai").send(nil).at(200, "/da-co").send(nil).send(typed("title", "family")).send(leLoi).
		send(typed("headNumber", binh)).send(nil).send(nil)
	return b.at(200, "/delivery").send(typed("result", "electronic")).at(200, "/kiem-tra")
}

// Sending the check page twice files one case.
func TestFiledTwice(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := toCheck(s.signIn(an, "Nguyễn Thị An", 2))
	action, form := b.inputs()
	for range 2 {
		b.take(b.client.PostForm(b.base+action, form)).at(200, "H01.00004-261126-000001/da-nop")
	}
}

// A case that is being handled already is not filed again: the page says which
// it is.
func TestDuplicate(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	proc, _ := s.procedures.Get("camera-fine-payment")
	var last *browser
	for range 2 {
		w := &walk{s: s, t: t, story: proc.Scenarios[0], proc: proc, put: map[forms.Pointer]bool{}, contested: map[forms.Pointer]bool{}}
		w.through()
		last = w.b.at(200, "/kiem-tra").send(nil)
	}
	last.at(http.StatusConflict, "/nop").says("đã được nộp", "Không cần nộp thêm").click("Xem hồ sơ đã nộp")
	if list, _, err := s.cases.Mine(t.Context(), s.actor(), "", "", 10); err != nil || len(list) != 1 {
		t.Fatalf("%d cases, want 1: %v", len(list), err)
	}
}

// What changed after the check page was shown is told, and nothing is filed.
func TestFilingWhatWasNotSeen(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := toCheck(s.signIn(an, "Nguyễn Thị An", 2))
	action, old := b.inputs()
	b.get(b.draft()+"/delivery?tu=kiem-tra").send(typed("result", "paper")).at(200, "/kiem-tra")
	b.take(b.client.PostForm(b.base+action, old)).at(http.StatusConflict, "/nop").says("Hồ sơ đã thay đổi", "Bản điện tử", "Bản giấy", "Chưa có gì được nộp")
	if list, _, err := s.cases.Mine(t.Context(), s.actor(), "", "", 10); err != nil || len(list) != 0 {
		t.Fatalf("filed all the same: %v %v", list, err)
	}
	b.click("Xem lại hồ sơ").at(200, "/kiem-tra").says("Bản giấy").send(nil).at(200, "/da-nop")
}

// A problem leaves the page as it was typed, with a summary that leads to it.
func TestProblems(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.signIn(an, "Nguyễn Thị An", 2)
	b.get("/thu-tuc/permanent-residence/cho-ai").send(nil).send(nil)
	b.send(nil).at(422, "/dwelling/title").says("Có vấn đề cần sửa", "Trả lời câu hỏi")
	if !strings.Contains(b.body, "<title>Lỗi: Chỗ ở mới là của ai?") || !strings.Contains(b.body, `href="#title"`) {
		t.Error("title and summary do not tell of the problem")
	}
	b.send(typed("title", "family")).send(typed("address-province", "01", "address-commune", "", "address-line", "12 phố Lê Lợi"))
	b.at(422, "/dwelling/address").says("Chọn xã, phường")
	if _, form := b.inputs(); form.Get("address-line") != "12 phố Lê Lợi" || form.Get("address-province") != "01" {
		t.Errorf("what was typed is gone: %v", form)
	}
	// Without a script the button fetches the communes; nothing is checked, nothing lost.
	b.send(url.Values{"address-province": {"79"}, "units": {"address"}}).at(200, "/dwelling/address").silent("Có vấn đề")
	if !strings.Contains(b.body, "26737") {
		t.Error("the communes of the province are not offered")
	}
}

// What an answer brings up on its own page is asked before anybody calls it
// missing; asked, it is missing.
func TestQuestionsThatAnAnswerBringsUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.signIn("001090000650", "Nguyễn Đăng Khoa", 2)
	b.get("/thu-tuc/unemployment-benefit/cho-ai").send(nil)
	b.get(b.draft()+"/payment").silent("Số tài khoản").send(typed("payout", "bank")).at(200, "/payment").says("cần thêm thông tin", "Số tài khoản").silent("Có vấn đề cần sửa", "Nhập số tài khoản")
	if !strings.Contains(b.body, `href="#account"`) {
		t.Error("nothing leads to the question that came up")
	}
	b.send(nil).at(422, "/payment").says("Có vấn đề cần sửa", "Nhập số tài khoản").silent("cần thêm thông tin")
	// A mistake in what was shown is told at once, with the rest.
	b = s.signIn("001183000651", "Người khác", 2)
	b.get("/thu-tuc/unemployment-benefit/cho-ai").send(nil)
	b.get(b.draft()+"/payment").send(nil).at(422, "/payment").says("Có vấn đề cần sửa")
}

// A changed answer leads back to the check page, past what it has made
// necessary and nothing else.
func TestChange(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := toCheck(s.signIn(an, "Nguyễn Thị An", 2))
	b.get(b.draft()+"/delivery?tu=kiem-tra").back().at(200, "/kiem-tra")
	b.get(b.draft()+"/delivery?tu=kiem-tra").send(typed("result", "sms")).at(200, "/kiem-tra").says("Tin nhắn SMS")
	b.get(b.draft()+"/dwelling/title?tu=kiem-tra").send(typed("title", "own")).at(200, "/household/mode?tu=kiem-tra")
	b.send(typed("mode", "new")).at(200, "/kiem-tra").says("Lập hộ mới").silent("Trần Văn Bình", "Còn mục cần khai")
}

// The way back leads through the pages of this path.
func TestBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := toCheck(s.signIn(an, "Nguyễn Thị An", 2))
	for _, page := range []string{"/delivery", "/members", "/household", "/household/headNumber", "/dwelling/address", "/dwelling/title", "/da-co", "/thu-tuc/permanent-residence"} {
		b.back().at(200, page)
	}
	b.says("Tiếp tục hồ sơ đang khai").click("Tiếp tục hồ sơ đang khai").at(200, "/kiem-tra")
}

// Leaving keeps what was typed, right or wrong, and the draft resumes there.
func TestSaveAndLeave(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.signIn(an, "Nguyễn Thị An", 2)
	b.get("/thu-tuc/permanent-residence/cho-ai").send(nil).send(nil).send(typed("title", "family")).at(200, "/dwelling/address")
	draft := b.draft()
	b.send(url.Values{"address-line": {"12 phố Lê Lợi"}, actName: {actExit}}).at(200, "/ho-so")
	b.get(draft).at(200, "/dwelling/address")
	if _, form := b.inputs(); form.Get("address-line") != "12 phố Lê Lợi" {
		t.Errorf("not kept: %v", form)
	}
	b.get("/").says("Việc Ông/Bà cần làm", "Khai tiếp")
}

// The script's saving answers with the time and a new seal, so that going on
// afterwards meets no difference.
func TestAutosave(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.signIn(an, "Nguyễn Thị An", 2)
	b.get("/thu-tuc/permanent-residence/cho-ai").send(nil).send(nil).at(200, "/dwelling/title")
	action, form := b.inputs()
	save := func(value string) *http.Response {
		form.Set("title", value)
		req, err := http.NewRequest(http.MethodPost, b.base+action, strings.NewReader(form.Encode()))
		must(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set(autosaveHeader, "1")
		resp, err := b.client.Do(req)
		must(t, err)
		resp.Body.Close()
		return resp
	}
	resp := save("own")
	if resp.StatusCode != 200 || resp.Header.Get(sealHeader) == "" || resp.Header.Get(sealHeader) == form.Get(sealName) {
		t.Fatalf("saved: %d, seal %q", resp.StatusCode, resp.Header.Get(sealHeader))
	}
	if again := save("rented"); again.StatusCode != http.StatusConflict {
		t.Errorf("an old seal was taken: %d", again.StatusCode)
	}
	form.Set(sealName, resp.Header.Get(sealHeader))
	if again := save("family"); again.StatusCode != 200 {
		t.Errorf("the new seal was refused: %d", again.StatusCode)
	}
	// The answer was lost on its way, and the form is sent: it says what is kept already.
	b.take(b.client.PostForm(b.base+action, form)).at(200, "/dwelling/address")
}

// Two windows: the second is shown both answers, and nothing is written over
// before the citizen has chosen.
func TestTwoWindows(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first := s.signIn(an, "Nguyễn Thị An", 2)
	first.get("/thu-tuc/permanent-residence/cho-ai").send(nil).send(nil).at(200, "/dwelling/title")
	second := s.browser().get(first.path)
	first.send(typed("title", "family"))
	second.send(typed("title", "rented")).at(http.StatusConflict, "/dwelling/title").says("thay đổi ở nơi khác", "người thân", "Nhà thuê")
	if d := s.draft(t, second.draft()); d.State.Answer("/dwelling/title").Value != "family" {
		t.Fatal("the first answer was written over")
	}
	second.send(typed(actName, actMine)).at(200, "/dwelling/address")
	if d := s.draft(t, second.draft()); d.State.Answer("/dwelling/title").Value != "rented" {
		t.Fatal("the choice was not kept")
	}
	// Another question changed meanwhile is no conflict.
	first.get(first.draft() + "/delivery")
	second.get(second.draft() + "/dwelling/title").send(typed("title", "family"))
	first.send(typed("result", "sms")).at(200, "/kiem-tra")
}

func (s *stage) draft(t *testing.T, path string) *cases.Draft {
	t.Helper()
	id, err := uuid.Parse(strings.TrimPrefix(path, casesPath+"/"))
	must(t, err)
	d, err := s.cases.Draft(t.Context(), s.actor(), id)
	must(t, err)
	return d
}

// An answer that ends the journey leads to the reason, the law and the way out.
func TestStop(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.signIn(an, "Nguyễn Thị An", 2)
	b.get("/thu-tuc/permanent-residence/cho-ai").send(nil).send(nil).send(typed("title", "uncertified")).at(200, "/dung-lai")
	b.says("chưa thể nộp", "Căn cứ: ", "Thay đổi", "các thủ tục khác")
	b.get(b.draft() + "/kiem-tra").silent("Tôi đã xem lại").says("Còn mục cần khai")
	b.get(b.draft()).at(200, "/dung-lai").click("Thay đổi").at(200, "/dwelling/title?tu=dung-lai").send(typed("title", "family")).at(200, "/dwelling/address")
}

// A registry out of reach is said, the questions come later, and asking again
// fills them.
func TestRegistryOutOfReach(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	must(t, s.sandbox.Board.Set("land", drill.Switch{Down: true, Times: 1}))
	b := s.signIn("001088000103", "Lê Minh Chí", 2)
	b.get("/thu-tuc/permanent-residence/cho-ai").send(nil).at(200, "/da-co").says("Có cơ sở dữ liệu chưa trả lời", "đất đai", "Thử lại")
	b.take(b.client.PostForm(b.base+b.draft()+"/lay-lai", nil)).at(200, "/da-co").silent("chưa trả lời")
	b.send(nil).send(typed("title", "own")).at(200, "/dwelling/holding").says("7 ngõ 10 phố Đội Cấn")
}

// A case for a child: the choice is asked, and must be made.
func TestForWhom(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.signIn(tung, "Người cha", 2)
	b.get("/thu-tuc/permanent-residence").send(nil).at(200, "/cho-ai").says("Hồ sơ này cho ai?", "Cho tôi", "Cho con tôi")
	b.send(nil).at(422, "/bat-dau").says("Chọn người được giải quyết hồ sơ")
	b.send(typed(subjectName, minor)).at(200, "/da-co")
	if d := s.draft(t, b.draft()); d.Subject != minor {
		t.Errorf("the draft is about %s", d.Subject)
	}
	b.get("/thu-tuc/permanent-residence/cho-ai").send(typed(subjectName, an))
	if b.status != http.StatusForbidden {
		t.Errorf("a case for a stranger was begun: %d", b.status)
	}
}

// Nobody sees another's draft, or one at too low a level; who is not signed in
// is sent to sign in and comes back.
func TestWhoMaySeeADraft(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.signIn(an, "Nguyễn Thị An", 2)
	draft := b.get("/thu-tuc/permanent-residence/cho-ai").send(nil).draft()
	for _, page := range []string{"", "/da-co", "/dwelling/title", "/kiem-tra", "/chua-dung/applicant/fullName", "/giay-to/lease", "/dung-lai", "/xoa"} {
		b = s.signIn(binh, "Trần Văn Bình", 2)
		if b.get(draft + page); b.status != http.StatusNotFound || strings.Contains(b.body, "Nguyễn Thị An") {
			t.Errorf("a stranger gets %s: %d", page, b.status)
		}
		b.says("Không tìm thấy hồ sơ đang khai")
		b = s.signIn(an, "Nguyễn Thị An", 1)
		if b.get(draft + page); !strings.HasPrefix(b.path, "/dang-nhap?level=2&to=") {
			t.Errorf("level 1 gets %s: %d %s", page, b.status, b.path)
		}
		s.who.Store(nil)
		if b = s.browser().get(draft + page); !strings.HasPrefix(b.path, "/dang-nhap?") {
			t.Errorf("nobody gets %s: %d %s", page, b.status, b.path)
		}
	}
	b = s.signIn(an, "Nguyễn Thị An", 2)
	b.get(draft+"/xoa").says("không lấy lại được").send(nil).at(200, "/ho-so")
	b.get(draft).at(http.StatusNotFound, draft).says("Bắt đầu hồ sơ mới")
}

// The way through a form is laid out from its state alone: what registries fill
// before the first question is on the first page, what they find later on its own.
func TestAtHand(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	proc, _ := s.procedures.Get("permanent-residence")
	known := atHand(proc)
	for name, want := range map[string]bool{"applicant": true, "mover": true, "home": true, "holdings": true, "parentOfChild": false, "dwelling": false, "head": false, "kin": false} {
		if known[name] != want {
			t.Errorf("%s is at hand: %v, want %v", name, known[name], want)
		}
	}
	if got := (&journey{Draft: &cases.Draft{State: &forms.State{}}, Steps: []step{{Path: checkStep}}}).resume(); got != checkStep {
		t.Errorf("a way without questions resumes at %s", got)
	}
}
