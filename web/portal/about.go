package portal

import (
	"net/http"

	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// aboutView is a page of plain text: help, privacy, accessibility.
type aboutView struct {
	Lang  string
	Parts []aboutPart
}

type aboutPart struct {
	Title string
	Lines []string
	Link  *ui.Link
}

func (p *portal) about(w http.ResponseWriter, r *http.Request, vi, en string, parts ...aboutPart) error {
	lang := site.Lang(r)
	return p.Render(w, r, http.StatusOK, aboutPage(p.Frame(r, ui.T(lang, vi, en)), aboutView{lang, parts}))
}

// help says how one gets on.
func (p *portal) help(w http.ResponseWriter, r *http.Request) error {
	t := func(vi, en string) string { return ui.T(site.Lang(r), vi, en) }
	return p.about(w, r, "Trợ giúp", "Help",
		aboutPart{t("Bắt đầu một thủ tục", "Start a procedure"), []string{
			t("Chọn thủ tục ở trang chủ và đăng nhập bằng tài khoản định danh điện tử. Những gì Nhà nước đã có được điền sẵn; Ông/Bà chỉ khai phần còn thiếu.", "Choose a procedure on the home page and sign in with your electronic identity. What the state holds is filled in; you enter only what is missing."),
			t("Mỗi trang được lưu khi bấm Tiếp tục. Ông/Bà có thể nghỉ và khai tiếp trên máy khác.", "Each page is saved when you continue. You can stop and go on with another device.")}, &ui.Link{Text: t("Xem các thủ tục", "See the procedures"), Href: "/"}},
		aboutPart{t("Theo dõi hồ sơ", "Follow a case"), []string{
			t("Trang Hồ sơ của tôi cho biết ai đang giữ hồ sơ, hẹn trả ngày nào và vì sao. Việc Ông/Bà cần làm luôn ở trên cùng.", "My cases tells who has a case, when it is due and why. What you have to do stands on top.")}, &ui.Link{Text: t("Hồ sơ của tôi", "My cases"), Href: casesPath}},
		aboutPart{t("Khi thông tin có sẵn chưa đúng", "When something filled in is wrong"), []string{
			t("Bấm Chưa đúng? cạnh thông tin đó, ghi giá trị đúng và gửi bằng chứng. Hồ sơ vẫn nộp được; cán bộ sẽ đối chiếu.", "Press “Not right?” beside it, give the right value and send evidence. You can still file; the officer will compare.")}, nil},
		aboutPart{t("Khi thanh toán bị gián đoạn", "When a payment is interrupted"), []string{
			t("Đừng thanh toán lần nữa khi chưa biết kết quả. Mở hồ sơ và bấm Kiểm tra lại: hệ thống tự hỏi nền tảng thanh toán.", "Do not pay again before you know the result. Open the case and press Check again: the system asks the payment platform by itself.")}, nil},
		aboutPart{t("Không dùng được mạng", "Without the internet"), []string{
			t("Ông/Bà có thể nộp trực tiếp tại cơ quan tiếp nhận ghi ở trang của thủ tục.", "You can file in person at the receiving agency named on the page of the procedure.")}, nil})
}

// privacy says what becomes of personal data.
func (p *portal) privacy(w http.ResponseWriter, r *http.Request) error {
	t := func(vi, en string) string { return ui.T(site.Lang(r), vi, en) }
	return p.about(w, r, "Bảo vệ dữ liệu cá nhân", "Privacy",
		aboutPart{t("Dữ liệu nào được dùng", "Which data are used"), []string{
			t("Những gì Ông/Bà khai và nộp, cùng dữ liệu của Ông/Bà trong các cơ sở dữ liệu mà thủ tục cần. Trang của từng thủ tục ghi rõ lấy gì, từ đâu.", "What you enter and hand in, and your data in the registers that the procedure needs. The page of each procedure says which, and from where.")}, nil},
		aboutPart{t("Ai xem được", "Who can see them"), []string{
			t("Ông/Bà, người được giải quyết, và cán bộ của cơ quan tiếp nhận và cơ quan giải quyết hồ sơ. Cán bộ cơ quan khác không mở được.", "You, whom the case is about, and officers of the receiving and the deciding agency. Officers of other agencies cannot open it."),
			t("Mỗi lần đọc dữ liệu của Ông/Bà đều được ghi lại: ai, lúc nào, mục gì, để làm gì. Nhật ký được móc xích nên việc sửa hay xóa bị phát hiện.", "Each read of your data is logged: who, when, what and why. The log is a chain, so that a change or removal is found.")}, &ui.Link{Text: t("Ai đã xem dữ liệu của tôi", "Who read my data"), Href: readsPath}},
		aboutPart{t("Giữ bao lâu", "How long they are kept"), []string{
			t("Bản khai chưa nộp bị xóa sau ngày ghi trên bản khai. Hồ sơ đã nộp được lưu theo quy định về lưu trữ.", "A draft that is not filed is removed after the day named on it. A filed case is kept as the rules on archives demand.")}, nil},
		aboutPart{t("Thư và tin nhắn", "E-mail and text messages"), []string{
			t("Thư điện tử và tin nhắn chỉ có mã hồ sơ và việc cần làm, không có dữ liệu cá nhân. Không đường dẫn nào tự đăng nhập thay Ông/Bà, và chúng tôi không hỏi mật khẩu.", "E-mails and messages hold the code of the case and what is to be done, no personal data. No link in them signs you in, and we never ask for a password.")}, nil},
		aboutPart{t("Cookie", "Cookies"), []string{
			t("Chỉ có cookie giữ phiên đăng nhập và ngôn ngữ. Không có quảng cáo, không có theo dõi, không tải gì từ trang khác.", "There are only cookies for the session and the language. No advertising, no tracking, nothing from other sites.")}, nil})
}

// accessibility says what the pages can do, and what they cannot.
func (p *portal) accessibility(w http.ResponseWriter, r *http.Request) error {
	t := func(vi, en string) string { return ui.T(site.Lang(r), vi, en) }
	return p.about(w, r, "Khả năng tiếp cận", "Accessibility statement",
		aboutPart{t("Các trang này làm được gì", "What these pages do"), []string{
			t("Dùng được hoàn toàn bằng bàn phím, không cần JavaScript, trên màn hình rộng 320 px và khi phóng to 400%. Trạng thái luôn được ghi bằng chữ, không chỉ bằng màu.", "They work with the keyboard alone, without JavaScript, on screens of 320 px and at 400% zoom. States are written in words, never by colour alone."),
			t("Mục tiêu là mức AA của WCAG 2.2. Chương trình kiểm tra tự động (axe) được chạy trên các trang khi phát triển.", "The aim is level AA of WCAG 2.2. An automatic checker (axe) is run on the pages during development.")}, nil},
		aboutPart{t("Những gì chưa làm được", "What they do not do yet"), []string{
			t("Giấy tờ PDF chưa được gắn thẻ cho trình đọc màn hình. Thông tin chính của giấy (loại, số, ngày, kết quả, lý do) có trên trang của hồ sơ.", "PDF papers are not tagged for screen readers. What matters in them (kind, number, date, result, reasons) stands on the page of the case."),
			t("Chưa có đánh giá độc lập của người khuyết tật.", "There has been no independent review with people with disabilities.")}, nil},
		aboutPart{t("Gặp khó khăn", "If something does not work"), []string{
			t("Hãy báo cho cơ quan tiếp nhận hồ sơ. Ông/Bà cũng có thể nộp trực tiếp tại đó.", "Tell the receiving agency. You can file there in person as well.")}, nil})
}
