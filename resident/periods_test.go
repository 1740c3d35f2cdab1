package resident_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// The database itself refuses two addresses of a kind at a time, whichever of
// the periods are in force and whichever have ended, also from two sides at once.
func TestOneAddressAtATime(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	add := func(who, kind, period string) error {
		_, err := db.Exec(t.Context(), `
			INSERT INTO residences (resident, kind, province, commune, line, address_key, valid)
			VALUES ($1, $2, '01', '00004', '1 phố Lê Lợi', '01/00004/1 phố lê lợi', $3::daterange)`, who, kind, period)
		return err
	}
	refused := func(err error) bool {
		pg, ok := errors.AsType[*pgconn.PgError](err)
		return ok && (pg.Code == "23P01" || pg.Code == "23505")
	}
	if _, err := db.Exec(t.Context(), "DELETE FROM residences WHERE resident = ANY ($1)", []string{yen, tuan}); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		who, kind, period string
		ok                bool
	}{
		{yen, "permanent", "[2020-01-01,)", true},
		{yen, "permanent", "[2023-01-01,)", false}, // two in force
		{yen, "permanent", "[2015-01-01,2018-01-01)", true},
		{yen, "permanent", "[2017-01-01,2019-01-01)", false},  // two that ended
		{yen, "permanent", "[2018-01-01,2020-01-02)", false},  // an ended one reaches into the one in force
		{yen, "permanent", "[2018-01-01,2020-01-01)", true},   // they touch
		{yen, "permanent", "empty", true},                     // it ended on the day it began
		{yen, "temporary", "[2016-01-01,2026-01-01)", true},   // another kind
		{tuan, "permanent", "[2016-01-01,2026-01-01)", true},  // another person
		{tuan, "permanent", "[2025-12-31,)", false},           // one in force reaches into an ended one
		{tuan, "permanent", "[2026-01-01,)", true},            // they touch
		{tuan, "permanent", "(,2016-01-01)", true},            // since ever
		{tuan, "permanent", "[1990-01-01,1990-01-02)", false}, // within it
	} {
		if err := add(c.who, c.kind, c.period); (err == nil) != c.ok || err != nil && !refused(err) {
			t.Errorf("%d: %s %s: got %v, want ok %v", i+1, c.kind, c.period, err, c.ok)
		}
	}
	if _, err := db.Exec(t.Context(), "UPDATE residences SET valid = '[2015-01-01,2020-06-01)' WHERE resident = $1 AND kind = 'permanent' AND lower(valid) = '2015-01-01'", yen); !refused(err) {
		t.Errorf("a period that is changed: got %v", err)
	}
	// Twenty times two at once: exactly one of the two may come first.
	for i := range 20 {
		from := fmt.Sprintf("%d-01-01", 1900+i)
		var both [2]error
		var sides sync.WaitGroup
		for side, period := range []string{"[" + from + ",)", "[" + from + ",2030-01-01)"} {
			sides.Go(func() { both[side] = add(chau, "temporary", period) })
		}
		sides.Wait()
		if (both[0] == nil) == (both[1] == nil) {
			t.Fatalf("round %d: got %v and %v, want one refused", i+1, both[0], both[1])
		}
		if _, err := db.Exec(t.Context(), "DELETE FROM residences WHERE resident = $1 AND kind = 'temporary'", chau); err != nil {
			t.Fatal(err)
		}
	}
}
