package cases_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// mutations are what an author may change in a version, as file, old, new.
var mutations = []struct{ name, file, old, new string }{
	{"a label", "permanent-residence/procedure.yaml", "Đăng ký nơi thường trú mới", "Đăng ký nơi thường trú"},
	{"a budget up", flow, "within: 2wd", "within: 3wd"},
	{"a budget down", flow, "within: 2wd", "within: 1wd"},
	{"a new way out", flow, "      verify: {title:", "      look-again: {title: {vi: Xem lại, en: Look again}, to: verification, max: 1, needs: [note]}\n      verify: {title:"},
	{"another condition", flow, `"case.output.receipt != null"`, `"case.output.receipt == null"`},
	{"another target", flow, "propose: {title: {vi: Trình duyệt, en: Propose}, to: approve", "propose: {title: {vi: Trình duyệt, en: Propose}, to: verification"},
	{"a window", flow, "window: 7wd", "window: 6wd"},
	{"another join", flow, "refused: examine, late: examine", "refused: verification, late: examine"},
	{"a fee", "permanent-residence/procedure.yaml", "amount: 10000", "amount: 12000"},
	{"a variant's name", "permanent-residence/procedure.yaml", "own-dwelling", "own-home"},
	{"another clock", flow, "title: {vi: Đang thẩm định, en: Being examined}\n    kind: task", "title: {vi: Đang thẩm định, en: Being examined}\n    kind: task\n    clock: \"off\""},
}

// sameJudged is an oracle of its own: what both versions make of the case, each
// evaluated whole, must agree; empty: it does.
func sameJudged(old, new *procedures.Procedure, state workflow.State, variant string, was, is map[string]any) string {
	if !reflect.DeepEqual(was["form"], is["form"]) {
		return "the answers read otherwise"
	}
	if v, err := new.VariantOf(is); err != nil || v != variant {
		return fmt.Sprintf("the variant is %s, %v", v, err)
	}
	a, errA := old.CompetentAt(was)
	b, errB := new.CompetentAt(is)
	if a != b || (errA == nil) != (errB == nil) {
		return "another agency is competent"
	}
	from, to := old.Machine.States[state], new.Machine.States[state]
	if to == nil || from.Kind != to.Kind || from.Clock != to.Clock || from.FinalAct != to.FinalAct {
		return "the state is another"
	}
	for _, group := range []struct {
		old, new map[workflow.Event][]*workflow.Transition
	}{{from.Actions, to.Actions}, {from.Signals, to.Signals}} {
		for event, ts := range group.old {
			if x, y := leadsTo(ts, was), leadsTo(group.new[event], is); x != y {
				return fmt.Sprintf("%s leads to %s and to %s", event, x, y)
			}
		}
	}
	if j, k := from.Join, to.Join; j != nil && (k == nil || j.Then != k.Then || j.Refused != k.Refused || j.Late != k.Late || j.Window != k.Window) {
		return "the join is another"
	}
	return ""
}

// leadsTo is the target that the conditions choose by the variables.
func leadsTo(ts []*workflow.Transition, vars map[string]any) string {
	for _, t := range ts {
		if t.When == nil {
			return string(t.To)
		}
		v, err := t.When.Eval(vars)
		if err != nil {
			return "error"
		}
		if v == true {
			return string(t.To)
		}
	}
	return "nowhere"
}

// Of generated pairs of versions, each case that is called movable is judged the
// same by both: answers, variant, agencies, and every way on. A judge that calls
// every case movable does not pass, so the property can fail.
func TestMovableIsJudgedTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	open := []cases.ID{h.open("own-dwelling-with-a-co-owner", 2), h.open("rented-with-the-owners-consent", 2), h.open("wife-joins-husband", 0)}
	old, _ := h.c.Get(residence)
	random := rand.New(rand.NewPCG(4, 10))
	called, movable, caught := map[cases.Standing]int{}, 0, 0
	for range 24 {
		var edits []string
		names := ""
		for _, i := range random.Perm(len(mutations))[:1+random.IntN(2)] {
			m := mutations[i]
			if len(edits) > 0 && edits[1] == m.old {
				continue // the first has taken its place
			}
			edits = append(edits, m.file, m.old, m.new)
			names += m.name + "; "
		}
		next, _ := h.c.Reload(h.edit(edits...), []procedures.ID{residence}) // what hoso check says of it is not the question
		p, ok := next.Get(residence)
		if !ok || p.Machine == nil || p.Form == nil {
			continue
		}
		for _, id := range open {
			standing, err := h.Cases().StandingOf(ctx, id, p)
			if err != nil {
				t.Fatal(err)
			}
			called[standing]++
			was, err := h.Cases().Evaluated(ctx, id, old)
			if err != nil {
				t.Fatal(err)
			}
			is, err := h.Cases().Evaluated(ctx, id, p)
			if err != nil {
				t.Fatal(err)
			}
			var variant string
			state, _ := h.at(id)
			if err := h.db.QueryRow(ctx, `SELECT variant FROM cases WHERE id = $1`, id).Scan(&variant); err != nil {
				t.Fatal(err)
			}
			differs := sameJudged(old, p, state, variant, was, is)
			if standing == cases.Movable || standing == cases.Unchanged {
				movable++
				if differs != "" {
					t.Errorf("%s: called %s in %s, and %s", names, standing, state, differs)
				}
			} else if differs != "" {
				caught++ // the judge that calls every case movable fails here
			}
		}
	}
	t.Logf("called: %v; movable and judged the same: %d; what a judge that moves all would have moved wrongly: %d", called, movable, caught)
	if movable == 0 || caught == 0 {
		t.Error("the pairs show nothing")
	}
}
