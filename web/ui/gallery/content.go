package main

import (
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/ui"
)

var now = time.Date(2026, 11, 26, 10, 42, 0, 0, calendar.Hanoi)

// fields are one question of each kind; wrong: each with a problem.
func fields(lang string, units *agency.Units, wrong bool) []ui.Field {
	t := func(vi, en string) string { return ui.T(lang, vi, en) }
	yes := []ui.Option{{Value: "yes", Text: t("Có", "Yes")}, {Value: "no", Text: t("Không", "No")}}
	relations := []ui.Option{
		{Value: "child", Text: t("Con đẻ, con nuôi", "Child")},
		{Value: "spouse", Text: t("Vợ, chồng", "Spouse")},
		{Value: "lodger", Text: t("Ở nhờ, ở thuê", "Lodger"), Detail: t("Chủ hộ và chủ sở hữu đều phải đồng ý.", "Both the head of household and the owner have to agree.")},
	}
	address := &ui.Address{Province: "01", Line: "12 phố Hàng Bông"}
	for _, p := range units.Provinces() {
		address.Provinces = append(address.Provinces, ui.Option{Value: p.Code, Text: p.Title(lang)})
	}
	for _, c := range units.Communes("01") {
		address.Communes = append(address.Communes, ui.Option{Value: c.Code, Text: c.Title(lang)})
	}
	list := []ui.Field{
		{Name: "fullName", Label: t("Họ, chữ đệm và tên của cháu", "Full name of the child"), Hint: t("Viết như ông/bà muốn ghi trên giấy khai sinh.", "As you want it on the birth certificate."), NoSpell: true,
			Why: t("Chỉ cha mẹ mới biết tên đặt cho con.", "Only the parents know the name."), WhyLaw: "Luật Hộ tịch 60/2014/QH13, Điều 14"},
		{Kind: forms.DateWidget, Name: "birthDate", Label: t("Ngày sinh của cháu", "Date of birth of the child"), Hint: t("Ví dụ: 27 3 2026", "For example: 27 3 2026"), Day: "31", Month: "2", Year: "2026"},
		{Kind: forms.YesNoWidget, Name: "twins", Label: t("Cháu có phải là trẻ sinh đôi không?", "Is the child a twin?"), Options: yes},
		{Kind: forms.RadiosWidget, Name: "relation", Label: t("Quan hệ với chủ hộ", "Relation to the head of household"), Options: relations, Value: "child"},
		{Kind: forms.ChecksWidget, Name: "papers", Label: t("Giấy tờ muốn nhận", "Papers you want"), Optional: true, Options: []ui.Option{{Value: "copy", Text: t("Bản sao giấy khai sinh", "Copy of the birth certificate")}, {Value: "card", Text: t("Thẻ bảo hiểm y tế", "Health insurance card")}}, Values: []string{"card"}},
		{Kind: forms.SelectWidget, Name: "ethnicity", Label: t("Dân tộc", "Ethnicity"), Options: []ui.Option{{Value: "kinh", Text: "Kinh"}, {Value: "tay", Text: "Tày"}}, Value: "kinh"},
		{Name: "number", Label: t("Số định danh của mẹ", "Personal number of the mother"), Hint: t("12 chữ số, có thể cách nhau.", "12 digits, spaces are fine."), InputMode: "numeric", Width: 16, NoSpell: true},
		{Kind: forms.NumberWidget, Name: "amount", Label: t("Số tiền đã nộp", "Amount paid"), InputMode: "numeric", Suffix: "đ", Width: 16, Optional: true},
		{Kind: forms.AddressWidget, Name: "home", Label: t("Nơi thường trú", "Permanent address"), Address: address},
		{Kind: forms.TextareaWidget, Name: "note", Label: t("Điều ông/bà muốn nói thêm", "Anything else"), Optional: true},
		{Kind: forms.GroupWidget, Name: "children", Label: t("Con cùng chuyển đến", "Children who move too"), ItemName: t("Con thứ", "Child"), CanAdd: true, Items: []ui.Item{
			{Index: 0, Fields: []ui.Field{{Lang: lang, Name: "children-0-fullName", Label: t("Họ, chữ đệm và tên", "Full name"), Value: "Nguyễn Minh Khôi"}}},
			{Index: 1, Fields: []ui.Field{{Lang: lang, Name: "children-1-fullName", Label: t("Họ, chữ đệm và tên", "Full name")}}},
		}},
		{Kind: ui.FileWidget, Name: "certificate", Label: t("Giấy chứng sinh", "Birth notification"), Hint: t("Ảnh chụp rõ bốn góc, hoặc PDF, không quá 10 MB.", "A photo with all four corners, or a PDF, at most 10 MB."), Accept: ".pdf,.jpg,.png", Files: []ui.File{
			{Name: "giay-chung-sinh-trang-1.jpg", Size: ui.Size(1_480_000, lang), State: ui.Tag{Text: t("Sẵn sàng", "Ready"), Tone: ui.Success}, Href: "/tep/1", Remove: "certificate-0"},
			{Name: "scan.heic", Size: ui.Size(820_000, lang), State: ui.Tag{Text: t("Không nhận được", "Not taken"), Tone: ui.Danger}, Reason: t("Ảnh bị mờ, không đọc được số. Xin chụp lại.", "The photo is blurred. Please take it again."), Remove: "certificate-1"},
		}},
	}
	problems := map[string]string{
		"fullName":  t("Nhập họ, chữ đệm và tên của cháu", "Enter the full name of the child"),
		"birthDate": t("Nhập ngày sinh là một ngày có thật, ví dụ 27 3 2026", "Enter the date of birth as a real date, for example 27 3 2026"),
		"twins":     t("Trả lời câu hỏi “Cháu có phải là trẻ sinh đôi không?”", "Answer “Is the child a twin?”"),
		"number":    t("Nhập số định danh có 12 chữ số", "Enter the personal number with 12 digits"),
		"home":      t("Chọn phường, xã của nơi thường trú", "Choose the commune of the permanent address"),
	}
	for i := range list {
		list[i].Lang = lang
		if wrong {
			list[i].Error = problems[list[i].Name]
		}
	}
	if wrong {
		list[10].Items[1].Fields[0].Error = t("Nhập tên của con thứ 2", "Enter the name of child 2")
	}
	return list
}

func rows(lang string) []ui.Row {
	t := func(vi, en string) string { return ui.T(lang, vi, en) }
	source := t("Cơ sở dữ liệu quốc gia về dân cư · cập nhật 12/03/2026", "National population database · as of 12/03/2026")
	wrong := func(what string) *ui.Link {
		return &ui.Link{Text: t("Chưa đúng?", "Not right?"), Href: "/chua-dung", Hidden: what}
	}
	return []ui.Row{
		{Label: t("Họ, chữ đệm và tên", "Full name"), Value: "Nguyễn Thị An", Source: source, Action: wrong(t("họ tên", "name"))},
		{Label: t("Số định danh cá nhân", "Personal number"), Value: "001196000101", Digits: true, Source: source},
		{Label: t("Ngày sinh", "Date of birth"), Value: "27/03/1996", Source: source, Tag: ui.Tag{Text: t("Ông/bà báo chưa đúng", "You say this is not right"), Tone: ui.Warning}, Note: t("Giá trị đúng theo ông/bà: 28/03/1996", "The right value according to you: 28/03/1996"), Action: wrong(t("ngày sinh", "date of birth"))},
		{Label: t("Điện thoại", "Telephone"), Value: "0912345678", Digits: true, Action: &ui.Link{Text: t("Thay đổi", "Change"), Href: "/doi"}},
		{Label: t("Nơi thường trú hiện tại", "Present permanent address"), Lines: []string{t("12 phố Hàng Bông", "12 phố Hàng Bông"), t("phường Hoàn Kiếm, thành phố Hà Nội", "Hoàn Kiếm Ward, Hà Nội City")}, Source: source},
		{Label: "E-mail", Value: t("Không cung cấp", "Not provided"), Action: &ui.Link{Text: t("Thay đổi", "Change"), Href: "/doi"}},
	}
}

func steps(lang string) []ui.Step {
	t := func(vi, en string) string { return ui.T(lang, vi, en) }
	return []ui.Step{
		{Title: t("Đã nộp hồ sơ", "Filed"), Who: t("Ông/bà", "You"), When: "10:42 23/11/2026", Stamp: "2026-11-23T10:42:00+07:00", State: ui.Past},
		{Title: t("Đã tiếp nhận", "Accepted"), Who: t("Bộ phận một cửa, Công an phường Hoàn Kiếm", "One-stop desk, Hoàn Kiếm Ward Police"), When: "14:05 23/11/2026", State: ui.Past, Link: &ui.Link{Text: t("Giấy tiếp nhận và hẹn trả (PDF)", "Receipt with appointment (PDF)"), Href: "/tep"}},
		{Title: t("Chờ chủ hộ đồng ý", "Waiting for the head of household"), Who: "Nguyễn Văn Hùng", When: t("từ 24/11/2026", "since 24/11/2026"), Cause: ui.Tag{Text: t("Đồng hồ dừng: chờ người dân", "Clock stopped: waiting for a citizen"), Tone: ui.Info}, Note: t("Ông Hùng có 7 ngày làm việc để trả lời.", "Mr Hùng has 7 working days to answer."), State: ui.Present},
		{Title: t("Thẩm định", "Examination"), Who: t("Công an phường Hoàn Kiếm", "Hoàn Kiếm Ward Police"), When: t("4 ngày làm việc", "4 working days"), State: ui.Future},
		{Title: t("Trả kết quả", "Result"), When: t("hẹn 07/12/2026", "due 07/12/2026"), State: ui.Future},
	}
}

func queue(lang string) ui.Table {
	t := func(vi, en string) string { return ui.T(lang, vi, en) }
	table := ui.Table{Lang: lang, Caption: t("Hồ sơ của tôi, gần hạn nhất ở trên", "My cases, most urgent first"), Quiet: true, Select: "case",
		Columns: []ui.Column{{Title: t("Mã hồ sơ", "Code")}, {Title: t("Người được giải quyết", "Subject")}, {Title: t("Trường hợp", "Variant")}, {Title: t("Trạng thái", "State")}, {Title: t("Hạn", "Due"), Sort: "?sort=-due", Sorted: "ascending"}, {Title: t("Việc gần nhất", "Last event")}, {Title: t("Lệ phí", "Fee"), Number: true}}}
	due := []time.Duration{-30, -3, 10, 40, 90, 200, 300}
	names := []string{"Nguyễn Thị An", "Trần Quốc Bảo", "Lê Thị Cẩm Tú", "Phạm Minh Đức", "Hoàng Thu Hà", "Vũ Đình Khoa", "Đặng Ngọc Lan"}
	for i, d := range due {
		at := now.Add(d * time.Hour)
		code := "H29.12-261123-00012" + string(rune('0'+i))
		table.Rows = append(table.Rows, ui.TableRow{Value: code, Name: code, Href: "/thu-ly", Unseen: i%3 == 0, Cells: []ui.Cell{
			{Text: code}, {Text: names[i], Sub: t("sinh 1996", "born 1996")}, {Text: t("Về ở với cha mẹ", "Moves in with parents")},
			{Text: t("Đang thẩm định", "Being examined")}, {Text: ui.Date(at), Tag: ui.Left(at, now, lang)}, {Text: t("Bổ sung đã nộp", "Supplement received"), Sub: "09:12 26/11/2026"}, {Text: ui.Money(20000)},
		}})
	}
	return table
}
