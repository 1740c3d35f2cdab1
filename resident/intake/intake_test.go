package intake_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/resident/intake"
)

func fresh(t *testing.T) *pgxpool.Pool {
	t.Helper()
	db := pgtest.NewAsOwner(t)
	if err := agency.LoadDemo(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return db
}

const sheet = "\ufeff" + `number,fullName,birthDate,sex,homePlace.province,homePlace.commune,phone,fatherNumber,motherNumber,permanentAddress.province,permanentAddress.commune,permanentAddress.line,permanentSince
001060000001,Nguyễn  Văn Cha,1960-01-30,male,01,00070,0912 345 678,,,01,00070,1 phố Hàng Bè,2000-05-01
001163000002,Trần Thị Mẹ,1963-05-17,female,01,00070,,,,01,00070,1 phố Hàng Bè,
001090000003,Nguyễn Văn Con,1990-07-03,male,01,00070,,001060000001,001163000002,01,00070,1 phố Hàng Bè,
12345,Sai Số,1990-07-03,male,,,,,,,,,
001090000005,,1990-07-03,male,,,,,,,,,
001090000006,Sai Ngày,03/07/1990,male,,,,,,,,,
001090000007,Sai Giới,1990-07-03,nam,,,,,,,,,
001190000008,Sai Khớp,1990-07-03,male,,,,,,,,,
001090000009,Sai Máy,1990-07-03,male,,,113,,,,,,
001090000010,Thiếu Nhà,1990-07-03,male,,,,,,01,00070,,
001090000011,Sai Xã,1990-07-03,male,,,,,,01,99999,1 phố Lạ,
001090000012,Mồ Côi,1990-07-03,male,,,,001060999999,,,,,
001070000013,Sai Cha,1970-07-03,male,,,,001060000001,,,,,
001090000014,Sớm Quá,1990-07-03,male,,,,,,01,00070,2 phố Hàng Bè,1980-01-01
001060000001,Người Khác,1960-01-30,male,,,,,,,,,
001090000016,Thừa Ô,1990-07-03,male,,,,,,,,,,,
`

// A file is taken in row by row; each refused one stands with its line and the
// reason in both languages among the rejects; a second time changes nothing.
func TestRun(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	var first bytes.Buffer
	want := map[string]int{"number-invalid": 1, "name-missing": 1, "birth-date-invalid": 1, "sex-unknown": 1, "number-says-otherwise": 1, "phone-invalid": 1,
		"address-incomplete": 1, "unit-unknown": 1, "parent-unknown": 1, "parent-wrong": 1, "since-invalid": 1, "number-taken": 1, "unreadable": 1}
	for round, batch := range []int{4, 1000, 1} {
		rows, err := intake.CSV(strings.NewReader(sheet))
		if err != nil {
			t.Fatal(err)
		}
		var rejects bytes.Buffer
		r, err := intake.Run(t.Context(), intake.Config{DB: db, Rows: rows, Rejects: &rejects, Batch: batch})
		if err != nil {
			t.Fatal(err)
		}
		expected := &intake.Result{Rows: 16, Taken: 3, Refused: 13, ByReason: want}
		if round > 0 {
			expected.Taken, expected.Known = 0, 3
		}
		if diff := cmp.Diff(expected, r); diff != "" {
			t.Errorf("round %d (-want +got):\n%s", round, diff)
		}
		if round == 0 {
			first = rejects
		}
	}
	lines := map[string]int{}
	for d := json.NewDecoder(&first); d.More(); {
		var no intake.Reject
		if err := d.Decode(&no); err != nil || no.VI == "" || no.EN == "" {
			t.Fatalf("%+v, %v", no, err)
		}
		lines[no.Reason] = no.Line
	}
	if lines["number-invalid"] != 5 || lines["unit-unknown"] != 12 || lines["unreadable"] != 17 {
		t.Errorf("lines %v", lines)
	}
	broken, err := resident.Check(t.Context(), db)
	if err != nil || len(broken) > 0 {
		t.Errorf("unsound: %v, %v", broken, err)
	}
	var name, address string
	if err := db.QueryRow(t.Context(), `SELECT r.full_name, a.address_key FROM residents r JOIN residences a ON a.resident = r.number AND a.kind = 'permanent'
		WHERE r.mother_number = '001163000002'`).Scan(&name, &address); err != nil || name != "Nguyễn Văn Con" || address != "01/00070/1 phố hàng bè" {
		t.Errorf("got %q at %q, %v", name, address, err)
	}
}

// A batch is stored whole or not at all: when the database fails in its midst,
// what came before stays, and the file can be taken in again.
func TestBatchIsWhole(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	if _, err := db.Exec(t.Context(), `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space'; END $$;
		CREATE TRIGGER fail BEFORE INSERT ON residents FOR EACH ROW WHEN (NEW.number = '001090000003') EXECUTE FUNCTION fail()`); err != nil {
		t.Fatal(err)
	}
	people := func() int {
		var n int
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM residents").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	run := func(batch int) error {
		rows, err := intake.CSV(strings.NewReader(sheet))
		if err != nil {
			t.Fatal(err)
		}
		_, err = intake.Run(t.Context(), intake.Config{DB: db, Rows: rows, Rejects: &bytes.Buffer{}, Batch: batch})
		return err
	}
	if err := run(100); err == nil || people() != 0 {
		t.Errorf("got %v, %d people of the failed batch", err, people())
	}
	if err := run(1); err == nil || people() != 2 {
		t.Errorf("got %v, %d people of the batches before", err, people())
	}
	if _, err := db.Exec(t.Context(), "DROP TRIGGER fail ON residents"); err != nil {
		t.Fatal(err)
	}
	if err := run(100); err != nil || people() != 3 {
		t.Errorf("again: %v, %d people", err, people())
	}
}

// JSON lines are read as CSV is; a line that is no object is refused, and a
// heading that names no column ends the import before it begins.
func TestFormats(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	text := `{"number": "001060000001", "fullName": "Nguyễn Văn Cha", "birthDate": "1960-01-30", "sex": "male", "homePlace": {"province": "01", "commune": "00070"}}

{"number": "001060000002", "tuoi": 3}
không phải JSON
`
	var rejects bytes.Buffer
	r, err := intake.Run(t.Context(), intake.Config{DB: db, Rows: intake.JSONLines(strings.NewReader(text)), Rejects: &rejects})
	if err != nil || r.Taken != 1 || r.ByReason["unreadable"] != 2 || !strings.Contains(rejects.String(), `"line":3`) || !strings.Contains(rejects.String(), `"line":4`) {
		t.Errorf("got %+v, %v, %s", r, err, rejects.String())
	}
	if _, err := intake.CSV(strings.NewReader("number,tuổi\n")); !errors.Is(err, intake.ErrHeading) {
		t.Errorf("got %v, want ErrHeading", err)
	}
}
