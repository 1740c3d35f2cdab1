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

type failer interface {
	Errorf(format string, args ...any)
	Helper()
}

func checkSound(ctx context.Context, t failer, db *pgxpool.Pool) {
	t.Helper()
	broken, err := resident.Check(ctx, db)
	if err != nil {
		t.Errorf("check: %v", err)
	}
	for _, b := range broken {
		t.Errorf("%s: broken by %d, as %s", b.EN, b.Count, b.First)
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
