package resident_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
)

// Whoever writes a number, a name and a day of birth learns whether they belong
// together, and nothing else: a wrong name, a wrong day, a number that nobody
// has and a dead person all answer the same no.
func TestIdentityMatch(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), demoDB(t)
	for _, c := range []struct {
		key        string
		want, here []bool
	}{
		{"001196000101:Nguyễn Thị An:1996-04-12|", []bool{true}, []bool{false}},
		{"001196000101:NGUYEN  THI AN:1996-04-12|", []bool{true}, []bool{false}},
		{"001196000101:Nguyễn Thị Anh:1996-04-12|", []bool{false}, []bool{false}},
		{"001196000101:Nguyễn Thị An:1996-04-21|", []bool{false}, []bool{false}},
		{"001196000999:Nguyễn Thị An:1996-04-12|", []bool{false}, []bool{false}},
		{"001059000203:Lê Quang Hưng:1959-04-04|", []bool{false}, []bool{false}},
		{"001196000101:Nguyễn Thị An:1996-04-12|001090000102:Trần Văn Bình:1990-07-03|01/00070/25 Phố Hàng Bông", []bool{true, true}, []bool{true, false}},
		{"001196000101:Ai đó:1996-04-12|01/00070/25 phố Hàng Bông", []bool{false}, []bool{false}}, // lives there is said of who matches only
		{"", nil, nil},
		{"01/00070/25 phố Hàng Bông", nil, nil},
	} {
		var rec registry.Record
		err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) (err error) {
			rec, err = resident.IdentityMatch(ctx, tx, registry.Purpose{Reader: "001088000103", ReaderKind: "citizen", Text: "đối chiếu", Basis: "law: Điều 30"}, c.key, noon)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		list, _ := rec.Values["list"].([]any)
		if len(list) != len(c.want) {
			t.Errorf("%q: got %d answers, want %d", c.key, len(list), len(c.want))
			continue
		}
		for i, item := range list {
			m := item.(map[string]any)
			if m["matches"] != c.want[i] || m["livesThere"] != c.here[i] || len(m) != 3 {
				t.Errorf("%q, row %d: got %v, want matches %v, there %v and no more", c.key, i+1, m, c.want[i], c.here[i])
			}
		}
	}
	var logged int
	if err := db.QueryRow(ctx, `SELECT count(*) FROM access_log WHERE subject_number = '001196000101' AND reader = '001088000103'`).Scan(&logged); err != nil {
		t.Fatal(err)
	}
	if logged != 6 {
		t.Errorf("got %d entries in the log of reads of the person asked about, want one for each request that named her: 6", logged)
	}
}
