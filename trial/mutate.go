package trial

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// A mutant is a definition with one mistake, made on purpose.
type mutant struct {
	procedure procedures.ID
	file      string
	line      int
	change    string
	points    []string // places of the procedure: stories that saw none of them cannot notice
	asSeen    bool     // made only when one of them was seen: nobody owes a story of it
	data      string   // the file with the mistake
}

// tree is the definitions with the mutant in the place of its file.
func (m mutant) tree(of fs.FS) fs.FS {
	return patched{of, path.Join(string(m.procedure), m.file), []byte(m.data)}
}

// patched is a tree with one file replaced.
type patched struct {
	fs.FS
	name string
	data []byte
}

// Open implements fs.FS.
func (p patched) Open(name string) (fs.File, error) {
	if name == p.name {
		return fstest.MapFS{name: &fstest.MapFile{Data: p.data}}.Open(name)
	}
	return p.FS.Open(name)
}

// A mutator collects the mutants of one file.
type mutator struct {
	procedure procedures.ID
	file      string
	root      *value
	out       []mutant
}

// put makes a mutant in which another value stands in the place of at; nil: it
// is left out.
func (m *mutator) put(at, instead *value, change string, points ...string) {
	var b strings.Builder
	m.root.write(&b, func(v *value) *value {
		if v == at {
			return instead
		}
		return v
	})
	m.out = append(m.out, mutant{m.procedure, m.file, at.line, change, points, false, b.String()})
}

func scalarText(s string) *value { return &value{text: s, literal: quote(s)} }

// mutants are all that are made of a procedure.
func (s *Sources) mutants(p *procedures.Procedure) ([]mutant, error) {
	var out []mutant
	for _, file := range []string{workflowFile, procedureFile} {
		root, err := s.read(p.ID, file)
		if err != nil {
			return nil, fmt.Errorf("read %s/%s: %w", p.ID, file, err)
		}
		m := &mutator{procedure: p.ID, file: file, root: root}
		if file == workflowFile {
			m.workflow(p.Machine)
		} else {
			m.tables()
			m.figures()
		}
		out = append(out, m.out...)
	}
	return out, nil
}

// workflow: conditions, targets and effects.
func (m *mutator) workflow(machine *workflow.Machine) {
	states := m.root.get("states")
	if file := m.root.get("file"); file != nil {
		m.transitions(file, "file", machine.Order)
	}
	for i, name := range keysOf(states) {
		s := states.values[i]
		for _, via := range []string{"actions", "signals", "after"} {
			events := s.get(via)
			for j, event := range keysOf(events) {
				m.transitions(events.values[j], name+"."+event, machine.Order)
			}
		}
		if choose := s.get("choose"); choose != nil {
			m.transitions(choose, name+".choose", machine.Order)
		}
		for _, k := range s.get("open").list() {
			if when := k.get("when"); when != nil {
				point := fmt.Sprintf("%s.open.%s when %s", name, k.get("name").text, when.text)
				m.condition(when, "sub-case "+k.get("name").text, point+" true", point+" false")
			}
		}
		for _, way := range []string{"then", "refused", "late"} {
			if to := s.get("join").get(way); to != nil {
				m.target(to, name+" join "+way, machine.Order, fmt.Sprintf("%s.join.%s", name, way))
			}
		}
	}
	if to := m.root.get("withdraw").get("to"); to != nil {
		var points []string
		for _, s := range withdrawable(machine) {
			points = append(points, string(s)+".withdraw")
		}
		m.target(to, "withdraw", machine.Order, points...)
	}
}

func keysOf(v *value) []string {
	if v == nil || !v.mapping {
		return nil
	}
	return v.keys
}

// transitions are one, or a list of which the first that holds is taken.
func (m *mutator) transitions(v *value, name string, states []workflow.State) {
	list := []*value{v}
	if !v.mapping {
		list = v.values
	}
	for i, t := range list {
		point := name
		if len(list) > 1 {
			point = fmt.Sprintf("%s#%d", name, i+1)
		}
		if when := t.get("when"); when != nil {
			seen := point + " when " + when.text
			m.condition(when, name, seen+" true", seen+" false")
		}
		if to := t.get("to"); to != nil {
			m.target(to, name, states, point)
		}
		for _, e := range t.get("effects").list() {
			what := e.text
			if e.mapping && len(e.keys) == 1 {
				what = e.keys[0] + ": " + e.values[0].text
			}
			m.put(e, nil, fmt.Sprintf("%s: effect %s left out", name, what), point)
		}
	}
}

// target leads to the next state, in the order in which they are written.
func (m *mutator) target(to *value, name string, states []workflow.State, points ...string) {
	i := slices.Index(states, workflow.State(to.text))
	if i < 0 || len(states) < 2 {
		return
	}
	other := string(states[(i+1)%len(states)])
	m.put(to, scalarText(other), fmt.Sprintf("%s: to %s instead of %s", name, other, to.text), points...)
}

func (m *mutator) condition(when *value, name string, points ...string) {
	for _, other := range otherwise(when.text) {
		m.put(when, scalarText(other), fmt.Sprintf("%s: when %s", name, other), points...)
	}
	m.put(when, nil, name+": when left out", points...)
}

// tables: conditions and values of fees and terms.
func (m *mutator) tables() {
	for _, kind := range []Kind{Fee, Limit} {
		for i, row := range m.root.get(string(kind)).list() {
			name := rowName(kind, i)
			chosen, passed := name+" chosen", name+" passed over"
			if when := row.get("when"); when != nil {
				m.condition(when, name, chosen, passed)
			}
			if amount := row.get("amount"); amount != nil {
				if n, err := strconv.Atoi(amount.text); err == nil {
					m.put(amount, &value{literal: strconv.Itoa(n + 1000)}, fmt.Sprintf("%s: %d instead of %d", name, n+1000, n), chosen)
				} else {
					m.put(amount, scalarText("("+amount.text+") + 1000"), name+": amount + 1000", chosen)
				}
			}
			if limit := row.get("limit"); limit != nil {
				unit := strings.TrimLeft(limit.text, "0123456789")
				n, err := strconv.Atoi(strings.TrimSuffix(limit.text, unit))
				for _, other := range []int{n - 1, n + 1} {
					if text := strconv.Itoa(other) + unit; err == nil && other > 0 {
						m.put(limit, scalarText(text), fmt.Sprintf("%s: %s instead of %s", name, text, limit.text), chosen)
					}
				}
			}
		}
	}
}
