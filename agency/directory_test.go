package agency

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

var july = time.Date(2026, 7, 1, 0, 0, 0, 0, hanoi)

// demoDirectory is a directory of the demonstration whose clock the test sets.
func demoDirectory(t *testing.T) (*Directory, *pgxpool.Pool, *time.Time) {
	t.Helper()
	db, now := pgtest.NewAsOwner(t), july
	if err := LoadDemo(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	d, err := New(t.Context(), Config{DB: db, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return d, db, &now
}

// Each kind has its agency for each commune, or one for the whole province.
func TestCompetent(t *testing.T) {
	t.Parallel()
	d, _, _ := demoDirectory(t)
	for _, c := range []struct {
		kind           Kind
		unit           string
		id             ID // empty: none
		vi, en, prefix string
		parent         ID
	}{
		{CommunePolice, "00070", "CA-00070", "Công an phường Hoàn Kiếm", "Hoan Kiem Ward Police", "H01.00070", "CA-01"},
		{CommuneCommittee, "00070", "UB-00070", "UBND phường Hoàn Kiếm", "People's Committee of Hoan Kiem Ward", "H01.00070", "UB-01"},
		{SocialInsurance, "26737", "BH-26737", "Bảo hiểm xã hội cơ sở Tân Định", "Tan Dinh Social Insurance Office", "H79.26737", "BH-79"},
		{TrafficPolice, "01", "GT-01", "Phòng Cảnh sát giao thông thành phố Hà Nội", "Hanoi City Traffic Police Division", "H01", "CA-01"},
		{TrafficPolice, "26737", "GT-79", "Phòng Cảnh sát giao thông thành phố Hồ Chí Minh", "Ho Chi Minh City Traffic Police Division", "H79", "CA-79"},
		{ProvincePolice, "00004", "CA-01", "Công an thành phố Hà Nội", "Hanoi City Police", "H01", ""},
		{TaxOffice, "26740", "TH-26740", "Thuế cơ sở Sài Gòn", "Sai Gon Tax Office", "H79.26740", "TH-79"},
		{LandOffice, "00004", "DD-00004", "Chi nhánh Văn phòng Đăng ký đất đai Ba Đình", "Ba Dinh Branch of the Land Registration Office", "H01.00004", "DD-01"},
		{EmploymentService, "79", "VL-79", "Trung tâm Dịch vụ việc làm thành phố Hồ Chí Minh", "Ho Chi Minh City Employment Service Centre", "H79", "NV-79"},
		{JusticeDepartment, "00070", "TP-01", "Sở Tư pháp thành phố Hà Nội", "Hanoi City Department of Justice", "H01", "UB-01"},
		{PowerCompany, "01", "DL-01", "Công ty Điện lực thành phố Hà Nội", "Hanoi City Power Company", "H01", ""},
		{MinistryPolice, "26740", "C06-01", "Cục Cảnh sát quản lý hành chính về trật tự xã hội, Bộ Công an",
			"Police Department for Administrative Management of Social Order, Ministry of Public Security", "H01", ""},
		{ImmigrationDepartment, "26740", "A08-01", "Cục Quản lý xuất nhập cảnh, Bộ Công an", "Immigration Department, Ministry of Public Security", "H01", ""},
		{CommunePolice, "01", "", "", "", "", ""},
		{CommunePolice, "99999", "", "", "", "", ""},
		{"harbour-police", "00070", "", "", "", "", ""},
	} {
		t.Run(string(c.kind)+" "+c.unit, func(t *testing.T) {
			a, err := d.Competent(t.Context(), c.kind, c.unit)
			if c.id == "" {
				if !errors.Is(err, ErrNoAgency) {
					t.Errorf("got %v, %v; want ErrNoAgency", a.ID, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := []string{string(c.id), c.vi, c.en, c.prefix, string(c.parent)}
			if diff := cmp.Diff(want, []string{string(a.ID), a.Name("vi"), a.Name("en"), a.CasePrefix(), string(a.ParentID)}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// From its last day on, an agency's work goes to the one that took over, along
// the whole line; before that day nothing changes.
func TestSuccession(t *testing.T) {
	t.Parallel()
	d, db, now := demoDirectory(t)
	succeed := func(ended, by ID, from time.Time) error {
		return pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error { return Succeed(t.Context(), tx, ended, by, from) })
	}
	day := func(n int) time.Time { return july.AddDate(0, 0, n) }
	for _, step := range []struct {
		ended, by ID
		from      time.Time
		want      error
	}{
		{"CA-00070", "CA-00004", day(10), nil},
		{"CA-00004", "CA-26737", day(20), nil},
		{"CA-26737", "CA-00070", day(30), ErrNoAgency}, // a circle
		{"CA-26740", "CA-26740", day(30), ErrNoAgency},
		{"CA-26740", "CA-99999", day(30), ErrNoAgency},
		{"CA-99999", "CA-26740", day(30), ErrNoAgency},
	} {
		if err := succeed(step.ended, step.by, step.from); !errors.Is(err, step.want) {
			t.Fatalf("%s by %s: got %v, want %v", step.ended, step.by, err, step.want)
		}
	}
	if _, err := db.Exec(t.Context(), "UPDATE agencies SET valid_to = '2026-07-15' WHERE id = 'UB-00070'"); err != nil {
		t.Fatal(err)
	}
	if err := d.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		at   time.Time
		kind Kind
		want ID // empty: none
	}{
		{"before", day(9), CommunePolice, "CA-00070"},
		{"the last second in Hà Nội", day(10).Add(-time.Second), CommunePolice, "CA-00070"},
		{"from midnight on", day(10), CommunePolice, "CA-00004"},
		{"along the line", day(20), CommunePolice, "CA-26737"},
		{"ended without a successor", day(14), CommuneCommittee, ""},
		{"before there were any", july.AddDate(-2, 0, 0), CommunePolice, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			*now = c.at
			a, err := d.Competent(t.Context(), c.kind, "00070")
			if a.ID != c.want || errors.Is(err, ErrNoAgency) != (c.want == "") {
				t.Errorf("got %q, %v; want %q", a.ID, err, c.want)
			}
		})
	}
	*now = day(20)
	if a, ok := d.Agency("CA-00070"); !ok || a.SucceededBy != "CA-00004" {
		t.Errorf("an agency that has ended: got %+v, %t; want it with its successor", a, ok)
	}
	if a, err := d.Successor("CA-00070"); err != nil || a.ID != "CA-26737" {
		t.Errorf("successor: got %s, %v; want CA-26737", a.ID, err)
	}
	if got, want := len(d.Agencies(CommunePolice)), 390-2; got != want {
		t.Errorf("commune police today: got %d, want %d", got, want)
	}
}

// An import on another node shows without a restart.
func TestDirectoryFollows(t *testing.T) {
	t.Parallel()
	d, db, _ := demoDirectory(t)
	if _, err := db.Exec(t.Context(), "UPDATE units SET name_vi = 'Hồ Gươm' WHERE code = '00070'"); err != nil {
		t.Fatal(err)
	}
	name := func() string {
		u, _ := d.Commune("00070")
		return u.NameVI
	}
	if got := name(); got != "Hoàn Kiếm" {
		t.Fatalf("a fresh list was read anew: %s", got)
	}
	old := *d.current.Load()
	old.read = old.read.Add(-2 * freshFor)
	d.current.Store(&old)
	for deadline := time.Now().Add(10 * time.Second); name() != "Hồ Gươm"; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("an old list is never read anew: %s", name())
		}
	}
}
