package resident_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/vietnamese"
)

// A personal number says where, when and as what its holder was born.
func TestParseNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, place, now string
		sex            resident.Sex
		year           int
	}{
		{"001196000101", "Hà Nội", "01", resident.Female, 1996},
		{"001326000117", "Hà Nội", "01", resident.Female, 2026},
		{"026085000001", "Vĩnh Phúc", "25", resident.Male, 1985}, // a province that is no more
		{"077200000001", "Bà Rịa - Vũng Tàu", "79", resident.Male, 2000},
		{"148099000001", "", "", resident.Male, 1999}, // born abroad
	} {
		n, err := resident.ParseNumber(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		p, _ := n.Place()
		if n.Sex() != c.sex || n.BirthYear() != c.year || p.Name != c.place || p.Now != c.now {
			t.Errorf("%s: got %s %d %+v", c.in, n.Sex(), n.BirthYear(), p)
		}
	}
	for _, in := range []string{"", "00119600010", "0011960001011", "00119600010a", "003196000101", "000196000101", "001996000101", "٠٠١١٩٦"} {
		if n, err := resident.ParseNumber(in); !errors.Is(err, resident.ErrNotANumber) {
			t.Errorf("%q: got %s, %v", in, n, err)
		}
	}
}

// Names are found in any Unicode form, with and without diacritics, in any order
// of parts, with the tone in its old and its new place; and never split.
func TestSearch(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), demoDB(t)
	names := []string{"Nguyễn Thị Hoà", "Nguyễn Thị Hoa", "Y", "Công Tằng Tôn Nữ Thị Ngọc Thuỳ Dương", "H’Hen Niê", "Đặng Thị Thị"}
	for i, name := range names {
		number := resident.Nth("001195", 500+i)
		if _, err := db.Exec(ctx, "INSERT INTO residents (number, full_name, name_folded, birth_date, sex) VALUES ($1, $2, $3, '1995-01-01', 'female')",
			string(number), name, vietnamese.Fold(name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"nguyen thi hoa", "Nguyễn Thị Hoà, Nguyễn Thị Hoa"},
		{"Nguyễn Thị Hoà", "Nguyễn Thị Hoà"},
		{"Nguyễn Thị Hòa", "Nguyễn Thị Hoà"},
		{"NGUYỄN THỊ HÒA", "Nguyễn Thị Hoà"},
		{"hòa nguyễn", "Nguyễn Thị Hoà"},
		{"Hóa", ""},
		{"y", "Y"},
		{"thuỳ dương tôn nữ", "Công Tằng Tôn Nữ Thị Ngọc Thuỳ Dương"},
		{"thùy duong", "Công Tằng Tôn Nữ Thị Ngọc Thuỳ Dương"},
		{"đỗ khang", "Đỗ Văn Khang"},
		{"do van khang", "Đỗ Văn Khang"},
		{"dặng thị thị", ""},
		{"đặng thị thị", "Đặng Thị Thị"},
		{"H’Hen", "H’Hen Niê"},
		{"khan", ""},
		{"0010 6000 0106", "Đỗ Văn Khang"},
		{"  ", ""},
	} {
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			found, err := resident.Search(ctx, db, officer("law: x"), form.String(c.text), 20)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]bool{}
			for _, w := range strings.Split(c.want, ", ") {
				want[w] = w != ""
			}
			for _, m := range found {
				if !want[m.FullName] {
					t.Errorf("%q found %s", c.text, m.FullName)
				}
				delete(want, m.FullName)
			}
			delete(want, "")
			if len(want) > 0 {
				t.Errorf("%q did not find %v", c.text, want)
			}
		}
	}
}

// A card expires at 14, 25, 40 and 60, or the age after when that is near.
func TestCardExpiry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ born, issued, want string }{
		{"1996-04-12", "2024-07-15", "2036-04-12"},
		{"2000-01-01", "2023-06-01", "2040-01-01"}, // 23: within two years of 25
		{"2000-01-01", "2022-12-31", "2025-01-01"},
		{"1960-01-30", "2024-07-15", "0001-01-01"},
		{"2020-05-05", "2026-05-05", "2034-05-05"},
	} {
		born, _ := time.Parse(time.DateOnly, c.born)
		issued, _ := time.Parse(time.DateOnly, c.issued)
		if got := resident.CardExpiry(born, issued).Format(time.DateOnly); got != c.want {
			t.Errorf("born %s, issued %s: got %s, want %s", c.born, c.issued, got, c.want)
		}
	}
}
