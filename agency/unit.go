package agency

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hoso-gov/hoso/vietnamese"
)

// Level says whether a unit is a province or a commune; there is none between
// since 1 July 2025. Source: Law 72/2025/QH15 on local government, Article 1.
type Level string

// The levels.
const (
	Province Level = "province"
	Commune  Level = "commune"
)

// Unit is a province or a commune.
type Unit struct {
	Code         string // two digits of a province, five of a commune
	Level        Level
	Kind         string // Tỉnh, Thành phố; Phường, Xã, Đặc khu
	NameVI       string // without the kind: Hoàn Kiếm
	NameEN       string // Hoan Kiem
	ProvinceCode string // of a commune; empty: a province
}

// kinds are the kinds of unit at each level, and their names in English.
var kinds = map[Level]map[string]string{
	Province: {"Tỉnh": "Province", "Thành phố": "City"},
	Commune:  {"Phường": "Ward", "Xã": "Commune", "Đặc khu": "Special Zone"},
}

// Title is the full name at the head of a line: Phường Hoàn Kiếm, Hoan Kiem Ward.
func (u Unit) Title(lang string) string {
	if lang == "en" {
		return u.NameEN + " " + kinds[u.Level][u.Kind]
	}
	return u.Kind + " " + u.NameVI
}

// Text is the full name inside a sentence: phường Hoàn Kiếm, Hoan Kiem Ward.
func (u Unit) Text(lang string) string {
	title := u.Title(lang)
	if lang == "en" {
		return title
	}
	first, n := utf8.DecodeRuneInString(title)
	return string(unicode.ToLower(first)) + title[n:]
}

// Units is the list of provinces and communes at one moment. It never changes,
// so any number of goroutines may read it.
type Units struct {
	provinces []Unit
	communes  map[string][]Unit // by province
	byCode    map[string]Unit
	folded    []foldedUnit
}

type foldedUnit struct {
	Unit
	name, title string
}

// NewUnits returns a reader of a list of units.
func NewUnits(list []Unit) *Units {
	u := &Units{communes: map[string][]Unit{}, byCode: make(map[string]Unit, len(list))}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Unit) int { return cmp.Compare(a.Code, b.Code) })
	for _, one := range list {
		u.byCode[one.Code] = one
		if one.Level == Province {
			u.provinces = append(u.provinces, one)
		} else {
			u.communes[one.ProvinceCode] = append(u.communes[one.ProvinceCode], one)
		}
		u.folded = append(u.folded, foldedUnit{one, vietnamese.FoldWords(one.NameVI, ""), vietnamese.FoldWords(one.Title("vi"), "")})
	}
	return u
}

// Province returns the province with a code.
func (u *Units) Province(code string) (Unit, bool) { return u.get(code, Province) }

// Commune returns the commune with a code.
func (u *Units) Commune(code string) (Unit, bool) { return u.get(code, Commune) }

func (u *Units) get(code string, level Level) (Unit, bool) {
	one, ok := u.byCode[code]
	if !ok || one.Level != level {
		return Unit{}, false
	}
	return one, true
}

// Provinces are all provinces, by code. The caller must not change the slice.
func (u *Units) Provinces() []Unit { return u.provinces }

// Communes are the communes of a province, by code. The caller must not change the slice.
func (u *Units) Communes(province string) []Unit { return u.communes[province] }

// found is how many units a search returns at most.
const found = 50

// Search returns the units whose name holds every word of text or that text is
// the code of, the best first: the whole name, then names that begin with it.
// Capitals and Vietnamese marks do not count, so "hoan kiem" finds Hoàn Kiếm.
func (u *Units) Search(text string) []Unit {
	want := vietnamese.FoldWords(text, "")
	if want == "" {
		return nil
	}
	type hit struct {
		Unit
		rank int
	}
	var hits []hit
	for _, f := range u.folded {
		if r := f.rank(want); r >= 0 {
			hits = append(hits, hit{f.Unit, r})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.rank, b.rank) })
	var units []Unit
	for _, h := range hits[:min(len(hits), found)] {
		units = append(units, h.Unit)
	}
	return units
}

// rank is negative when the unit is not meant.
func (f foldedUnit) rank(want string) int {
	switch {
	case want == f.Code, want == f.name, want == f.title:
		return 0
	case strings.HasPrefix(f.name, want), strings.HasPrefix(f.title, want):
		return 1
	}
	for word := range strings.FieldsSeq(want) {
		if !strings.Contains(" "+f.title, " "+word) {
			return -1
		}
	}
	return 2
}

// Text writes an address in words: 12 phố Hàng Bông, phường Hoàn Kiếm, thành
// phố Hà Nội. It takes what [ParseAddress] takes, and objects that lack parts;
// a code that the list does not have is written as it stands.
func (u *Units) Text(address any, lang string) string {
	var a Address
	switch m := address.(type) {
	case map[string]any:
		a.Province, _ = m["province"].(string)
		a.Commune, _ = m["commune"].(string)
		a.Line, _ = m["line"].(string)
	default:
		a, _ = ParseAddress(address)
	}
	var parts []string
	if a.Line != "" {
		parts = append(parts, a.Line)
	}
	for _, code := range []string{a.Commune, a.Province} {
		if one, ok := u.byCode[code]; ok {
			parts = append(parts, one.Text(lang))
		} else if code != "" {
			parts = append(parts, code)
		}
	}
	return strings.Join(parts, ", ")
}

// AddressText returns Text in one language, in the shape that package forms takes.
func (u *Units) AddressText(lang string) func(map[string]any) string {
	return func(address map[string]any) string { return u.Text(address, lang) }
}
