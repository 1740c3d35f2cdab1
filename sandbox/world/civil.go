package world

import (
	"fmt"
	"strings"

	"github.com/hoso-gov/hoso/registry"
)

type civilData struct {
	Marriages []*marriage `json:"marriages"`
	Kinships  []*kinship  `json:"kinships"`
	Births    []*birth    `json:"births"`
}

type marriage struct {
	Number        string `json:"number"`
	RegisteredOn  string `json:"registeredOn"`
	Place         string `json:"place"`
	HusbandNumber string `json:"husbandNumber"`
	HusbandName   string `json:"husbandName"`
	WifeNumber    string `json:"wifeNumber"`
	WifeName      string `json:"wifeName"`
}

// kinship says what A is to B, and B to A.
type kinship struct {
	A        string `json:"a"`
	B        string `json:"b"`
	Relation string `json:"relation"`
	Inverse  string `json:"inverse"`
}

type birth struct {
	RegisterNumber string `json:"registerNumber"`
	RegisteredOn   string `json:"registeredOn"`
	FullName       string `json:"fullName"`
	BirthDate      string `json:"birthDate"`
	Sex            string `json:"sex"`
	ChildNumber    string `json:"childNumber,omitempty"`
	MotherNumber   string `json:"motherNumber,omitempty"`
	FatherNumber   string `json:"fatherNumber,omitempty"`
	NoticeCode     string `json:"noticeCode,omitempty"`
}

func readMarriage(s *state, key, _ string) any {
	for _, m := range s.Marriages {
		if m.HusbandNumber == key || m.WifeNumber == key {
			return m
		}
	}
	return nil
}

func readKinship(s *state, key, _ string) any {
	a, b, ok := strings.Cut(key, ":")
	if !ok {
		return nil
	}
	relation := ""
	for _, m := range s.Marriages {
		switch {
		case m.WifeNumber == a && m.HusbandNumber == b:
			relation = "wife"
		case m.HusbandNumber == a && m.WifeNumber == b:
			relation = "husband"
		}
	}
	for _, k := range s.Kinships {
		switch {
		case k.A == a && k.B == b:
			relation = k.Relation
		case k.A == b && k.B == a:
			relation = k.Inverse
		}
	}
	if relation == "" {
		return nil
	}
	return map[string]string{"relation": relation}
}

// registerBirth enters a birth: {fullName, birthDate, sex, childNumber?,
// motherNumber?, fatherNumber?, noticeCode?}. A birth notice serves once.
func registerBirth(s *state, in fields, today string) registry.Reply {
	b := &birth{
		FullName: in.text("fullName"), BirthDate: in.text("birthDate"), Sex: in.text("sex"), ChildNumber: in.text("childNumber", "number"),
		MotherNumber: in.text("motherNumber", "mother"), FatherNumber: in.text("fatherNumber", "father"), NoticeCode: in.text("noticeCode", "code"),
	}
	if b.FullName == "" || b.BirthDate == "" || b.Sex == "" {
		return refused("incomplete", "Thiếu họ tên, ngày sinh hoặc giới tính của trẻ")
	}
	if b.BirthDate > today {
		return refused("born-in-future", "Ngày sinh sau ngày hôm nay")
	}
	for _, other := range s.Births {
		same := fold(other.FullName) == fold(b.FullName) && other.BirthDate == b.BirthDate && other.MotherNumber == b.MotherNumber
		if same || (b.NoticeCode != "" && other.NoticeCode == b.NoticeCode) {
			return refused("already-registered", "Trẻ đã được đăng ký khai sinh, số "+other.RegisterNumber)
		}
	}
	if n := s.notice(b.NoticeCode); n != nil {
		if n.BirthDate != b.BirthDate || n.Sex != b.Sex {
			return refused("differs-from-notice", "Ngày sinh hoặc giới tính khác giấy chứng sinh")
		}
		n.Registered = true
	}
	b.RegisterNumber, b.RegisteredOn = fmt.Sprintf("%d/%s", 301+len(s.Births), today[:4]), today
	s.Births = append(s.Births, b)
	if b.ChildNumber != "" {
		for parent, inverse := range map[string]string{b.MotherNumber: "mother", b.FatherNumber: "father"} {
			if parent != "" {
				s.Kinships = append(s.Kinships, &kinship{A: b.ChildNumber, B: parent, Relation: "child", Inverse: inverse})
			}
		}
	}
	return done("KS-"+strings.ReplaceAll(b.RegisterNumber, "/", "-"), map[string]any{"registerNumber": b.RegisterNumber, "registeredOn": b.RegisteredOn})
}
