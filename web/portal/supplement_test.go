package portal

import (
	"net/http"
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
)

const asking = "Hợp đồng bị mờ ở trang 2"

// supplementAsked is Huy's case when the handler has asked for a readable lease.
func (o *office) supplementAsked() cases.Code {
	o.t.Helper()
	code := o.tenant()
	must(o.t, o.cases.Signal(o.t.Context(), o.get(citizen(huy, ""), code).ID, uuid.New(), "paid", "test", map[string]any{"receipt": "TT-1", "amount": 10000, "paidOn": "2026-11-26"}))
	o.officer("reception", code, "accept", cases.Input{})
	o.agree(citizen(khang, "Đỗ Văn Khang"))
	judged := []cases.Judgement{{Item: "dwelling", Verdict: cases.NotSatisfied, Reason: asking}, {Item: "kinship", Verdict: cases.NotNeeded}, {Item: "exemption", Verdict: cases.NotNeeded}}
	o.officer("handler", code, "ask-supplement", cases.Input{Judgements: judged, Items: []cases.AskedItem{{Item: "dwelling", Reason: asking, Law: "Luật Cư trú, Điều 21"}}})
	return code
}

// Only what was asked for is corrected, page by page; what was typed is kept,
// nothing is sent before the last page, and there it is sent once.
func TestSupplementPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.supplementAsked()
	b := o.signIn(huy, "Phạm Quốc Huy", 2)
	b.get("/ho-so").says("Cần Ông/Bà làm")
	b.get(caseLink(code, "")).click("Bổ sung hồ sơ").at(200, "/bo-sung").says(asking, "Luật Cư trú, Điều 21", "Nộp bổ sung trước hết ngày 28/12/2026", "Chưa sửa").silent("Đã sửa", "chưa nộp lại")
	b.click("Sửa phần khai: Chỗ ở mới").at(200, "/bo-sung/khai/dwelling").says(asking, "Diện tích")
	b.send(typed("area", "năm mươi")).at(422, "/bo-sung/khai/dwelling").says("bằng chữ số")
	if _, values := b.inputs(); values.Get("area") != "năm mươi" {
		t.Errorf("typed was lost: %v", values)
	}
	b.send(typed("area", "45,5")).at(200, "/bo-sung").says("Đã sửa", "Ông/Bà đã sửa nhưng chưa nộp lại")
	b.get(caseLink(code, "")).says("Ông/Bà đã sửa nhưng chưa nộp lại")
	b.get(caseLink(code, "noi-dung")).says("50").silent("45,5")

	b.get(caseLink(code, "bo-sung")).click("Nộp lại giấy tờ: Hợp đồng").at(200, "/bo-sung/giay-to/lease")
	b.send(nil).at(422, "/lease").says("Chọn ít nhất một tệp")
	b.sendFile("file", "x.exe", []byte("MZ"), nil).at(422, "/lease").says("x.exe", "Chọn tệp dạng")
	b.sendFile("file", "hợp đồng.pdf", append([]byte("%PDF-1.5\n"), pdf...), nil).at(200, "/bo-sung").says("1 tệp mới")
	b.click("Nộp lại giấy tờ: Hợp đồng").says("hợp đồng.pdf", "Sẵn sàng")
	b.sendFile("file", "hợp đồng.pdf", append([]byte("%PDF-1.5\n"), pdf...), nil).at(200, "/bo-sung").says("1 tệp mới")

	b.click("Kiểm tra và nộp lại").at(200, "/bo-sung/kiem-tra").says("Diện tích", "50", "45,5", "hợp đồng.pdf").silent("Địa chỉ nơi ở mới")
	b.send(nil).at(422, "/kiem-tra").says("Đánh dấu xác nhận")
	action, form := b.inputs()
	form["sure"] = []string{"yes"}
	form.Set("note", "Đã chụp lại")
	for range 2 {
		b.take(b.client.PostForm(b.base+action, form)).at(200, string(code)).says("Nộp bổ sung", "Đang thẩm định").silent("chưa nộp lại", "Bổ sung hồ sơ")
	}
	c := o.get(citizen(huy, ""), code)
	if c.State != "examine" || len(c.Files) != 2 || c.Changed["/dwelling/area"] == nil {
		t.Errorf("handed in: %s, %d files, changed %v", c.State, len(c.Files), c.Changed)
	}
	b.get(caseLink(code, "noi-dung")).says("45,5", "Đã bổ sung", "50", "hợp đồng.pdf", "hop-dong.pdf")
	if b.get(caseLink(code, "bo-sung")); b.status != http.StatusConflict {
		t.Errorf("the list after handing in: %d", b.status)
	}
}

// What was not asked for has no page, a paper sent by mistake is taken back, and
// the action itself leads to the list.
func TestSupplementBounds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.supplementAsked()
	b := o.signIn(huy, "Phạm Quốc Huy", 2)
	for _, page := range []string{"bo-sung/khai/applicant", "bo-sung/khai/nothing", "bo-sung/giay-to/kinship-proof", "bo-sung/giay-to/nothing"} {
		if b.get(caseLink(code, page)); b.status != http.StatusNotFound {
			t.Errorf("%s: %d", page, b.status)
		}
	}
	b.get(caseLink(code, "thao-tac/supply")).at(200, "/bo-sung")
	b.get(caseLink(code, "bo-sung/giay-to/lease")).sendFile("file", "nham.pdf", append([]byte("%PDF-1.6\n"), pdf...), nil).at(200, "/bo-sung")
	b.click("Nộp lại giấy tờ: Hợp đồng").says("nham.pdf")
	file := ""
	for n := range b.page.Descendants() {
		if n.Data == "button" && attr(n, "name") == "remove" {
			file = attr(n, "value")
		}
	}
	b.send(typed("remove", file)).at(200, "/bo-sung/giay-to/lease").silent("nham.pdf")
	b.get(caseLink(code, "bo-sung/kiem-tra")).says("Không sửa câu trả lời nào", "có mục chưa sửa").send(typed("sure", "yes")).at(422, "/kiem-tra").says("Sửa ít nhất một mục")
}

// A refusal says its grounds with their law, how to appeal and until when, and
// offers to file anew.
func TestRefusalPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	code := o.supplementAsked()
	b := o.signIn(huy, "Phạm Quốc Huy", 2)
	b.get(caseLink(code, "bo-sung/kiem-tra")).send(typed("sure", "yes", "note", "Tôi chỉ có hợp đồng này")).at(200, string(code))
	o.officer("handler", code, "propose", cases.Input{Judgements: []cases.Judgement{{Item: "dwelling", Verdict: cases.NotSatisfied, Reason: asking},
		{Item: "kinship", Verdict: cases.NotNeeded}, {Item: "exemption", Verdict: cases.NotNeeded}}})
	o.officer("approver", code, "refuse", cases.Input{Grounds: []string{"lease-not-certified"}, Note: "Hợp đồng viết tay"})
	b.get(caseLink(code, "ket-qua")).says("Không được đăng ký", "không công chứng, chứng thực", "Luật Cư trú 68/2020/QH14, Điều 21 khoản 3", "Hợp đồng viết tay",
		"CT06", "hết ngày 24/02/2027", "Luật Khiếu nại 02/2011/QH13", "Nộp hồ sơ mới")
	b.click("Nộp hồ sơ mới").at(200, "/thu-tuc/permanent-residence")
}
