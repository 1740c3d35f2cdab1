package agency

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Four communes and two provinces have a whole team at an agency of each kind, and
// so has one that serves the country; everybody can be found and has exactly their seat.
func TestDemoOfficers(t *testing.T) {
	t.Parallel()
	d, db, _ := demoDirectory(t)
	demo, err := DemoOfficers()
	if err != nil {
		t.Fatal(err)
	}
	teams := map[ID][]string{}
	for _, o := range demo {
		s, err := d.Officer(t.Context(), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := Staff{ID: o.ID, Name: o.Name, Email: o.Email, Active: true, Seats: []Seat{{o.Agency.ID, o.Role}}}
		if diff := cmp.Diff(want, s); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if a, ok := d.Agency(o.Agency.ID); !ok || a.NameVI != o.Agency.NameVI || !strings.HasPrefix(o.ID, strings.ToLower(string(a.ID))) {
			t.Errorf("officer %s at %s (%s): the directory has %+v", o.ID, o.Agency.ID, o.Agency.NameVI, a)
		}
		teams[o.Agency.ID] = append(teams[o.Agency.ID], o.Role)
	}
	for _, p := range posts {
		units := []ID{"01", "79"}
		if p.level == Commune {
			units = []ID{"00070", "00004", "26737", "26740"}
		}
		if p.seat != "" {
			units = []ID{ID(p.seat)}
		}
		for _, unit := range units {
			for _, role := range []string{Reception, Handler, Approver} {
				if id := ID(p.letters) + "-" + unit; !slices.Contains(teams[id], role) {
					t.Errorf("%s (%s) has no %s", id, p.kind, role)
				}
			}
		}
	}
	if _, err := db.Exec(t.Context(), "UPDATE officers SET active = false WHERE id = $1", demo[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := LoadDemo(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if s, err := d.Officer(t.Context(), demo[0].ID); err != nil || s.Active {
		t.Errorf("loading the demonstration again: got %+v, %v; want the officer to stay inactive", s, err)
	}
}

// A role counts from its first day to the day before its end, and only while
// the officer is active.
func TestOfficerRoles(t *testing.T) {
	t.Parallel()
	d, db, now := demoDirectory(t)
	ctx, id := t.Context(), "nguyen.an"
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	police, committee := Seat{"CA-00070", Handler}, Seat{"UB-00070", Approver}
	an := Staff{ID: id, Name: "Nguyễn An", Email: "an@canbo.example", Active: true}
	must(SaveOfficer(ctx, db, an))
	must(Grant(ctx, db, id, police, july))
	must(Grant(ctx, db, id, police, july.AddDate(0, 0, 1))) // held already
	must(Grant(ctx, db, id, committee, july.AddDate(0, 0, 5)))
	must(Revoke(ctx, db, id, police, july.AddDate(0, 0, 10)))
	for _, c := range []struct {
		name string
		day  int
		want []Seat
	}{
		{"before all", -1, nil},
		{"the first day", 0, []Seat{police}},
		{"both", 5, []Seat{police, committee}},
		{"the last day", 9, []Seat{police, committee}},
		{"taken away", 10, []Seat{committee}},
	} {
		*now = july.AddDate(0, 0, c.day)
		s, err := d.Officer(ctx, id)
		if diff := cmp.Diff(c.want, s.Seats); err != nil || diff != "" {
			t.Errorf("%s: error %v, seats (-want +got):\n%s", c.name, err, diff)
		}
	}
	*now = july.AddDate(0, 0, 6)
	ids := func(at ID, role string) (ids []string) {
		list, err := d.Officers(ctx, at, role)
		must(err)
		for _, s := range list {
			ids = append(ids, s.ID)
		}
		slices.Sort(ids)
		return ids
	}
	if diff := cmp.Diff([]string{"ca-00070-thuly", id}, ids("CA-00070", Handler)); diff != "" {
		t.Errorf("handlers (-want +got):\n%s", diff)
	}
	if got := ids("CA-00070", ""); len(got) != 4 {
		t.Errorf("all officers of CA-00070: got %v, want 4", got)
	}
	an.Active = false
	must(SaveOfficer(ctx, db, an))
	s, err := d.Officer(ctx, id)
	if err != nil || s.Active || s.Seats != nil || s.Actor(2).Has(Handler, "CA-00070") {
		t.Errorf("an inactive officer: got %+v, %v; want no seats", s, err)
	}
	if got := ids("CA-00070", Handler); slices.Contains(got, id) {
		t.Errorf("handlers: got %v, want none that is inactive", got)
	}
	if _, err := d.Officer(ctx, "nobody"); !errors.Is(err, ErrNoOfficer) {
		t.Errorf("unknown officer: got %v, want ErrNoOfficer", err)
	}
	// A role that has not begun is taken away without a trace.
	must(Grant(ctx, db, id, Seat{"GT-01", Leader}, july.AddDate(1, 0, 0)))
	must(Revoke(ctx, db, id, Seat{"GT-01", Leader}, july.AddDate(0, 6, 0)))
	var n int
	must(db.QueryRow(ctx, "SELECT count(*) FROM officer_roles WHERE role = 'leader' AND officer_id = $1", id).Scan(&n))
	if n != 0 {
		t.Errorf("a role that never began: got %d rows, want 0", n)
	}
}
