package population

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/resident"
)

// A commune is where families live. Its dwellings are given out one after the
// other, so that no two households share one by accident.
type commune struct {
	province, code string
	urban, south   bool
	birthCodes     []string // two digits: codes of the province of today and of those merged into it
	home           []byte   // {"province": …, "commune": …} as JSON
	dwellings      int      // given out so far
}

// southOf is the first province code of the south, where alleys, hamlets and two
// family names have other words.
const southOf = "48"

// communes takes the communes of a unit list, in the order of their codes.
func communes(units []agency.Unit) ([]*commune, error) {
	var list []*commune
	merged := map[string][]string{}
	for _, p := range resident.Provinces() {
		merged[p.Now] = append(merged[p.Now], p.Code[1:])
	}
	for _, u := range units {
		if u.Level != agency.Commune {
			continue
		}
		codes := merged[u.ProvinceCode]
		if codes == nil {
			return nil, fmt.Errorf("commune %s: no personal number begins with the province %s", u.Code, u.ProvinceCode)
		}
		list = append(list, &commune{province: u.ProvinceCode, code: u.Code, urban: u.Kind == "Phường", south: u.ProvinceCode >= southOf,
			birthCodes: codes, home: fmt.Appendf(nil, `{"province":%q,"commune":%q}`, u.ProvinceCode, u.Code)})
	}
	slices.SortFunc(list, func(a, b *commune) int { return strings.Compare(a.code, b.code) })
	if len(list) == 0 {
		return nil, fmt.Errorf("the unit list has no commune to live in")
	}
	return list, nil
}

var streets = strings.Split("Lê Lợi,Trần Hưng Đạo,Quang Trung,Nguyễn Huệ,Lý Thường Kiệt,Hai Bà Trưng,Nguyễn Trãi,Lê Hồng Phong,Phan Bội Châu,Phan Chu Trinh,"+
	"Hùng Vương,Điện Biên Phủ,Nguyễn Du,Lý Tự Trọng,Võ Thị Sáu,Nguyễn Văn Cừ,Trần Phú,Ngô Quyền,Đinh Tiên Hoàng,Bà Triệu,Nguyễn Thị Minh Khai,Hoàng Văn Thụ,"+
	"Lê Duẩn,Trường Chinh,Phạm Văn Đồng,Cách Mạng Tháng Tám,Nguyễn Công Trứ,Nguyễn Đình Chiểu,Phan Đình Phùng,Tô Hiến Thành,Hoàng Diệu,Lê Thánh Tông,Yết Kiêu,"+
	"Trần Quốc Toản,Nguyễn Khuyến,Hồ Xuân Hương,Đoàn Thị Điểm,Chu Văn An,Lương Thế Vinh,Mạc Đĩnh Chi", ",")

var hamlets = strings.Split("Đông,Đoài,Thượng,Hạ,Trung,Nội,Ngoại,Tân Lập,Phú Mỹ,An Bình,Hòa Bình,Tân Tiến,Bình Minh,Phú Thọ,Long Thạnh,Thái Hòa,Đồng Tâm,Yên Phú,Vĩnh Lộc,Mỹ Hòa", ",")

// dwelling gives out the commune's next dwelling: house and street in a ward,
// house and hamlet in the country.
func (c *commune) dwelling(r *rand.Rand) string {
	n := c.dwellings
	c.dwellings++
	if c.urban {
		street := streets[n%len(streets)]
		house := n/len(streets) + 1
		alley, road := "ngõ", "phố"
		if c.south {
			alley, road = "hẻm", "đường"
		}
		if house%3 == 0 { // the houses of an alley are counted from its mouth
			return fmt.Sprintf("số %d %s %d %s %s", 1+r.IntN(60), alley, house, road, street)
		}
		return fmt.Sprintf("%d %s %s", house, road, street)
	}
	kind := "Thôn"
	if c.south {
		kind = "Ấp"
	}
	return fmt.Sprintf("Số %d, %s %s", n/len(hamlets)+1, kind, hamlets[n%len(hamlets)])
}

var (
	inWard    = regexp.MustCompile(`^(?:số \d+ (?:ngõ|hẻm) )?(\d+) (?:phố|đường) (.+)$`)
	inCountry = regexp.MustCompile(`^Số (\d+), (?:Thôn|Ấp) (.+)$`)
)

// givenOut tells as which of its commune's dwellings the generator gave out this
// one, from 0 on; -1: it did not.
func givenOut(line string) int {
	for _, of := range []struct {
		shape *regexp.Regexp
		names []string
	}{{inWard, streets}, {inCountry, hamlets}} {
		m := of.shape.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		house, err := strconv.Atoi(m[1])
		if at := slices.Index(of.names, m[2]); err == nil && house > 0 && at >= 0 {
			return (house-1)*len(of.names) + at
		}
	}
	return -1
}

// birthCode is the first code of the number of somebody born in the commune in a
// year: until the merger of 2025 of a province of then, since of today's.
func (c *commune) birthCode(r *rand.Rand, year int) string {
	if year > 2025 {
		return c.province
	}
	return c.birthCodes[r.IntN(len(c.birthCodes))]
}
