package portal

import (
	"testing"

	"github.com/hoso-gov/hoso/cases"
)

// Papers: asked for by the answers, held against format and need, shown with
// their print, and taken out again.
func TestPapers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.signIn(huy, "Phạm Quốc Huy", 2)
	b.get("/thu-tuc/permanent-residence/cho-ai").send(nil).send(nil).send(typed("title", "rented"))
	b.send(typed("address-province", "01", "address-commune", "00004", "address-line", "40 phố Kim Mã")).at(200, "/dwelling/area")
	b.send(typed("area", "50")).at(200, "/household/mode").send(typed("mode", "new")).at(200, "/delivery").send(typed("result", "sms"))
	b.at(200, "/giay-to/lease").says("chưa có cơ sở dữ liệu công chứng", "PDF, JPG, PNG")
	b.get(b.draft()+"/kiem-tra").says("Còn mục cần khai", "Chưa có tệp").click("Khai tiếp mục còn thiếu").at(200, "/giay-to/lease?tu=kiem-tra")
	b.get(b.draft()+"/giay-to/lease").send(nil).at(422, "/giay-to/lease").says("Chọn tệp hợp đồng")
	b.sendFile(filesName, "hop-dong.docx", []byte("PK\x03\x04"), nil).at(422, "/giay-to/lease").says("hop-dong.docx: chọn tệp dạng PDF, JPG, PNG")
	b.sendFile(filesName, "hop-dong.pdf", pdf, nil).at(200, "/giay-to/lease").says("hop-dong.pdf", "Sẵn sàng", "SHA-256")
	file := s.draft(t, b.draft()).Files[0]
	b.get(b.draft() + "/tep/" + file.ID.String())
	if b.status != 200 || b.body != string(pdf) || b.header.Get("Content-Disposition") != "attachment; filename=hop-dong.pdf" {
		t.Errorf("the file came back as %d %q", b.status, b.header)
	}
	draft := casesPath + "/" + s.drafts(t)[0].ID.String()
	b.get(draft+"/giay-to/lease").send(nil).at(200, "/kiem-tra").says("hop-dong.pdf", fingerprint(file.SHA256), "10.000 đ", "Nộp trực tuyến", "Nộp hồ sơ")
	b.get(draft+"/giay-to/lease").send(typed(removeName, file.ID.String())).at(200, "/giay-to/lease").silent("hop-dong.pdf")
	b.sendFile(filesName, "hop-dong.pdf", pdf, nil).send(nil).at(200, "/kiem-tra").send(nil).at(200, "/da-nop").says("Còn phải nộp 10.000 đ")
}

func (s *stage) drafts(t *testing.T) []*cases.Draft {
	t.Helper()
	list, err := s.cases.Drafts(t.Context(), s.actor())
	must(t, err)
	return list
}
