package portal

import "testing"

// A registry's value can be contested with a reason and a proof, which stand on
// the check page; it is the registry's value that is shown.
func TestContest(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.signIn(an, "Nguyễn Thị An", 2)
	b.get("/thu-tuc/permanent-residence/cho-ai").send(nil)
	here := b.draft() + "/chua-dung/applicant/birthDate?tu=da-co"
	b.get(here).at(200, here).says("12/04/1996")
	b.send(nil).at(422, here).says("Nhập giá trị đúng", "Cho biết vì sao")
	right := typed("birthDate-day", "14", "birthDate-month", "4", "birthDate-year", "1996", reasonName, "Theo giấy khai sinh")
	b.get(here).send(typed("birthDate-day", "12", "birthDate-month", "4", "birthDate-year", "1996", reasonName, "Nhầm")).at(422, here).says("khác với giá trị đang có")
	b.get(here).sendFile(evidenceName, "giay-khai-sinh.pdf", []byte("not a paper"), right).at(422, here).says("giay-khai-sinh.pdf: chọn tệp dạng PDF")
	if _, form := b.inputs(); form.Get("birthDate-day") != "14" || form.Get(reasonName) != "Theo giấy khai sinh" {
		t.Errorf("what was typed is gone: %v", form)
	}
	b.sendFile(evidenceName, "giay-khai-sinh.pdf", pdf, nil).at(200, "/da-co").says("Ông/bà báo chưa đúng", "12/04/1996", "14/04/1996")
	b.get(b.draft()+"/kiem-tra").says("Ông/bà báo chưa đúng", "giay-khai-sinh.pdf", "SHA-256")
	if d := s.draft(t, b.draft()); d.State.Answer("/applicant/birthDate").Value != "1996-04-14" || len(d.Files) != 1 {
		t.Fatalf("contest: %+v, files %v", d.State.Answer("/applicant/birthDate"), d.Files)
	}
	b.get(here).send(typed(actName, actWithdraw)).at(200, "/da-co").silent("báo chưa đúng")
	if d := s.draft(t, b.draft()); len(d.Files) != 0 {
		t.Errorf("the proof of a withdrawn contest is still there: %v", d.Files)
	}
	// What one may change oneself is not contested.
	b.get(b.draft()+"/chua-dung/applicant/phone").at(200, "/applicant/phone")
	b.get(b.draft()+"/applicant/phone?tu=da-co").send(typed("phone", "0912 345 678")).at(200, "/da-co").says("0912 345 678", "Ông/Bà đã khai lại")
}
