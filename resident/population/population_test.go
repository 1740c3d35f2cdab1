package population_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/resident/population"
)

func units(t testing.TB) []agency.Unit {
	u, err := agency.DemoUnits()
	if err != nil {
		t.Fatal(err)
	}
	var list []agency.Unit
	for _, p := range u.Provinces() {
		list = append(list, u.Communes(p.Code)...)
	}
	return list
}

func TestRate(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	if n == 0 {
		n = 3000
	}
	db := pgtest.New(t)
	r, err := population.Generate(t.Context(), db, population.Config{People: n, Seed: 1, Units: units(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d people, %d households, %s, %.0f/s", r.People, r.Households, r.Took, r.Rate())
	rows, _ := db.Query(t.Context(), `select r.full_name||' '||r.birth_date||' '||r.number||' '||coalesce(m.relation,'?')||' '||m.household||' '||h.line||' '||h.commune||' '||marital_status from residents r join household_members m on m.resident=r.number join households h on h.id=m.household order by household limit 60`)
	for rows.Next() {
		var s string
		rows.Scan(&s)
		t.Log(s)
	}
}
