package desk

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/identity"
)

// allGood are verdicts for every item of a wife who joins her husband.
var allGood = url.Values{"verdict-dwelling": {"satisfied"}, "verdict-kinship": {"satisfied"}, "verdict-members": {"satisfied"}}

// The whole path of an officer's work: accept at the counter, judge, propose,
// and the decision by another officer, which the register then carries out.
func TestFromCounterToDecision(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.filed()
	home := h.get(reception, "/can-bo").want(http.StatusOK).says("1 Mới trong đơn vị", "Chờ tiếp nhận")
	queue := h.get(reception, home.Link("Mới trong đơn vị")).want(http.StatusOK).says(string(code), "Có việc mới", "Vợ, chồng, con, cha, mẹ về ở với nhau")
	queue.submit(reception, "/nhan", nil).want(http.StatusSeeOther)
	one := h.get(reception, "/hang-doi?muc=cua-toi").want(http.StatusOK).Link(string(code))
	h.get(reception, one).want(http.StatusOK).says("Ông/Bà đang giữ", "Tiếp nhận", "Chưa tính thời hạn",
		"Hai giá trị khác nhau", "Nguyễn Thị An", "Nguyễn Thị Ân", "Giấy khai sinh ghi Ân", "Cơ sở dữ liệu quốc gia về dân cư")
	h.get(reception, "/hang-doi").says("Không có hồ sơ nào chờ nhận").not("Hiển thị 0")
	done := h.submit(reception, one, "/viec/accept", nil).want(http.StatusSeeOther)
	h.get(reception, done.Header().Get("Location")).says("Đã thực hiện: Tiếp nhận", "Chờ ý kiến đồng ý", "Đang chờ hồ sơ liên thông")
	h.drain()
	h.get(handler, pathOf(code, relatedPage, "")).says("Trần Văn Bình", "Chờ ý kiến của Ông/Bà", "Người này không có hồ sơ nào khác")
	h.agree()

	page := pathOf(code, "", "")
	h.get(handler, page).says("Đang thẩm định", "0 trên 3 mục đã đánh giá", "Chưa đánh giá: ", "11/11/2026 Còn 9 ngày", "ngày làm việc thứ 5 đến thứ 7")
	judged := h.submit(handler, page, "/danh-gia", with1(allGood, "next", "propose")).want(http.StatusSeeOther)
	propose := h.get(handler, judged.Header().Get("Location")).says("Trình duyệt", "Đạt", "Dương Văn Hải", "Hồ sơ chuyển sang bước: Chờ phê duyệt")
	propose.submit(handler, "/viec/propose", url.Values{"note": {"Hồ sơ hợp lệ"}}).want(http.StatusSeeOther)

	h.at(3, 9)
	h.get(approver, page).says("Chờ phê duyệt", "Phê duyệt", "Trả lại để thẩm định", "Ý kiến ở các bước trước", "Hồ sơ hợp lệ", "Trần Văn Bình Đã đồng ý").not("Lưu đánh giá")
	grant := h.get(approver, pathOf(code, "/viec/grant", "")).want(http.StatusOK).says(
		"Ghi vào Cơ sở dữ liệu quốc gia về dân cư", "Nơi thường trú của Nguyễn Thị An: 25 phố Hàng Bông, phường Hoàn Kiếm, thành phố Hà Nội → 12 phố Lê Lợi, phường Ba Đình",
		"Hộ gia đình của Nguyễn Thị An: hộ của Trần Văn Bình; quan hệ với chủ hộ: vợ", "Thông báo kết quả giải quyết thủ tục về cư trú (CT08)", "đọc lại dữ liệu gốc", "Xác nhận: Phê duyệt")
	grant.submit(approver, "/viec/grant", nil).want(http.StatusSeeOther)
	h.drain()
	if got := h.state(code); got != "granted" {
		t.Errorf("the case is %s, want granted", got)
	}
	h.get(approver, page).says("Đã đăng ký thường trú", "Hồ sơ đã kết thúc")
	files := h.get(approver, pathOf(code, filesPage, "")).says("(CT04)", "(CT08)", "Còn hiệu lực")
	pdf := h.get(approver, files.Link("(CT08)")).want(http.StatusOK)
	if pdf.Body.String()[:5] != "%PDF-" || pdf.Header().Get("X-Content-Type-Options") != "nosniff" || pdf.Header().Get("Content-Type") != "application/pdf" {
		t.Errorf("the paper comes as %v", pdf.Header())
	}
	h.get(approver, pathOf(code, historyPage, "")).says("Ý kiến: Hồ sơ hợp lệ", "Nhận xử lý", "Ngô Thị Bích Ngọc", "Công an phường", "Tin đã gửi người dân")
}

// Who proposed may not decide, and reads why: on the page before, and when the
// command is sent all the same.
func TestFourEyes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seat(handler, agency.Approver)
	code := h.proposed(handler)
	why := "Người đã thực hiện “Trình duyệt” không được thực hiện bước này"
	h.get(handler, pathOf(code, "", "")).want(http.StatusOK).says(why)
	h.get(handler, pathOf(code, "/viec/grant", "")).want(http.StatusOK).says("Chưa thực hiện được", why).not("Xác nhận: Phê duyệt")
	h.do(handler, http.MethodPost, pathOf(code, "/viec/grant", ""), url.Values{"command": {uuid.NewString()}}).want(http.StatusConflict).says("Chưa thực hiện được", why)
	if got := h.state(code); got != "approve" {
		t.Errorf("the case is %s, want approve", got)
	}
}

// A supplement is asked for once and completely: blocked while an item is not
// judged, shown as the citizen will read it, with what becomes of the term.
func TestSupplement(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.examined()
	page := pathOf(code, "", "")
	h.get(handler, pathOf(code, "/viec/ask-supplement", "")).want(http.StatusOK).says("Chưa thực hiện được", "Chưa đánh giá").not("Xác nhận: Yêu cầu bổ sung")

	missing := with1(allGood, "verdict-dwelling", "not-satisfied")
	h.submit(handler, page, "/danh-gia", missing).want(http.StatusUnprocessableEntity).says("Có vấn đề cần sửa", "Nêu lý do mục “Chỗ ở hợp pháp")
	missing = with1(with1(missing, "reason-dwelling", "Ảnh mờ"), "next", "ask-supplement")
	judged := h.submit(handler, page, "/danh-gia", missing).want(http.StatusSeeOther)
	ask := h.get(handler, judged.Header().Get("Location")).want(http.StatusOK).says("Ảnh mờ", "Người dân sẽ đọc", "Hồ sơ của Ông/Bà cần bổ sung",
		"tính lại từ đầu", "đến hết ngày 02/12/2026", "(CT05)").not("Quan hệ với chủ hộ và điều kiện về ở với người thân Cần bổ sung")
	ask.submit(handler, "/viec/ask-supplement", url.Values{"why-dwelling": {""}}).want(http.StatusUnprocessableEntity).says("Có vấn đề cần sửa", "Nêu lý do cần bổ sung từng mục")
	ask.submit(handler, "/viec/ask-supplement", url.Values{"why-dwelling": {"Chụp lại hợp đồng cho rõ"}, "do": {"preview"}}).want(http.StatusOK).says("Chụp lại hợp đồng cho rõ Cần bổ sung")
	if got := h.state(code); got != "examine" {
		t.Fatalf("a preview moved the case to %s", got)
	}
	ask.submit(handler, "/viec/ask-supplement", url.Values{"why-dwelling": {"Chụp lại hợp đồng cho rõ"}}).want(http.StatusSeeOther)
	h.get(handler, page).says("Chờ Ông/Bà bổ sung", "Bổ sung trước hết ngày", "02/12/2026", "Đang chờ người dân")
	h.get(handler, "/hang-doi?muc=cho-dan").says(string(code))
	h.get(handler, pathOf(code, historyPage, "")).says("Chụp lại hợp đồng cho rõ")

	_, err := h.cases.Act(t.Context(), citizen(wife), cases.Command{Code: code, ID: uuid.New(), Event: "supply", Input: cases.Input{
		Answers: map[string]any{"dwelling": map[string]any{"address": map[string]any{"province": "01", "commune": "00004", "line": "Số 12 phố Lê Lợi"}}}}})
	h.ok(err)
	h.get(handler, page).says("Đổi sau khi nộp", "Số 12 phố Lê Lợi, phường Ba Đình, thành phố Hà Nội Đổi sau khi nộp 12 phố Lê Lợi", "Người nộp đã bổ sung, cần đánh giá lại", "2 trên 3 mục đã đánh giá",
		"Yêu cầu bổ sung (CT05) Đã dùng hết số lần được phép (1 lần)")
}

// A refusal names its grounds, and what was typed is kept until it does.
func TestRefusal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.proposed(handler)
	refuse := h.get(approver, pathOf(code, "/viec/refuse", "")).want(http.StatusOK).says("Chủ hộ hoặc chủ sở hữu chỗ ở không đồng ý", "Luật Cư trú 68/2020/QH14, Điều 20 khoản 2, 3",
		"Phiếu từ chối tiếp nhận, giải quyết hồ sơ (CT06)", "Hồ sơ kết thúc: Không được đăng ký", "Xác nhận: Từ chối (CT06)")
	again := refuse.submit(approver, "/viec/refuse", url.Values{"note": {"Đã xác minh hai lần"}}).want(http.StatusUnprocessableEntity)
	again.says("Có vấn đề cần sửa", "Chọn ít nhất một căn cứ từ chối", "Đã xác minh hai lần")
	if title := again.title(); title[:len("Lỗi: ")] != "Lỗi: " {
		t.Errorf("the title of a page with a problem is %q", title)
	}
	again.submit(approver, "/viec/refuse", url.Values{"grounds": {"no-dwelling"}}).want(http.StatusSeeOther)
	h.drain()
	if got := h.state(code); got != "refused" {
		t.Errorf("the case is %s, want refused", got)
	}
	h.get(approver, pathOf(code, historyPage, "")).says("Căn cứ: Không có chỗ ở hợp pháp hoặc không chứng minh được", "Ý kiến: Đã xác minh hai lần")
}

// Officers of another agency do not learn that the case exists, by any of its pages.
func TestStrangersFindNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.filed()
	for _, page := range []string{"", filesPage, historyPage, relatedPage, comparePage, "/viec/accept", "/tra-lai"} {
		h.get(stranger, pathOf(code, page, "")).want(http.StatusNotFound).not("Nguyễn Thị An")
	}
	for _, action := range []string{"/nhan", "/tra-lai", "/danh-gia", "/viec/accept"} {
		h.do(stranger, http.MethodPost, pathOf(code, action, ""), url.Values{"command": {uuid.NewString()}}).want(http.StatusNotFound)
	}
	h.get(stranger, "/tim-kiem?q="+url.QueryEscape("nguyen thi an")).want(http.StatusOK).not(string(code))
	h.get(stranger, "/hang-doi?muc=tat-ca").want(http.StatusOK).not(string(code))
	h.get(stranger, "/hang-doi?co-quan=CA-00004").want(http.StatusForbidden)
	if got := h.state(code); got != "intake" {
		t.Errorf("the case is %s, want intake", got)
	}
}

// Citizens have no desk, and nobody has one without signing in.
func TestOfficersOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct {
		name string
		who  *identity.Principal
		want int
	}{
		{"nobody", nil, http.StatusSeeOther},
		{"citizen", &identity.Principal{Actor: citizen(wife)}, http.StatusForbidden},
		{"officer at level 1", &identity.Principal{Actor: agency.Actor{Kind: agency.Officer, ID: handler, Level: 1}}, http.StatusSeeOther},
	} {
		for _, path := range []string{"/can-bo", "/hang-doi", "/tim-kiem", "/can-bo/ho-so/H01.00004-261102-000001"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			if c.who != nil {
				r = r.WithContext(identity.With(r.Context(), c.who))
			}
			w := httptest.NewRecorder()
			h.handler.ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("%s at %s: got %d, want %d", c.name, path, w.Code, c.want)
			}
		}
	}
}

// A case that changed since its page was opened is not acted upon: the officer
// reads what changed, and what was typed is not lost.
func TestConflict(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.proposed(handler)
	stale := h.get(approver, pathOf(code, "/viec/refuse", "")).want(http.StatusOK)
	h.submit(approver, pathOf(code, "/viec/return", ""), "/viec/return", url.Values{"note": {"Xem lại"}}).want(http.StatusSeeOther)
	h.submit(handler, pathOf(code, "/viec/propose", ""), "/viec/propose", nil).want(http.StatusSeeOther)
	stale.submit(approver, "/viec/refuse", url.Values{"grounds": {"area"}, "note": {"Chỉ có 6 m² một người"}}).want(http.StatusConflict).says(
		"Hồ sơ vừa thay đổi", "Chờ phê duyệt", "Những gì Ông/Bà đã nhập", "Chỉ có 6 m² một người", "Không bảo đảm diện tích nhà ở tối thiểu")
	if got := h.state(code); got != "approve" {
		t.Errorf("the case is %s, want approve", got)
	}
}

// The same form sent twice is one act.
func TestCommandCountsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.filed()
	page := h.get(reception, pathOf(code, "", ""))
	page.submit(reception, "/viec/accept", nil).want(http.StatusSeeOther)
	page.submit(reception, "/viec/accept", nil).want(http.StatusSeeOther)
	var n int
	h.ok(h.db.QueryRow(t.Context(), `SELECT count(*) FROM case_events e JOIN cases c ON c.id = e.case_id WHERE c.code = $1 AND e.event = 'accept'`, code).Scan(&n))
	if n != 1 {
		t.Errorf("accepted %d times, want once", n)
	}
}

// A register that changed since filing stops the decision, and its differences are shown.
func TestStaleRecords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.proposed(handler)
	h.get(approver, pathOf(code, comparePage, "")).want(http.StatusOK).says("Không có khác biệt")
	h.moved()
	h.get(approver, pathOf(code, comparePage, "")).want(http.StatusOK).says("Dữ liệu gốc đã khác với hồ sơ", "25 phố Hàng Bông", "1 phố Tràng Tiền")
	h.submit(approver, pathOf(code, "/viec/grant", ""), "/viec/grant", nil).want(http.StatusConflict).says(
		"Chưa thực hiện: dữ liệu gốc đã thay đổi", "Nơi thường trú hiện tại", "25 phố Hàng Bông", "1 phố Tràng Tiền", "Xác nhận: Phê duyệt")
	if got := h.state(code); got != "approve" {
		t.Errorf("the case is %s, want approve", got)
	}
}

// A case opened from a list leads on to the list's next case; taking one out of
// the list keeps the way.
func TestListIsWalked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.filed()
	h.fileFor("001091000115", "001326000117", map[string]any{"childHome": map[string]any{"parent": "me"}})
	queue := h.get(reception, "/hang-doi/permanent-residence").want(http.StatusOK).says("Hiển thị 2 trên 2")
	first, second := queue.Link("H01.00004-261102-000001"), queue.Link("H01.00004-261102-000002")
	one := h.get(reception, first).want(http.StatusOK).not("Hồ sơ trước")
	if got := one.Link("Hồ sơ sau"); got != second {
		t.Errorf("the next case is at %s, want %s", got, second)
	}
	two := h.get(reception, second).want(http.StatusOK).not("Hồ sơ sau")
	if got := two.Link("Hồ sơ trước"); got != first {
		t.Errorf("the case before is at %s, want %s", got, first)
	}
	taken := one.submit(reception, "/nhan", nil).want(http.StatusSeeOther)
	if got := h.get(reception, taken.Header().Get("Location")).says("Ông/Bà đã nhận hồ sơ này").Link("Hồ sơ sau"); got != second {
		t.Errorf("after taking the first, the next case is at %s, want %s", got, second)
	}
	h.get(reception, "/can-bo/ho-so/H01.00004-261102-000001?tu=https%3A%2F%2Fevil.example%2Fhang-doi").want(http.StatusOK).not("Hồ sơ sau", "evil")
}

// The filters end in an address that can be kept, and what does not belong to
// the procedure chosen is dropped.
func TestFilters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.filed()
	for asked, want := range map[string]string{
		"/hang-doi?thu-tuc=permanent-residence&muc=tat-ca":                                      "/hang-doi/permanent-residence?muc=tat-ca",
		"/hang-doi/permanent-residence?thu-tuc=permanent-residence&buoc=intake":                 "/hang-doi/permanent-residence?buoc=intake",
		"/hang-doi/permanent-residence?thu-tuc=child-residence&buoc=intake&tiep=x":              "/hang-doi/child-residence",
		"/hang-doi/permanent-residence?thu-tuc=tat-ca&buoc=intake&gap=qua-han&co-quan=CA-00004": "/hang-doi?co-quan=CA-00004&gap=qua-han",
		"/hang-doi?thu-tuc=" + url.QueryEscape("//evil.example"):                                "/hang-doi/%2F%2Fevil.example",
	} {
		if got := h.get(reception, asked).want(http.StatusSeeOther).Header().Get("Location"); got != want {
			t.Errorf("%s leads to %s, want %s", asked, got, want)
		}
	}
	h.get(reception, "/hang-doi/permanent-residence?buoc=intake").want(http.StatusOK).says(string(code), "Bỏ lọc")
	h.get(reception, "/hang-doi/permanent-residence?buoc=fee-search").want(http.StatusOK).says("Không có hồ sơ nào chờ nhận")
	h.get(reception, "/hang-doi/no-such-procedure").want(http.StatusNotFound)
	h.get(reception, "/hang-doi?tiep=made-up").want(http.StatusOK).says(string(code)) // a cursor of nobody's: from the start
	h.get(reception, "/hang-doi?da-nhan="+url.QueryEscape("Gọi ngay 1900")).want(http.StatusOK).not("Gọi ngay")
}

// A case that another officer holds is not taken silently: it needs a reason, which the history keeps.
func TestTakingBackNeedsAReason(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seat(handler, agency.Reception)
	code := h.filed()
	h.submit(reception, pathOf(code, "", ""), "/nhan", nil).want(http.StatusSeeOther)
	held := h.get(handler, pathOf(code, "", "")).says("Hồ sơ đang do Ngô Thị Bích Ngọc xử lý")
	back := h.get(handler, held.Link("Lấy lại hồ sơ")).want(http.StatusOK)
	back.submit(handler, "/tra-lai", nil).want(http.StatusUnprocessableEntity).says("Nêu lý do lấy lại hồ sơ")
	back.submit(handler, "/tra-lai", url.Values{"reason": {"Cán bộ nghỉ ốm"}}).want(http.StatusSeeOther)
	h.get(handler, pathOf(code, "", "")).says("Chưa ai nhận")
	h.get(handler, pathOf(code, historyPage, "")).says("Lấy lại từ Ngô Thị Bích Ngọc", "Cán bộ nghỉ ốm")
}

// What does not get through is told to the officer in words.
func TestTroubles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.filed()
	h.get(reception, pathOf(code, "", "")).not("Vướng mắc kỹ thuật")
	h.exec(`UPDATE case_effects SET status = 4, attempts = 9, error = 'mailbox full' WHERE case_id = (SELECT id FROM cases WHERE code = $1) AND type = 'notify'`, code)
	h.get(reception, pathOf(code, "", "")).says("Vướng mắc kỹ thuật", "1 việc của hồ sơ chưa đi được")
	h.get(reception, pathOf(code, relatedPage, "")).says("Gửi tin cho người dân", "mailbox full")
}

// What is still to be taken back of an ended case is told to the officer.
func TestUndoing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.filed()
	_, err := h.cases.Act(t.Context(), agency.Actor{Kind: agency.Citizen, ID: wife, Level: 2}, cases.Command{Code: code, Event: "withdraw"})
	h.ok(err)
	h.drain()
	h.get(reception, pathOf(code, "", "")).not("Đang hoàn tác")
	h.exec(`
		INSERT INTO case_effects (case_id, seq, idx, type, name, key, attempts, next_at, created_at, undoes_seq, undoes_idx)
		SELECT id, revision, 90, 'undo-payment', 'fee', gen_random_uuid(), 0, filed_at + interval '1 hour', filed_at, 1, 0 FROM cases WHERE code = $1`, code)
	h.get(reception, pathOf(code, "", "")).says("Đang hoàn tác những việc đã làm cho hồ sơ", "Hủy lệnh thanh toán hoặc hoàn tiền cho người nộp")
}

// One box finds a case by its code, a personal number, or a name without diacritics.
func TestSearch(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.filed()
	for _, q := range []string{string(code), wife, "001 196 000 101", "nguyen thi an", "Nguyễn Thị An"} {
		h.get(reception, "/tim-kiem?q="+url.QueryEscape(q)).want(http.StatusOK).says("Tìm thấy 1 hồ sơ", string(code), "Chờ tiếp nhận")
	}
	h.get(reception, "/tim-kiem?q="+url.QueryEscape("Nguyễn Thị Ăn")).says("Không có hồ sơ nào")
	h.get(reception, "/tim-kiem").want(http.StatusOK).not("Tìm thấy")
}

// The counters count what their lists show.
func TestCountersLeadToTheirLists(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.filed()
	h.at(3, 8) // the step is due today at 17:00
	h.get(reception, "/can-bo").says("1 Đến hạn hôm nay", "0 Quá hạn")
	h.get(reception, "/hang-doi?gap=hom-nay").says("Việc đến hạn hôm nay", string(code), "Hạn hôm nay")
	h.get(reception, "/hang-doi?gap=qua-han").says("Không có việc nào")
	h.at(4, 8)
	h.get(reception, "/can-bo").says("0 Đến hạn hôm nay", "1 Quá hạn")
	h.get(reception, "/hang-doi?gap=qua-han").says(string(code), "Quá hạn 1 ngày")
	h.get(reception, pathOf(code, "", ""))
	h.get(reception, "/hang-doi?gap=moi").says("Không có việc nào") // it was opened
}

// Every page speaks English when asked to.
func TestEnglish(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.examined()
	h.get(handler, "/can-bo?lang=en").says("Desk", "Due today")
	h.get(handler, "/hang-doi?muc=chua-nhan&lang=en").says("Being examined", "Take")
	h.get(handler, with(pathOf(code, "", ""), "lang", "en")).says("Applicant", "Two values", "Not judged yet", "Ask for a supplement")
	h.get(handler, with(pathOf(code, historyPage, ""), "lang", "en")).says("What happened, newest first", "Accept")
}
