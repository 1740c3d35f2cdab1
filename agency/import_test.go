package agency

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

const header = "code,level,kind,name_vi,name_en,province_code\n"

// A file with faults is refused as a whole, each fault with its line.
func TestParseUnitsFaults(t *testing.T) {
	t.Parallel()
	const hanoi = "01,province,Thành phố,Hà Nội,Hanoi,\n"
	for _, c := range []struct {
		name, file string
		want       []Fault
	}{
		{"good", header + hanoi + "00070,commune,Phường,Hoàn Kiếm,Hoan Kiem,01\n", nil},
		{"a commune before its province", header + "00070,commune,Phường,Hoàn Kiếm,Hoan Kiem,01\n" + hanoi, nil},
		{"byte order mark", "\ufeff" + header + hanoi, nil},
		{"empty", "", []Fault{{1, "the columns must be code,level,kind,name_vi,name_en,province_code"}}},
		{"other columns", "code,name\n01,Hà Nội\n", []Fault{{1, "the columns must be code,level,kind,name_vi,name_en,province_code"}}},
		{"no rows", header, []Fault{{1, "the file has no units"}}},
		{"several faults, all told", header + hanoi +
			"0007,commune,Phường,Hoàn Kiếm,Hoan Kiem,01\n" +
			"00004,commune,Tỉnh,Ba Đình,,01\n" +
			"00008,district,Quận,Ngọc Hà,Ngoc Ha,01\n" +
			"01,province,Thành phố,Hà Nội,Hanoi,\n" +
			"00025,commune,Phường, Giảng Võ,Giang Vo,02\n" +
			"04,province,Tỉnh,Cao Bằng,Cao Bang,01\n" +
			"00026,commune,Phường\n",
			[]Fault{
				{3, `code "0007" of a commune must have 5 digits`},
				{4, `a commune cannot be of kind "Tỉnh"`},
				{4, "name_en is empty"},
				{5, `level "district" is neither province nor commune`},
				{6, "code 01 is already on line 2"},
				{7, `name_vi " Giảng Võ" has blanks around it or control characters in it`},
				{7, `province_code "02" is no province of this file`},
				{8, "a province has no province_code"},
				{9, "3 columns instead of 6"},
			}},
		{"a commune in a commune", header + hanoi + "00070,commune,Phường,A,A,01\n00071,commune,Phường,B,B,00070\n",
			[]Fault{{4, `province_code "00070" is no province of this file`}}},
		{"broken quotes", header + hanoi + "\"00070,commune\n", []Fault{{3, `extraneous or missing " in quoted-field`}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			units, err := ParseUnits(strings.NewReader(c.file))
			var got []Fault
			if e, ok := errors.AsType[*FileError](err); ok {
				got = e.Faults
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if (units == nil) != (c.want != nil) {
				t.Errorf("units: got %v with faults %v", units, got)
			}
		})
	}
}

func FuzzParseUnits(f *testing.F) {
	f.Add(header + "01,province,Thành phố,Hà Nội,Hanoi,\n")
	f.Add(header + "\"\n")
	f.Fuzz(func(t *testing.T, file string) {
		units, err := ParseUnits(strings.NewReader(file))
		if _, ok := errors.AsType[*FileError](err); err != nil && !ok {
			t.Errorf("got %v, want units or a FileError", err)
		}
		if err == nil && len(units) == 0 {
			t.Error("no units and no error")
		}
	})
}

// tables is all that an import writes, with the time of the last write of each row.
func tables(t *testing.T, db *pgxpool.Pool) (units, agencies int, versions string) {
	t.Helper()
	err := db.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM units), (SELECT count(*) FROM agencies),
			(SELECT md5(string_agg(xmin::text, ',' ORDER BY code)) FROM units) || (SELECT md5(string_agg(xmin::text, ',' ORDER BY id)) FROM agencies)`).
		Scan(&units, &agencies, &versions)
	if err != nil {
		t.Fatal(err)
	}
	return units, agencies, versions
}

// Importing makes units and their agencies; the same file again writes no row.
func TestImportUnits(t *testing.T) {
	t.Parallel()
	db := pgtest.NewAsOwner(t)
	file, err := os.ReadFile("data/units.csv")
	if err != nil {
		t.Fatal(err)
	}
	var before string
	for round := range 2 {
		n, err := ImportUnits(t.Context(), db, strings.NewReader(string(file)))
		if err != nil || n != 424 {
			t.Fatalf("round %d: got %d, %v; want 424", round, n, err)
		}
		units, agencies, versions := tables(t, db)
		if want := 34*11 + 390*5 + 2; units != 424 || agencies != want {
			t.Errorf("round %d: got %d units and %d agencies, want 424 and %d", round, units, agencies, want)
		}
		if round == 1 && versions != before {
			t.Error("the second import wrote rows that had not changed")
		}
		before = versions
	}
}

// A new name reaches the agencies; a refused file changes nothing; units that a
// file does not name stay.
func TestImportUnitsAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.NewAsOwner(t)
	load := func(rows string) error {
		_, err := ImportUnits(t.Context(), db, strings.NewReader(header+rows))
		return err
	}
	const hanoi = "01,province,Thành phố,Hà Nội,Hanoi,\n"
	if err := load(hanoi + "00070,commune,Phường,Hoàn Kiếm,Hoan Kiem,01\n00004,commune,Phường,Ba Đình,Ba Dinh,01\n"); err != nil {
		t.Fatal(err)
	}
	if err := load(hanoi + "00070,commune,Xã,Hồ Gươm,Ho Guom,01\n"); err != nil {
		t.Fatal(err)
	}
	err := load(hanoi + "00070,commune,Phường,Khác,Other,01\n00004,commune,Quận,Khác,Other,01\n")
	if _, ok := errors.AsType[*FileError](err); !ok {
		t.Errorf("a bad file: got %v, want a FileError", err)
	}
	var got string
	err = db.QueryRow(t.Context(), `
		SELECT (SELECT string_agg(name_vi, ', ' ORDER BY code) FROM units) || ' | ' || (SELECT name_vi || ' / ' || name_en FROM agencies WHERE id = 'CA-00070')`).Scan(&got)
	if want := "Ba Đình, Hồ Gươm, Hà Nội | Công an xã Hồ Gươm / Ho Guom Commune Police"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}
