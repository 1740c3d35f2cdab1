package world

import (
	"slices"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/registry"
)

type healthData struct {
	Notices    []*notice   `json:"notices"`
	Facilities []*facility `json:"facilities"`
	Insured    []*insured  `json:"insured"`
}

type address struct {
	Province string `json:"province"`
	Commune  string `json:"commune"`
	Line     string `json:"line"`
}

type notice struct {
	Code         string  `json:"code"`
	ChildName    string  `json:"childName"`
	BirthDate    string  `json:"birthDate"`
	BirthTime    string  `json:"birthTime"`
	Sex          string  `json:"sex"`
	Weight       float64 `json:"weight"` // kg
	MotherNumber string  `json:"motherNumber"`
	Place        address `json:"place"`
	Facility     string  `json:"facility"`
	Registered   bool    `json:"registered,omitempty"` // the birth is registered
}

type facility struct {
	Province string `json:"province"`
	Code     string `json:"code"`
	Name     string `json:"name"`
	Commune  string `json:"commune"`
}

type insured struct {
	ChildNumber  string `json:"childNumber"`
	MotherNumber string `json:"motherNumber,omitempty"`
	FullName     string `json:"fullName"`
	BirthDate    string `json:"birthDate"`
	Facility     string `json:"facility"`
	CardNumber   string `json:"cardNumber"`
	Object       string `json:"object"`
	ValidFrom    string `json:"validFrom"`
	ValidTo      string `json:"validTo"`
}

func (s *state) notice(code string) *notice {
	for _, n := range s.Notices {
		if code != "" && fold(n.Code) == fold(code) {
			return n
		}
	}
	return nil
}

func readBirthNotices(s *state, key, _ string) any {
	var rows []*notice
	for _, n := range s.Notices {
		if n.MotherNumber == key && !n.Registered {
			rows = append(rows, n)
		}
	}
	return list(rows)
}

func readNotice(s *state, key, _ string) any {
	if n := s.notice(key); n != nil && !n.Registered {
		return n
	}
	return nil
}

func readFacilities(s *state, key, _ string) any {
	var rows []map[string]string
	for _, f := range s.Facilities {
		if f.Province == key {
			rows = append(rows, map[string]string{"code": f.Code, "name": f.Name, "commune": f.Commune})
		}
	}
	return list(rows)
}

func readInsuredChild(s *state, key, _ string) any {
	mother, born, _ := strings.Cut(key, ":")
	for _, c := range s.Insured {
		if c.MotherNumber == mother && c.BirthDate == born && mother != "" {
			return map[string]string{"cardNumber": c.CardNumber, "object": c.Object, "validFrom": c.ValidFrom, "validTo": c.ValidTo}
		}
	}
	return nil
}

// issueCard issues the insurance card of a child under 6: {childNumber,
// fullName, birthDate, facility, object?, motherNumber?}.
func issueCard(s *state, in fields, today string) registry.Reply {
	c := &insured{
		ChildNumber: in.text("childNumber"), MotherNumber: in.text("motherNumber", "mother"), FullName: in.text("fullName"),
		BirthDate: in.text("birthDate"), Facility: in.text("facility"), Object: in.text("object"),
	}
	born, err := time.Parse(time.DateOnly, c.BirthDate)
	if err != nil || len(c.ChildNumber) != 12 || c.FullName == "" {
		return refused("incomplete", "Thiếu số định danh, họ tên hoặc ngày sinh của trẻ")
	}
	if !s.open(c.Facility) {
		return refused("unknown-facility", "Cơ sở khám bệnh, chữa bệnh không nhận đăng ký cho trẻ dưới 6 tuổi")
	}
	for _, other := range s.Insured {
		if other.ChildNumber == c.ChildNumber {
			r := refused("already-insured", "Trẻ đã có thẻ bảo hiểm y tế "+other.CardNumber)
			r.Body["cardNumber"] = other.CardNumber
			return r
		}
	}
	if c.Object == "" {
		c.Object = "TE"
	}
	c.CardNumber = "TE1" + c.ChildNumber[1:3] + c.ChildNumber[2:]
	c.ValidFrom, c.ValidTo = c.BirthDate, validTo(born).Format(time.DateOnly)
	if c.ValidTo < today {
		return refused("too-old", "Trẻ đã quá tuổi được cấp thẻ trẻ em dưới 6 tuổi")
	}
	s.Insured = append(s.Insured, c)
	return done("BHYT-"+c.CardNumber, map[string]any{"cardNumber": c.CardNumber, "object": c.Object, "validFrom": c.ValidFrom, "validTo": c.ValidTo})
}

// revokeCard takes a card back that was issued to a child: {childNumber}. A child
// without one stays so.
func revokeCard(s *state, in fields, _ string) registry.Reply {
	number := in.text("childNumber")
	s.Insured = slices.DeleteFunc(s.Insured, func(c *insured) bool { return c.ChildNumber == number })
	return done("THT-"+number, map[string]any{"childNumber": number})
}

// validTo is the last day of a young child's card: 30 September of the year in
// which the child is 72 months old when born before 30 September, otherwise the
// last day of the month in which it is.
//
// Source: Decree 146/2018/NĐ-CP, Article 13(5).
func validTo(born time.Time) time.Time {
	year := born.Year() + 6
	if born.Month() < time.September || (born.Month() == time.September && born.Day() < 30) {
		return time.Date(year, time.September, 30, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(year, born.Month()+1, 0, 0, 0, 0, 0, time.UTC)
}

func (s *state) open(code string) bool {
	for _, f := range s.Facilities {
		if f.Code == code {
			return true
		}
	}
	return false
}
