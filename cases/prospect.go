package cases

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// prospect is how a case would stand under another version.
type prospect struct {
	standing Standing
	because  []workflow.Text // unless it may go
	to       workflow.State
	body     *body          // with the answers that the plan sets
	set      map[string]any // those answers, by pointer
	counts   string         // the day from which the time-outs of its state would count; "": the move
}

// prospecting is a case held against a version, while it is under way.
type prospecting struct {
	s        *Service
	c        *snapshot
	old, new *procedures.Procedure
	move     *procedures.Move
	e, after *evaluated
	was, is  map[string]any // variables under the old and the new version
	files    []string
	lacks    []workflow.Text // what only the citizen can give
	blocks   []workflow.Text // why it cannot go
}

func (x *prospecting) block(vi, en string, args ...any) {
	x.blocks = append(x.blocks, workflow.Text{VI: fmt.Sprintf(vi, args...), EN: fmt.Sprintf(en, args...)})
}

func (x *prospecting) lack(vi, en string) {
	x.lacks = append(x.lacks, workflow.Text{VI: vi, EN: en})
}

// prospect evaluates a case under a version, with its plan, and changes nothing.
func (s *Service) prospect(ctx context.Context, c *snapshot, new *procedures.Procedure) (*prospect, error) {
	x := &prospecting{s: s, c: c, old: c.Procedure, new: new, move: new.Plan.For(c.Procedure.Version)}
	out := &prospect{standing: Blocked}
	to, goes := x.move.To(c.State)
	out.to = to
	if !goes {
		x.block("phương án chuyển giữ hồ sơ ở trạng thái này trên phiên bản cũ", "the plan leaves cases in this state on their version")
		out.because = x.blocks
		return out, nil
	}
	x.blocks = procedures.Unfit(x.old, new, c.State, to)
	if len(x.blocks) == 0 {
		var err error
		if out.body, out.set, err = x.evaluate(ctx); err != nil {
			return nil, err
		}
	}
	if len(x.blocks) == 0 {
		x.answers()
		x.tables()
		x.ways(to)
		if err := x.outward(ctx); err != nil {
			return nil, err
		}
	}
	switch {
	case len(x.blocks) > 0:
		out.because = x.blocks
	case len(x.lacks) > 0:
		out.standing, out.because = NeedsCitizen, x.lacks
	case s.harmless(x.old, new):
		out.standing = Unchanged
	default:
		out.standing = Movable
		if from := new.Machine.States[to].CountsFrom; from != nil {
			var err error
			if out.counts, err = from.String(x.is); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// harmless tells whether what differs between two versions touches no case that
// was filed: texts, and what counts at filing only. It is found once, not for
// each case: neither version ever changes.
func (s *Service) harmless(old, new *procedures.Procedure) bool {
	pair := [2]procedures.Hash{old.Hash, new.Hash}
	if known, ok := s.alike.Load(pair); ok {
		return known.(bool)
	}
	alike := !slices.ContainsFunc(procedures.Compare(old, new), func(d procedures.Difference) bool {
		filing := slices.Contains([]string{"version", "valid", "initial", "file", "fees", "limits", "level", "for", "law", "ministry", "group"}, strings.SplitN(d.Path, ".", 2)[0])
		return d.Class != procedures.Safe || d.Part != procedures.PartText && !filing
	})
	s.alike.Store(pair, alike)
	return alike
}

// evaluate finds the variables under both versions.
func (x *prospecting) evaluate(ctx context.Context) (*body, map[string]any, error) {
	var err error
	if x.e, x.files, err = x.s.bodyAndFiles(ctx, x.c); err != nil {
		return nil, nil, err
	}
	now := x.s.now()
	v := variables{c: x.c, b: x.e, files: x.files, now: now}
	if x.c.Memory.Children {
		if v.kids, err = x.s.children(ctx, x.c.ID); err != nil {
			return nil, nil, err
		}
	}
	x.was = v.vars()
	b := *x.e.body
	set := map[string]any{}
	if x.move != nil {
		b.Answers, _ = normal(b.Answers).(map[string]any)
		for at, taken := range x.move.Answers {
			program, err := taken.Program(x.old)
			var value any
			if err == nil {
				value, err = program.Eval(x.was)
			}
			if err != nil {
				x.block("không tính được câu trả lời %s: %v", "the answer %s cannot be computed: %v", at, err)
				return nil, nil, nil
			}
			set[string(at)] = normal(value)
			put(b.Answers, at, normal(value))
		}
	}
	ctxOld := x.e.body.context(x.c.Variant, dayOf(x.c.FiledAt), x.s.checkUnit)
	ctxNew := b.context(x.c.Variant, dayOf(x.c.FiledAt), x.s.checkUnit)
	state, problems := x.new.Form.Validate(ctxNew)
	_, before := x.old.Form.Validate(ctxOld)
	for _, p := range problems {
		if p.Warning || slices.ContainsFunc(before, func(q forms.Problem) bool { return q.At == p.At && q.Rule == p.Rule }) {
			continue
		}
		label := workflow.Text{VI: string(p.At), EN: string(p.At)}
		if f := x.new.Form.Field(p.At); f != nil {
			label = f.Title
		}
		x.lack(label.VI+": "+p.VI, label.EN+": "+p.EN)
	}
	x.after = &evaluated{body: &b, State: state}
	n := *x.c
	n.Procedure = x.new
	n.Memory = *x.c.Memory.clone()
	n.Memory.rename(x.move)
	v.c, v.b = &n, x.after
	x.is = v.vars()
	return &b, set, nil
}

// put sets an answer; sections that are not there are made.
func put(answers map[string]any, at forms.Pointer, value any) {
	section, name, _ := strings.Cut(strings.TrimPrefix(string(at), "/"), "/")
	in, _ := answers[section].(map[string]any)
	if in == nil {
		in = map[string]any{}
		answers[section] = in
	}
	in[name] = value
}

// answers: what the citizen said and a registry verified reads the same.
func (x *prospecting) answers() {
	if x.move != nil {
		for _, at := range x.move.Ask {
			if a := x.after.State.Answer(at); a == nil || a.Value == nil {
				x.lack("Phải hỏi người nộp: "+x.new.Form.Field(at).Title.VI, "The citizen has to be asked: "+x.new.Form.Field(at).Title.EN)
			}
		}
	}
	for _, section := range x.e.State.Sections {
		for _, a := range section.Answers {
			at := a.Field.Pointer
			if x.move != nil && x.move.Answers[at].Source != "" {
				continue
			}
			if b := x.after.State.Answer(at); b == nil && a.Value != nil {
				x.block("câu trả lời %s không còn chỗ", "the answer %s has no place any more", at)
			} else if b != nil && !reflect.DeepEqual(normal(a.Value), normal(b.Value)) {
				x.block("câu trả lời %s được hiểu khác đi", "the answer %s reads otherwise", at)
			}
		}
	}
	keys, err := x.new.SubjectKeys(x.is)
	if err != nil {
		x.block("không xác định được đối tượng: %v", "the subjects cannot be found: %v", err)
	}
	for _, s := range x.new.Subjects {
		if key, have := keys[s.Name], x.e.Records[s.Name]; key != "" && (have.Key != key || have.Kind != s.Kind) {
			x.block("chưa đọc dữ liệu của %s", "the record of %s was never read", s.Name)
		}
	}
}

// tables: variant, agencies and papers come out the same.
func (x *prospecting) tables() {
	if v, err := x.new.VariantOf(x.is); err != nil || v != x.c.Variant {
		x.block("hồ sơ thuộc trường hợp khác: %s, trước đây %s", "it falls under another variant: %s, it was %s", v, x.c.Variant)
	}
	for _, at := range []struct {
		vi, en   string
		old, new func(map[string]any) (procedures.Place, error)
	}{{"tiếp nhận", "receiving", x.old.ReceivingAt, x.new.ReceivingAt}, {"giải quyết", "competent", x.old.CompetentAt, x.new.CompetentAt}} {
		was, err1 := at.old(x.was)
		is, err2 := at.new(x.is)
		if (err1 == nil) != (err2 == nil) || err1 == nil && was != is {
			x.blocks = append(x.blocks, workflow.Text{VI: "cơ quan " + at.vi + " khác đi", EN: "another agency would be " + at.en})
		}
	}
	x.values()
	was, err1 := x.old.AttachmentsFor(x.was)
	is, err2 := x.new.AttachmentsFor(x.is)
	if err2 != nil && err1 == nil {
		x.block("không xác định được giấy tờ phải nộp: %v", "the papers cannot be told: %v", err2)
	}
	for _, a := range is {
		asked := slices.ContainsFunc(was, func(b *procedures.Attachment) bool { return b.ID == a.ID && !b.Optional })
		if !a.Optional && !asked && !slices.Contains(x.files, a.ID) {
			x.lack("Phải nộp thêm giấy tờ: "+a.Title.VI, "A paper has to be handed in: "+a.Title.EN)
		}
	}
}

// values: what was computed for the case comes out the same.
func (x *prospecting) values() {
	was, err := x.old.Results(x.was, true)
	if err != nil {
		return // what could not be computed before binds nobody
	}
	is, err := x.new.Results(x.is, true)
	if err != nil {
		x.block("không tính được kết quả: %v", "its values cannot be computed: %v", err)
		return
	}
	for _, a := range was {
		i := slices.IndexFunc(is, func(b procedures.Result) bool { return b.Name == a.Name })
		if i < 0 && x.new.Value(a.Name) == nil {
			continue // what read it reads something else now: the ways on are compared
		}
		if i < 0 || !reflect.DeepEqual(normal(a.Is), normal(is[i].Is)) {
			b := procedures.Result{Value: a.Value}
			if i >= 0 {
				b = is[i]
			}
			x.blocks = append(x.blocks, workflow.Text{VI: fmt.Sprintf("kết quả tính khác đi: %s sẽ là %s, trước đây %s", a.Title.VI, b.Print("vi"), a.Print("vi")),
				EN: fmt.Sprintf("another result: %s would be %s, it was %s", a.Title.EN, b.Print("en"), a.Print("en"))})
		}
	}
}

// ways: whatever is possible in the state stays possible, and leads the same way.
func (x *prospecting) ways(to workflow.State) {
	a, b := x.old.Machine.States[x.c.State], x.new.Machine.States[to]
	for _, kind := range []struct {
		old, new map[workflow.Event][]*workflow.Transition
	}{{a.Actions, b.Actions}, {a.Signals, b.Signals}} {
		for _, event := range slices.Sorted(maps.Keys(kind.old)) {
			ts := kind.new[event]
			if len(ts) == 0 {
				x.block("không còn thao tác %s", "%s is no longer possible", event)
				continue
			}
			x.way(event, kind.old[event], ts)
			if m := ts[0].Max; m > 0 && (kind.old[event][0].Max == 0 || m < kind.old[event][0].Max) && x.c.Memory.Visits[workflow.Visit(x.c.State, event)] >= m {
				x.block("thao tác %s đã dùng hết số lần", "%s has been used up", event)
			}
		}
	}
	for _, t := range a.After {
		if i := slices.IndexFunc(b.After, func(u workflow.Timeout) bool { return u.Name == t.Name }); i >= 0 {
			x.way(t.Name, t.Then, b.After[i].Then)
		}
	}
	if a.Join != nil && b.Join != nil {
		for _, j := range [][2]workflow.State{{a.Join.Then, b.Join.Then}, {a.Join.Refused, b.Join.Refused}, {a.Join.Late, b.Join.Late}} {
			x.leads("join", j[0], j[1])
		}
		if a.Join.Rule != b.Join.Rule || a.Join.Count != b.Join.Count || !slices.Equal(a.Join.OK, b.Join.OK) || !maps.Equal(a.Join.Outcomes, b.Join.Outcomes) || a.Join.Remind != b.Join.Remind {
			x.block("quy tắc chờ hồ sơ liên thông khác đi", "the rule for the sub-cases is another")
		}
	}
	if m, n := x.old.Machine, x.new.Machine; m.PastReturn(x.c.State, x.c.Memory.Visits) != n.PastReturn(to, x.c.Memory.Visits) {
		x.block("hồ sơ ở phía khác của điểm không thể quay lại", "it would stand on the other side of the point of no return")
	}
}

// way holds one event's choice against the other version's. A choice that what
// somebody will write decides is the same only when it is written the same.
func (x *prospecting) way(event workflow.Event, was, is []*workflow.Transition) {
	if conditional(was) || conditional(is) {
		if !sameConditions(was, is) {
			x.block("điều kiện của %s khác đi", "the condition of %s is another", event)
		}
		return
	}
	a, err1 := taken(was, x.was)
	b, err2 := taken(is, x.is)
	switch {
	case err1 != nil || err2 != nil:
		if (err1 == nil) != (err2 == nil) {
			x.block("điều kiện của %s không tính được", "the condition of %s cannot be evaluated", event)
		}
	default:
		x.leads(event, a.To, b.To)
	}
}

// leads holds where something leads against where it led.
func (x *prospecting) leads(event workflow.Event, was, is workflow.State) {
	if to, goes := x.move.To(was); goes && to != is || !goes && was != is {
		x.block("%s dẫn đến %s, trước đây %s", "%s leads to %s, it led to %s", event, is, was)
	}
}

// conditional tells whether a choice rests on what comes with the event.
func conditional(ts []*workflow.Transition) bool {
	return slices.ContainsFunc(ts, func(t *workflow.Transition) bool {
		return t.When != nil && slices.ContainsFunc(t.When.Refs, func(ref string) bool { return ref == "input" || strings.HasPrefix(ref, "input.") })
	})
}

func sameConditions(a, b []*workflow.Transition) bool {
	return slices.EqualFunc(a, b, func(x, y *workflow.Transition) bool {
		return (x.When == nil) == (y.When == nil) && (x.When == nil || x.When.Source == y.When.Source) && x.To == y.To
	})
}

// taken is the transition that the conditions choose.
func taken(ts []*workflow.Transition, vars map[string]any) (*workflow.Transition, error) {
	for _, t := range ts {
		if ok, err := yes(t.When, vars); err != nil || ok {
			return t, err
		}
	}
	return nil, fmt.Errorf("no transition applies")
}

func yes(p *expr.Program, vars map[string]any) (bool, error) {
	if p == nil {
		return true, nil
	}
	v, err := p.Eval(vars)
	b, _ := v.(bool)
	return b, err
}

// outward: what was begun outside can be ended, and taken back, in the new version's words.
func (x *prospecting) outward(ctx context.Context) error {
	rows, err := x.s.cfg.DB.Query(ctx, `
		SELECT DISTINCT type, name
		FROM case_effects
		WHERE case_id = $1 AND status IN (0, 1, 2)
		ORDER BY type, name`, x.c.ID)
	if err != nil {
		return err
	}
	effects, err := pgx.CollectRows(rows, pgx.RowToStructByPos[workflow.Effect])
	if err != nil {
		return err
	}
	for _, e := range effects {
		var there bool
		switch e.Type {
		case EffectNotify:
			there = x.new.Notices[e.Name] != nil || x.old.Notices[e.Name] == nil
		case EffectPayment:
			there = x.new.Payments[e.Name] != nil
		case EffectResident:
			there = x.new.Changes[e.Name] != nil && x.old.Changes[e.Name] != nil && x.new.Changes[e.Name].Type == x.old.Changes[e.Name].Type
		case EffectSend:
			a, b := x.old.Messages[e.Name], x.new.Messages[e.Name]
			there = b != nil && a != nil && a.To == b.To && a.Undo == b.Undo && a.Done == b.Done && a.Refused == b.Refused
		default:
			there = true
		}
		if !there {
			x.block("việc %s %s đã làm không còn trong phiên bản mới", "what was done (%s %s) is not in the new version", e.Type, e.Name)
		}
	}
	return nil
}
