package procedures

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// migrateFile says how open cases of older versions move to this one. It is no
// part of the version that it stands beside: a plan may be corrected.
const migrateFile = "migrate.yaml"

// A Plan says how open cases of older versions move to a version.
type Plan struct {
	Text  string // as written
	Moves []*Move
}

// A Move is the plan for the cases of one older version.
type Move struct {
	From    int // version as counted in procedure.yaml
	Because workflow.Text
	Law     string
	States  map[workflow.State]workflow.State // where the new version has another name for it
	Stay    []workflow.State                  // cases in these stay on their version
	Answers map[forms.Pointer]Taken
	Ask     []forms.Pointer // only the citizen can say: cases without it stay on their version

	at, states *node
}

// Taken is an answer that a move sets, from what the case held before.
type Taken struct {
	Source string
	at     *node
}

// For is the move of an older version; nil: the plan has none.
func (p *Plan) For(version int) *Move {
	if p == nil {
		return nil
	}
	if i := slices.IndexFunc(p.Moves, func(m *Move) bool { return m.From == version }); i >= 0 {
		return p.Moves[i]
	}
	return nil
}

// To is the state of the new version that a case in a state goes to; false: it stays.
func (m *Move) To(s workflow.State) (workflow.State, bool) {
	if m == nil {
		return s, true
	}
	if slices.Contains(m.Stay, s) {
		return "", false
	}
	if to, ok := m.States[s]; ok {
		return to, true
	}
	return s, true
}

// ReadPlan reads a migrate.yaml for a version. What can be seen without the older
// versions is checked; CheckMove does the rest.
func ReadPlan(src []byte, p *Procedure) (*Plan, []workflow.Finding) {
	file := string(p.ID) + "/" + migrateFile
	root, found := parseTree(src, file)
	if root == nil {
		return nil, found
	}
	found = append(found, checkShape(root, migrateShape, file)...)
	if len(found) > 0 {
		return nil, found
	}
	plan := &Plan{Text: string(src)}
	for _, n := range root.get("moves").list() {
		m := &Move{From: n.get("from").int(), Because: n.get("because").localized(), Law: n.get("law").str(), States: map[workflow.State]workflow.State{},
			Answers: map[forms.Pointer]Taken{}, at: n.get("from"), states: n.get("states")}
		report := func(at *node, message, remedy string) {
			found = append(found, workflow.Finding{Code: "COMPAT", File: file, Line: at.line, Column: at.col, Message: message, Remedy: remedy})
		}
		if plan.For(m.From) != nil {
			report(m.at, fmt.Sprintf("two moves from version %d", m.From), "write one move for each version")
		}
		for _, e := range n.get("states").entries() {
			m.States[workflow.State(e.key)] = workflow.State(e.value.str())
		}
		for _, s := range n.get("stay").list() {
			m.Stay = append(m.Stay, workflow.State(s.str()))
		}
		for _, e := range n.get("answers").entries() {
			if p.Form != nil && p.Form.Field(forms.Pointer(e.key)) == nil {
				report(&node{line: e.line, col: e.col}, "the form has no question "+e.key, "name a question of form.schema.json, as /household/mode")
			}
			m.Answers[forms.Pointer(e.key)] = Taken{e.value.str(), e.value}
		}
		for _, a := range n.get("ask").list() {
			if p.Form != nil && p.Form.Field(forms.Pointer(a.str())) == nil {
				report(a, "the form has no question "+a.str(), "name a question of form.schema.json, as /household/mode")
			}
			m.Ask = append(m.Ask, forms.Pointer(a.str()))
		}
		plan.Moves = append(plan.Moves, m)
	}
	return plan, found
}

// CheckMove holds a move against both versions: it must have a place for every
// state that a case of the old version can rest in, of the same kind and clock,
// on the same side of the point of no return; and answers that lost their type
// must be set. A nil move is that of a version without a plan.
func CheckMove(old, new *Procedure, m *Move) (found []workflow.Finding) {
	file := string(new.ID) + "/" + migrateFile
	report := func(at *node, message, remedy string) {
		f := workflow.Finding{Code: "COMPAT", File: file, Line: 1, Column: 1, Message: message, Remedy: remedy}
		if at != nil {
			f.Line, f.Column = at.line, at.col
		}
		found = append(found, f)
	}
	var at *node
	if m != nil {
		at = m.at
		for _, e := range m.states.entries() {
			if old.Machine.States[workflow.State(e.key)] == nil {
				report(&node{line: e.line, col: e.col}, fmt.Sprintf("version %d has no state %s", m.From, e.key), didYouMean(e.key, stateNames(old)))
			}
		}
		for _, s := range m.Stay {
			if old.Machine.States[s] == nil {
				report(at, fmt.Sprintf("version %d has no state %s", m.From, s), didYouMean(string(s), stateNames(old)))
			}
		}
	}
	for _, s := range old.Machine.Order {
		def := old.Machine.States[s]
		if def.Kind == workflow.Final || def.Kind == workflow.Auto {
			continue // no case rests there
		}
		to, goes := m.To(s)
		if !goes {
			continue
		}
		where := at
		if m != nil {
			if e := m.states.entry(string(s)); e != nil {
				where = e.value
			}
		}
		for _, why := range Unfit(old, new, s, to) {
			report(where, fmt.Sprintf("state %s of version %d cannot become %s: %s", s, old.Version, to, why.EN), "write states: {"+string(s)+": …} with a state that fits, or stay: ["+string(s)+"]")
		}
	}
	if m == nil {
		return found
	}
	for _, d := range Compare(old, new) {
		if p := forms.Pointer(strings.TrimSuffix(d.Path, "/type")); d.Class == Forbidden && d.Part == PartField && m.Answers[p].Source == "" {
			report(at, fmt.Sprintf("%s has another type than in version %d, and no answer is set", p, m.From), "write answers: {"+string(p)+": …}, an expression over the old case")
		}
	}
	for _, p := range slices.Sorted(maps.Keys(m.Answers)) {
		if _, err := m.Answers[p].Program(old); err != nil {
			report(m.Answers[p].at, err.Error(), celRemedy)
		}
	}
	return found
}

// Program compiles the answer in the words of the old version.
func (t Taken) Program(old *Procedure) (*expr.Program, error) {
	return old.Env.Compile(t.Source, dynType)
}

func stateNames(p *Procedure) []string {
	var out []string
	for _, s := range p.Machine.Order {
		out = append(out, string(s))
	}
	return out
}

// Unfit tells why a case that rests in a state of one version cannot go on from a
// state of another; nil: it can.
func Unfit(old, new *Procedure, from, to workflow.State) (why []workflow.Text) {
	a, b := old.Machine.States[from], new.Machine.States[to]
	no := func(vi, en string, args ...any) {
		why = append(why, workflow.Text{VI: fmt.Sprintf(vi, args...), EN: fmt.Sprintf(en, args...)})
	}
	switch {
	case a == nil:
		no("phiên bản cũ không có trạng thái %s", "the old version has no state %s", from)
		return why
	case b == nil:
		no("phiên bản mới không có trạng thái %s", "the new version has no state %s", to)
		return why
	case a.Kind != b.Kind:
		no("loại trạng thái khác: %s, %s", "it is of another kind: %s, %s", a.Kind, b.Kind)
		return why
	}
	if a.FinalAct != b.FinalAct {
		no("một trạng thái đã qua điểm không thể quay lại, trạng thái kia chưa", "one stands past the point of no return, the other before it")
	}
	if a.Clock != b.Clock {
		no("đồng hồ thời hạn khác: %s, %s", "the clock of the legal term is %s, and would be %s", a.Clock, b.Clock)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Signals)) {
		if b.Signals[name] == nil {
			no("không còn chờ tín hiệu %s", "it does not wait for the signal %s any more", name)
		}
	}
	if a.Kind == workflow.Task {
		if x, y := old.Machine.Roles[a.Owner], new.Machine.Roles[b.Owner]; x == nil || y == nil || x.At != y.At {
			no("công việc thuộc cơ quan khác", "the task would lie with another agency")
		}
	}
	if a.Kind == workflow.Subcases && from != to {
		no("trạng thái có hồ sơ liên thông phải giữ tên", "a state with sub-cases keeps its name")
	}
	if a.Kind == workflow.Subcases && !sameChildren(a, b) {
		no("hồ sơ liên thông hoặc cách chờ khác", "it has other sub-cases, or waits for them in another way")
	}
	return why
}

func sameChildren(a, b *workflow.StateDef) bool {
	names := func(d *workflow.StateDef) (out []string) {
		for _, o := range d.Open {
			out = append(out, o.Name+" "+o.Procedure)
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(names(a), names(b)) && (a.Join == nil) == (b.Join == nil) && (a.Join == nil || a.Join.Window == b.Join.Window) && slices.Equal(TimeoutsOf(a), TimeoutsOf(b))
}

// TimeoutsOf names the time-outs of a state: the delays as written.
func TimeoutsOf(d *workflow.StateDef) (out []string) {
	for _, a := range d.After {
		out = append(out, string(a.Name))
	}
	if d.CountsFrom != nil {
		out = append(out, "from "+d.CountsFrom.Source)
	}
	if d.Join != nil {
		out = append(out, "join "+strconv.Itoa(d.Join.Window.N)+string(d.Join.Window.Unit))
	}
	return out
}
