package portal

import (
	"net/http"
	"testing"
)

// A citizen comes from the catalogue to a filed case, and is asked only what no
// registry knows.
func TestFromCatalogueToFiled(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.signIn(an, "Nguyễn Thị An", 2)
	b.get("/").says("Chuyển nhà, cư trú", "Đăng ký nơi thường trú mới").click("Đăng ký nơi thường trú mới")
	b.at(200, "/thu-tuc/permanent-residence").says("Những gì chúng tôi đã biết", "7 ngày làm việc")
	b.send(nil).at(200, "/da-co").says("Phần 1 trên", "Nguyễn Thị An", "Cơ sở dữ liệu", "Chưa đúng?", "Thay đổi").silent("Trần Văn Bình")

	b.send(nil).at(200, "/dwelling/title").says("Chỗ ở mới", "Vì sao chúng tôi hỏi")
	b.send(typed("title", "family")).at(200, "/dwelling/address")
	b.send(typed("address-province", "01", "address-commune", "00004", "address-line", "12 phố Lê Lợi")).at(200, "/household/headNumber").says("Trần Văn Bình")
	b.send(typed("headNumber", binh)).at(200, "/household").says("Trần Văn Bình", "Vợ", "Chưa đúng?")
	b.send(nil).at(200, "/members")
	b.send(nil).at(200, "/delivery")
	b.send(typed("result", "electronic")).at(200, "/kiem-tra")
	b.says("Công an phường Ba Đình", "Không thu", "7 ngày làm việc", "12 phố Lê Lợi", "Tôi đã xem lại", "Nộp hồ sơ đăng ký thường trú").silent("Còn mục cần khai")
	b.send(nil).at(200, "/da-nop").says("Đã nhận hồ sơ", "H01.00004-261126-000001", "Công an phường Ba Đình")

	list, _, err := s.cases.Mine(t.Context(), s.actor(), "", "", 10)
	must(t, err)
	if len(list) != 1 || string(list[0].Code) != "H01.00004-261126-000001" {
		t.Fatalf("filed: %+v", list)
	}
}

var _ = http.StatusOK
