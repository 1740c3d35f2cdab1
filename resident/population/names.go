package population

import (
	"math/rand/v2"
	"strings"
)

// A weighted is a list of words, each drawn as often as its weight says.
type weighted struct {
	words []string
	upTo  []int // running sums of the weights
}

// words reads "Nguyễn 315, Trần 109"; a word without a number weighs 10.
func words(text string) weighted {
	var w weighted
	sum := 0
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		weight := 10
		if i := strings.LastIndexByte(item, ' '); i > 0 && item[i+1] >= '0' && item[i+1] <= '9' {
			weight = 0
			for _, c := range item[i+1:] {
				weight = weight*10 + int(c-'0')
			}
			item = item[:i]
		}
		sum += weight
		w.words, w.upTo = append(w.words, item), append(w.upTo, sum)
	}
	return w
}

func (w weighted) draw(r *rand.Rand) string {
	n := r.IntN(w.upTo[len(w.upTo)-1])
	low, high := 0, len(w.upTo)-1
	for low < high {
		if mid := (low + high) / 2; n < w.upTo[mid] {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return w.words[low]
}

// Family names by how common they are, in thousandths. Two of them are spelled
// differently in the north and in the south.
var (
	surnamesNorth = words("Nguyễn 315, Trần 109, Lê 89, Phạm 59, Hoàng 51, Vũ 49, Phan 28, Đặng 21, Bùi 25, Đỗ 23, Trương 22, Ngô 17, Hồ 13, Dương 13, Đinh 10, Đào 9, Đoàn 9, Trịnh 9, Lương 8, Lưu 7, Hà 8, Mai 7, Tô 5, Tạ 5, Phùng 6, Cao 7, Chu 5, Vương 4, Lý 5, Thái 3, Quách 3, Kiều 3, Nghiêm 2, Khuất 2, Tống 3, Lại 3, Triệu 3, Bạch 2, Cù 1, Doãn 2, Giáp 1, Hứa 2, Khổng 1, La 2, Ninh 2, Phó 1, Thân 2, Trần Đức 1, Nguyễn Hữu 1, Viên 1")
	surnamesSouth = words("Nguyễn 315, Trần 109, Lê 89, Phạm 59, Huỳnh 51, Võ 49, Phan 28, Đặng 20, Bùi 21, Đỗ 17, Trương 24, Ngô 16, Hồ 19, Dương 14, Đinh 7, Đoàn 9, Lâm 9, Mai 8, Lý 7, Tô 5, Lưu 5, Cao 8, Thái 6, Châu 6, Tăng 3, Hà 6, Trịnh 5, Lương 6, Đào 6, Văn 3, Quách 3, Thạch 2, Sơn 2, Kim 2, Danh 1, Tạ 4, Từ 2, Giang 2, Hứa 2, La 3, Mạc 1, Ông 1, Phùng 3, Tiêu 1, Tôn Thất 1, Tống 3, Triệu 1, Vương 3, Âu 1, Diệp 2")
)

// Middle names, of those born before 1980, before 2000, and since.
var middles = map[bool][3]weighted{
	true: {
		words("Văn 60, Đức, Quang, Hữu, Công, Đình, Xuân, Ngọc, Thế, Bá 5, Viết 5, Khắc 3, Minh 5, Trọng 5, Sỹ 2, Huy 2, Phú 2, Như 1, Duy 4"),
		words("Văn 30, Đức 20, Minh 12, Quang 12, Hữu, Công, Đình, Quốc, Xuân, Thanh, Anh, Tuấn, Trọng, Ngọc, Thế, Tiến, Duy, Hoàng, Mạnh, Hồng 3, Việt 5, Trung 5, Thành 5, Bá 3, Hải 4"),
		words("Minh 30, Gia 25, Đức 20, Bảo 15, Quốc, Anh 15, Tuấn, Quang 12, Hoàng 12, Đăng, Nhật, Thiên, Hải 8, Duy 8, Khánh 8, Phúc 6, Tiến 8, Trung 6, Văn 6, Hữu 5, Ngọc 5, Thành 5, Xuân 4, Thanh 4, Việt 4, Nguyên 4, Chí 3, Huy 5, Trí 3"),
	},
	false: {
		words("Thị 90, Ngọc 4, Kim 3, Thị Kim 4, Thị Thu 3, Thị Hồng 3, Thị Ngọc 3, Thị Thanh 2"),
		words("Thị 50, Thị Thu 9, Thị Thanh 8, Thị Hồng 7, Thị Ngọc 7, Thị Kim 6, Thị Minh 4, Thị Bích 4, Thị Mỹ 3, Thị Phương 4, Ngọc 6, Thu 6, Thanh 5, Minh 4, Kim 4, Phương 4, Hồng 3, Hoài 3, Thùy 4, Mai 2, Bích 2, Thị Hải 2"),
		words("Ngọc 18, Bảo 14, Khánh 12, Minh 12, Phương 12, Thị 12, Gia 8, Hà 8, Thanh 8, Thùy 7, Quỳnh 7, Diệu 6, Hải 5, Mai 5, An 5, Tuệ 5, Kim 5, Linh 4, Thu 5, Anh 6, Thảo 5, Tường 3, Nhật 4, Thiên 4, Hoài 3, Thị Thu 2, Thị Ngọc 3, Uyên 3, Trúc 4, Yến 3"),
	},
}

// Given names in the same order.
var givens = map[bool][3]weighted{
	true: {
		words("Hùng 16, Dũng 14, Minh, Thành, Sơn, Hải, Tuấn, Long, Bình, Hòa, Thắng, Cường, Tâm, Phúc, Quang, Thanh, Vinh, Lợi, Lộc, Phương 6, Đức, Tài, Hiền 4, Chiến 6, Khoa 5, Nam, An 6, Ba 3, Bảy 2, Tư 3, Năm 2, Sáu 2, Út 2, Hưng, Khánh 6, Kiên 6, Liêm 4, Nghĩa 7, Nhân 6, Quý 7, Quyết 4, Sinh 5, Tấn 5, Thọ 6, Thịnh 7, Tiến 8, Toàn 7, Trung, Trường 6, Việt 7, Xuân 4"),
		words("Tuấn 16, Hùng 12, Dũng, Anh 12, Minh 12, Hải, Sơn, Long, Thành, Nam 12, Trung, Kiên, Cường, Tùng, Quân, Hiếu, Hoàng, Huy 12, Đạt, Đức 12, Duy, Khánh 7, Khoa, Lâm 6, Linh 3, Mạnh 7, Nghĩa 6, Phong, Phúc, Phương 4, Quang, Quý 5, Sang 6, Tài, Tâm 6, Tân 6, Thái, Thắng, Thịnh 7, Thuận 5, Tiến, Toàn, Trí 6, Trường 7, Tú 7, Vinh, Vũ, Việt 8, Bình 7, Chung 4, Công 5, Định 3, Giang 5, Hậu 5, Hưng, Luân 4, Nhân 6"),
		words("Khôi 16, Khang 16, Minh 16, Anh 14, Huy 12, Phúc 14, Bảo 12, Long, An 12, Quân 12, Đạt, Khoa 12, Nam, Phong 12, Kiên, Đăng 7, Dũng 5, Duy, Hiếu, Hưng, Khánh, Lâm, Nguyên, Nhân 7, Nhật 6, Quang 7, Sơn 6, Tâm 4, Thành 6, Thiện 6, Thịnh 6, Tùng 7, Trí 8, Trung 7, Tú 5, Việt 6, Vinh 7, Vũ 5, Bách 6, Bình 5, Cường 4, Đức, Hải 6, Hoàng, Kiệt 8, Lộc 5, Phát 7, Tài 5, Thái 4, Tuấn 7"),
	},
	false: {
		words("Lan 14, Hoa 14, Hồng 12, Mai 12, Nga, Hương 12, Thanh, Hà, Bình, Tuyết, Loan, Liên, Phượng, Thủy, Hạnh, Hiền, Xuân, Yến, Vân, Nguyệt, Lý 6, Mến 4, Sáu 2, Tư 2, Bé 3, Bích 7, Châu 6, Cúc 7, Dung 8, Đào 7, Huệ 8, Khuyên 3, Lài 3, Lành 3, Minh 5, Mùi 3, Ngọc 8, Nhàn 5, Nhung 6, Oanh 7, Phương 7, Sen 5, Tâm 7, Thắm 4, Thơm 4, Thu 9, Út 2"),
		words("Trang 16, Hương 14, Linh 14, Hà 12, Lan, Phương 14, Thảo 14, Hằng 12, Huyền 12, Ngọc, Nhung, Thủy, Yến, Anh, Dung, Hạnh, Hiền, Hoa 7, Hồng 7, Hoài 5, Huệ 6, Liên 6, Loan 7, Ly 5, Mai, My 5, Nga, Ngân, Nguyệt 5, Nhàn 4, Oanh 7, Phượng 7, Quyên 7, Quỳnh 8, Tâm 7, Thanh, Thơ 4, Thu, Thúy, Thư 7, Trâm 7, Trinh 6, Tuyền 5, Tuyết 6, Uyên 7, Vân, Vy 6, Xuân 4, Giang 6, Diệp 4, Diễm 5, Duyên 6, Chi 7, Châu 5"),
		words("Anh 18, Linh 14, Chi 14, Trang, Vy 14, Nhi 14, An 12, My 12, Châu 12, Hân 12, Ngọc, Như 8, Thư 12, Trâm, Quỳnh, Phương 12, Thảo, Giang 6, Hà 7, Hương 5, Khanh 6, Khuê 5, Lam 4, Lan 4, Ly 6, Mai 8, Minh 5, Nga 3, Ngân, Nguyên 6, Nhiên 4, Oanh 3, Quyên 5, Tâm 4, Thanh 4, Thy 4, Trà 4, Trúc 6, Tú 4, Uyên 7, Vân 6, Yến 6, Đan 4, Diệp 6, Dương 5, Hạ 3, Hoa 3, Kim 3, Thùy 3"),
	},
}

// era picks the list for a year of birth.
func era(year int) int {
	switch {
	case year < 1980:
		return 0
	case year < 2000:
		return 1
	}
	return 2
}

// fullName draws a name in the order family, middle, given; a long one has two
// middle names.
func fullName(r *rand.Rand, surname string, male bool, year int, long bool) string {
	e := era(year)
	middle, given := middles[male][e].draw(r), givens[male][e].draw(r)
	if long {
		middle += " " + givens[male][e].draw(r)
	}
	for strings.HasSuffix(middle, given) {
		given = givens[male][e].draw(r)
	}
	return surname + " " + middle + " " + given
}
