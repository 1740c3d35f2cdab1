package resident_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/resident"
)

// sound are queries that return the people or households that break an
// invariant: no row when the database is sound.
var sound = map[string]string{
	"one permanent address at a time": `
		SELECT resident FROM residences
		WHERE kind = 'permanent' AND upper_inf(valid)
		GROUP BY resident HAVING count(*) > 1`,
	"marriage is symmetric": `
		SELECT a.number FROM residents a
		LEFT JOIN residents b ON b.number = a.spouse_number
		WHERE a.spouse_number IS NOT NULL AND b.spouse_number IS DISTINCT FROM a.number`,
	"the head is alive and a member": `
		SELECT h.head FROM households h
		LEFT JOIN residents r ON r.number = h.head AND r.alive
		LEFT JOIN household_members m ON m.resident = h.head AND m.household = h.id AND upper_inf(m.valid) AND m.relation = 'head'
		WHERE h.closed_at IS NULL AND (r.number IS NULL OR m.resident IS NULL)`,
	"one head a household": `
		SELECT household::text FROM household_members
		WHERE upper_inf(valid) AND relation = 'head'
		GROUP BY household HAVING count(*) > 1`,
	"no member of a closed household": `
		SELECT m.resident FROM household_members m
		JOIN households h ON h.id = m.household
		WHERE upper_inf(m.valid) AND h.closed_at IS NOT NULL`,
	"members are registered where their household is": `
		SELECT m.resident FROM household_members m
		JOIN households h ON h.id = m.household
		LEFT JOIN residences a ON a.resident = m.resident AND a.kind = 'permanent' AND upper_inf(a.valid)
		WHERE upper_inf(m.valid) AND a.address_key IS DISTINCT FROM h.address_key`,
	"the personal number says sex and year of birth": `
		SELECT number FROM residents
		WHERE (substr(number, 4, 1)::int % 2 = 1) <> (sex = 'female')
			OR 1900 + substr(number, 4, 1)::int / 2 * 100 + substr(number, 5, 2)::int <> extract(year FROM birth_date)`,
	"parents are at least 12 years older": `
		SELECT c.number FROM residents c
		JOIN residents p ON p.number IN (c.father_number, c.mother_number)
		WHERE p.birth_date + interval '12 years' > c.birth_date`,
}

type failer interface {
	Errorf(format string, args ...any)
	Helper()
}

func checkSound(ctx context.Context, t failer, db *pgxpool.Pool) {
	t.Helper()
	for rule, query := range sound {
		var broken *string
		if err := db.QueryRow(ctx, "SELECT min(k) FROM ("+query+") AS q (k)").Scan(&broken); err != nil || broken != nil {
			who := ""
			if broken != nil {
				who = *broken
			}
			t.Errorf("%s: broken by %s, %v", rule, who, err)
		}
	}
}

var (
	movers = []string{an, binh, chi, dung, huy, khang, nam, mai, tuan, yen, chau, lam, men, "001163000205", "001089000206", "001195000207", "001059000203"}
	places = []agency.Address{kimMa, leLoi, hangMa, {Province: "79", Commune: "26737", Line: "15 đường Hai Bà Trưng"}, {Province: "01", Commune: "00070", Line: "25 phố Hàng Bông"}}
)

// Whatever changes are granted in whatever order, the registry stays sound.
func TestRandomChangesKeepItSound(t *testing.T) {
	db := demoDB(t)
	n := 0
	applied := 0
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 6).Draw(rt, "changes") {
			n++
			_, err := apply(t, db, fmt.Sprint(n), resident.MovePermanent, map[string]any{
				"people":   rapid.SliceOfN(rapid.SampledFrom(movers), 1, 3).Draw(rt, "people"),
				"to":       rapid.SampledFrom(places).Draw(rt, "to").Map(),
				"head":     rapid.SampledFrom(append([]string{"", "", ""}, movers...)).Draw(rt, "head"),
				"relation": rapid.SampledFrom([]string{"child", "tenant", "head"}).Draw(rt, "relation"),
			})
			if _, refused := errors.AsType[*resident.RefusedError](err); err != nil && !refused {
				rt.Fatal(err)
			}
			if err == nil {
				applied++
			}
		}
		checkSound(t.Context(), rt, db)
	})
	if applied < 20 {
		t.Errorf("only %d changes were applied: the test shows nothing", applied)
	}
}

// The same with eight workers at once: they may wait, never deadlock or mix.
func TestConcurrentChangesKeepItSound(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	var workers sync.WaitGroup
	var mu sync.Mutex
	applied := 0
	for w := range 8 {
		workers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 7))
			for i := range 25 {
				people := []string{movers[r.IntN(len(movers))], movers[r.IntN(len(movers))]}[:1+r.IntN(2)]
				head := ""
				if r.IntN(2) == 0 {
					head = movers[r.IntN(len(movers))]
				}
				_, err := apply(t, db, fmt.Sprintf("w%d-%d", w, i), resident.MovePermanent, map[string]any{
					"people": people, "to": places[r.IntN(len(places))].Map(), "head": head, "relation": "lodger"})
				if _, refused := errors.AsType[*resident.RefusedError](err); err != nil && !refused {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					applied++
					mu.Unlock()
				}
			}
		})
	}
	workers.Wait()
	checkSound(t.Context(), t, db)
	if applied < 20 {
		t.Errorf("only %d changes were applied: the test shows nothing", applied)
	}
}
