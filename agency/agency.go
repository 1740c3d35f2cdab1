// Package agency knows the state's map and its people at work: provinces and
// communes, the agencies that serve them, which agency is competent for which
// address, and the officers with their roles. [Actor], who does something in
// Hoso, is what every other package passes around.
//
// The package answers who and where. What an actor may do to a case is decided
// by package cases; how an actor signs in belongs to package identity.
package agency

import (
	"errors"
	"time"
)

// ID is the code of an agency: the letters of its kind and the code of its
// unit, as in CA-00070. The system's acts and citizens have none.
type ID string

// Kind says what an agency does; competence rules name it.
type Kind string

// The kinds of agency. Those of a province oversee those of its communes.
const (
	CommuneCommittee        Kind = "commune-committee"         // UBND cấp xã
	CommunePolice           Kind = "commune-police"            // Công an cấp xã
	SocialInsurance         Kind = "social-insurance"          // Bảo hiểm xã hội cơ sở
	TrafficPolice           Kind = "traffic-police"            // Phòng Cảnh sát giao thông, by province
	ProvinceCommittee       Kind = "province-committee"        // UBND cấp tỉnh
	ProvincePolice          Kind = "province-police"           // Công an cấp tỉnh
	ProvinceSocialInsurance Kind = "province-social-insurance" // Bảo hiểm xã hội tỉnh
	TaxOffice               Kind = "tax-office"                // Thuế cơ sở
	ProvinceTax             Kind = "province-tax"              // Thuế tỉnh, thành phố
	LandOffice              Kind = "land-office"               // Chi nhánh Văn phòng Đăng ký đất đai
	ProvinceLandOffice      Kind = "province-land-office"      // Văn phòng Đăng ký đất đai
	EmploymentService       Kind = "employment-service"        // Trung tâm Dịch vụ việc làm
	HomeAffairs             Kind = "home-affairs"              // Sở Nội vụ
	EducationDepartment     Kind = "education-department"      // Sở Giáo dục và Đào tạo
	JusticeDepartment       Kind = "justice-department"        // Sở Tư pháp
	PowerCompany            Kind = "power-company"             // Công ty Điện lực
	ImmigrationDepartment   Kind = "immigration-department"    // Cục Quản lý xuất nhập cảnh, one for the country
	MinistryPolice          Kind = "ministry-police"           // Cục Cảnh sát quản lý hành chính về trật tự xã hội, one for the country
)

// ErrNoAgency reports that no agency of a kind serves a unit today.
var ErrNoAgency = errors.New("no agency is competent")

// Agency is an authority that acts in cases.
type Agency struct {
	ID          ID
	Kind        Kind
	UnitCode    string // of its commune or province
	NameVI      string // Công an phường Hoàn Kiếm
	NameEN      string // Hoan Kiem Ward Police
	CodePrefix  string // what its case codes begin with: H and the province's code
	ParentID    ID     // the agency of the province that oversees it; empty: it is one
	ValidFrom   time.Time
	ValidTo     *time.Time // the first day on which it is no more; nil: it is
	SucceededBy ID         // who took over; empty: nobody
}

// Name is the agency's name in the language, vi or en.
func (a Agency) Name(lang string) string {
	if lang == "en" {
		return a.NameEN
	}
	return a.NameVI
}

// CasePrefix is the agency's part of a case code: H01.00070, and H01 for an
// agency of a province. Agencies of one unit share it.
func (a Agency) CasePrefix() string {
	if len(a.UnitCode) == 2 {
		return a.CodePrefix
	}
	return a.CodePrefix + "." + a.UnitCode
}

// validOn tells whether the agency exists on a day.
func (a Agency) validOn(day time.Time) bool {
	return !day.Before(a.ValidFrom) && (a.ValidTo == nil || day.Before(*a.ValidTo))
}
