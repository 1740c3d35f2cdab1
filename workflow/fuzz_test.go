package workflow

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Any text ends in a machine or in findings, each with a place and a remedy.
// What the linter accepts comes to an end: no walk through it is longer than its
// limits and its states allow.
func FuzzMachine(f *testing.F) {
	text := machineText(f)
	f.Add(text, "", "", uint64(1))
	for _, change := range [][2]string{{"max: 2", "max: 9"}, {"to: examine", "to: approve"}, {"to: sorting", "to: opinions"}, {"kind: task", "kind: auto"}, {"{to: granted}", "{to: recording}"},
		{"3d", "0d"}, {"5wd", "99999wd"}, {"final-act: true", "final-act: yes"}, {"unlike: propose", "unlike: []"}, {"when: form.big", "when: [form.big]"}, {"rule: all", "rule: some"}, {"roles:", "? [a]:"}} {
		f.Add(text, change[0], change[1], uint64(7))
	}
	env := testEnv(f)
	f.Fuzz(func(t *testing.T, text, old, put string, seed uint64) {
		if len(text) > 1<<16 || len(put) > 1<<10 {
			return
		}
		if old != "" {
			text = strings.Replace(text, old, put, 1)
		}
		m, found := Parse([]byte(text), "fuzz.yaml", env)
		if m == nil && len(found) == 0 {
			t.Fatal("neither a machine nor a finding")
		}
		if m != nil && len(found) == 0 {
			found = Check(m, CheckOptions{Nodes: 5000})
		}
		for _, x := range found {
			if x.Code == "" || x.Message == "" || x.Remedy == "" {
				t.Errorf("a finding without code, words or remedy: %+v", x)
			}
		}
		if m != nil && !slices.ContainsFunc(found, func(x Finding) bool { return !x.Warning }) {
			terminates(t, m, rand.New(rand.NewPCG(seed, 0)))
		}
	})
}

// longest is the longest walk that a sound machine allows: between two uses of
// bounded actions no state is entered twice.
func longest(m *Machine) int {
	uses := 1
	for _, b := range m.branches() {
		for _, t := range b.ts {
			uses += t.Max
		}
	}
	return uses * (len(m.States) + 1)
}

// terminates walks through the machine, with whatever conditions hold, and fails
// when the walk goes on for longer than the machine allows, or stops before an
// end. The walker does not withdraw, and goes where it has been before if it can.
func terminates(t interface{ Fatalf(string, ...any) }, m *Machine, r *rand.Rand) {
	g := newGraph(m)
	for range 20 {
		at := g.from[r.IntN(len(g.from))]
		used, been := map[*Transition]int{}, map[State]bool{}
		for step := 0; m.States[at].Kind != Final; step++ {
			if step > longest(m) {
				t.Fatalf("a case of an accepted machine is still open after %d steps, in %s", step, at)
			}
			been[at] = true
			open := slices.DeleteFunc(slices.Clone(g.out[at]), func(e edge) bool {
				return e.kind == ByWithdraw || e.at != nil && e.at.Max > 0 && used[e.at] >= e.at.Max
			})
			if len(open) == 0 {
				t.Fatalf("a case of an accepted machine is stuck in %s", at)
			}
			e := open[r.IntN(len(open))]
			if i := slices.IndexFunc(open, func(e edge) bool { return been[e.to] }); i >= 0 && r.IntN(20) > 0 {
				e = open[i]
			} else if i := slices.IndexFunc(open, func(e edge) bool { return m.States[e.to].Kind != Final }); i >= 0 && r.IntN(2) > 0 {
				e = open[i]
			}
			if e.at != nil {
				used[e.at]++
			}
			at = e.to
		}
	}
}

// The walk can fail: machines that the linter refuses go round, or get stuck.
func TestWalksFindWhatDoesNotEnd(t *testing.T) {
	for _, change := range [][2]string{{"verify: {to: verification, max: 2}", "verify: {to: verification}"}, {"report: {to: examine}", "report: {to: examine, max: 1}"}} {
		m, found := Parse([]byte(strings.Replace(machineText(t), change[0], change[1], 1)), "sound.yaml", testEnv(t))
		if len(found) > 0 {
			t.Fatal(found)
		}
		var failed failure
		for seed := range uint64(400) {
			if failed.err == nil {
				func() {
					defer func() { _ = recover() }()
					terminates(&failed, m, rand.New(rand.NewPCG(seed, 1)))
				}()
			}
		}
		if failed.err == nil {
			t.Errorf("no walk shows that %q does not end", change[1])
		}
	}
}

// failure takes the first failure down, and ends the walk.
type failure struct{ err error }

func (f *failure) Fatalf(format string, _ ...any) {
	f.err = errors.New(format)
	panic(f.err)
}
