package intake

import (
	"strings"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/resident"
)

// Row is a person of a file. In CSV the columns are named as in JSON, those of
// places with a dot: homePlace.province.
type Row struct {
	Line int `json:"-"`

	Number      string          `json:"number"`
	FullName    string          `json:"fullName"`
	BirthDate   string          `json:"birthDate"` // ISO
	Sex         string          `json:"sex"`       // male, female
	Ethnicity   string          `json:"ethnicity"` // empty: Kinh
	Religion    string          `json:"religion"`
	Nationality string          `json:"nationality"` // empty: Việt Nam
	HomePlace   *agency.Address `json:"homePlace"`
	BirthPlace  *agency.Address `json:"birthPlace"`
	Phone       string          `json:"phone"`
	Email       string          `json:"email"`
	Father      string          `json:"fatherNumber"` // somebody who is there, or stands above in the file
	Mother      string          `json:"motherNumber"`
	Permanent   *agency.Address `json:"permanentAddress"`
	Since       string          `json:"permanentSince"` // ISO; empty: birth

	born, since time.Time
}

func (r *Row) no(reason, vi, en string) *Reject {
	return &Reject{Line: r.Line, Number: r.Number, Reason: reason, VI: vi, EN: en}
}

// check holds a row against itself.
func (r *Row) check() *Reject {
	n, err := resident.ParseNumber(r.Number)
	if err != nil {
		return r.no("number-invalid", "Số định danh không hợp lệ", err.Error())
	}
	if r.FullName = strings.Join(strings.Fields(r.FullName), " "); r.FullName == "" {
		return r.no("name-missing", "Thiếu họ tên", "the name is missing")
	}
	if r.born, err = time.Parse(time.DateOnly, r.BirthDate); err != nil {
		return r.no("birth-date-invalid", "Ngày sinh phải viết dạng 1990-12-31", "the date of birth must be written as 1990-12-31")
	}
	if r.born.After(time.Now()) {
		return r.no("not-born-yet", "Ngày sinh ở tương lai", "the date of birth is in the future")
	}
	s := resident.Sex(r.Sex)
	if s != resident.Male && s != resident.Female {
		return r.no("sex-unknown", "Giới tính phải là male hoặc female", "the sex must be male or female")
	}
	if !n.Fits(s, r.born) {
		return r.no("number-says-otherwise", "Số định danh không khớp giới tính hoặc năm sinh", "the personal number does not say this sex or year of birth")
	}
	if r.Phone = resident.NormalPhone(r.Phone); r.Phone != "" && !resident.PhoneValid(r.Phone) {
		return r.no("phone-invalid", "Số điện thoại không hợp lệ", "the phone number is invalid")
	}
	r.since = r.born
	if r.Since != "" {
		if r.since, err = time.Parse(time.DateOnly, r.Since); err != nil || r.since.Before(r.born) {
			return r.no("since-invalid", "Ngày đăng ký thường trú không hợp lệ hoặc trước ngày sinh", "the day of registration is no date, or before the birth")
		}
	}
	if a := r.Permanent; a != nil && (a.Province == "" || a.Commune == "" || a.Line == "") {
		return r.no("address-incomplete", "Địa chỉ thường trú chưa đủ tỉnh, xã và số nhà", "the permanent address lacks province, commune or line")
	}
	return nil
}
