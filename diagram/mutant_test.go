package diagram

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/workflow"
)

// A mutant is an exported machine with one change.
type mutant struct {
	kind    string // target, action, or the part of a guard
	what    string
	machine []byte
}

// mutants changes every candidate of an exported machine in each way that its
// parts allow: another target, an effect less, a condition, a limit, a role or a
// person less, an outcome of a join the other way.
func mutants(t *testing.T, text []byte, m *workflow.Machine) []mutant {
	t.Helper()
	var out []mutant
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	keep := func(kind, what string, change, back func()) {
		change()
		defer back()
		changed, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, mutant{kind, what, changed})
	}
	var visit func(at string, v any)
	visit = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for i, item := range v {
				visit(fmt.Sprintf("%s[%d]", at, i), item)
			}
		case map[string]any:
			target, ok := v["target"].(string)
			if ok && target != waiting {
				put := other(m, target)
				keep("target", at+" leads to "+put, func() { v["target"] = put }, func() { v["target"] = target })
			}
			if actions, has := v["actions"].([]any); ok && has {
				less := slices.Clone(actions[:len(actions)-1])
				keep("action", at+" lacks its last action", func() { v["actions"] = less }, func() { v["actions"] = actions })
			}
			if g, ok := v["guard"].(map[string]any); ok && g["type"] == "allowed" {
				params := g["params"].(map[string]any)
				for _, name := range []string{"when", "max", "role", "unlike"} {
					if name == "role" && !strings.HasSuffix(at, "[0]") {
						continue // the one before holds up whoever lacks it
					}
					if old, ok := params[name]; ok {
						keep(name, at+" lacks "+name, func() { delete(params, name) }, func() { params[name] = old })
					}
				}
			}
			for _, name := range slices.Sorted(maps.Keys(v)) {
				visit(at+"/"+name, v[name])
			}
		}
	}
	visit("", root)
	return out
}

// other is the name of a state of the machine that is not the target, written as
// the target is: the inner states name those outside in full.
func other(m *workflow.Machine, target string) string {
	i := strings.LastIndex(target, ".")
	for _, name := range m.Order {
		if string(name) != target[i+1:] {
			return target[:i+1] + string(name)
		}
	}
	return filing
}

// chosen are at most n of the mutants, by chance, of every kind at least one.
func chosen(all []mutant, n int, r *rand.Rand) []mutant {
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	met := map[string]bool{}
	var first, rest []mutant
	for _, m := range all {
		if met[m.kind] {
			rest = append(rest, m)
			continue
		}
		met[m.kind] = true
		first = append(first, m)
	}
	return append(first, rest[:min(len(rest), max(0, n-len(first)))]...)
}
