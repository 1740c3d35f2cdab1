package desk

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/web/site"
)

// Leaders and operators see how many records of their commune break each rule
// and which procedure mends them; whose records these are they see with a reason
// only, which the citizen finds in the log. Other officers are told no.
func TestQualityPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one := site.QualityPath + "/contact-missing"
	for _, path := range []string{site.QualityPath, one} {
		h.get(reception, path).want(http.StatusForbidden)
	}
	h.exec(`UPDATE residents SET phone = NULL, email = NULL WHERE number = '001060000106'`)
	h.exec(`UPDATE residences SET province = '01', commune = 'x' WHERE resident = '001090000102' AND kind = 'present'`)
	h.seat(handler, agency.Leader)
	h.get(handler, site.QualityPath).want(http.StatusOK).says("Chất lượng dữ liệu dân cư", "Người thành niên không có số điện thoại và thư điện tử", "Đăng ký nơi thường trú mới", "Cán bộ xem xét từng trường hợp")
	h.get(handler, site.QualityPath+"?lang=en").says("Quality of the resident records", "An adult has neither phone nor e-mail")
	ask := h.get(handler, one).want(http.StatusOK).says("Vì sao xem các trường hợp này")
	ask.submit(handler, "/contact-missing", url.Values{"reason": {" "}}).want(http.StatusUnprocessableEntity).says("Nhập lý do")
	ask.submit(handler, "/contact-missing", url.Values{"reason": {"bổ sung số điện thoại"}}).want(http.StatusOK).says("001 060 000 106")
	var n int
	h.ok(h.db.QueryRow(t.Context(), `SELECT count(*) FROM access_log WHERE subject_number = '001060000106' AND purpose = 'bổ sung số điện thoại' AND reader = $1`, handler).Scan(&n))
	if n != 1 {
		t.Errorf("%d entries in the log of reads", n)
	}
	h.get(handler, site.QualityPath+"/nothing").want(http.StatusNotFound)
}
