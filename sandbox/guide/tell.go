package guide

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// A Scenario is one of a service, in words.
type Scenario struct {
	ID        string
	Title     workflow.Text
	Applicant Person
	For       *Person // nil: themselves
	On        string  // 02/11/2026: the day on which the test plays it
	Obstacles []workflow.Text
	Before    []workflow.Text // what to do on the sandbox first
	Answers   []Line
	Contests  []Line
	Papers    []workflow.Text
	Steps     []Step
	Outcome   []Line
}

// Person is somebody of the demonstration.
type Person struct{ Number, Name string }

// Line is a thing and what it is.
type Line struct{ What, Is workflow.Text }

// Step is what is done after the filing, and by whom.
type Step struct {
	By, Do workflow.Text
	Sign   string // whom to sign in as: a personal number, an officer; empty: nobody, or not known
	Is     []Line // what they enter
}

func same(s string) workflow.Text { return workflow.Text{VI: s, EN: s} }

func (g *Guide) person(number string) Person {
	return Person{number, g.people[number].Name}
}

func (g *Guide) tell(c *procedures.Catalogue, p *procedures.Procedure, s *procedures.Scenario) Scenario {
	vars := g.vars(c, p, s)
	out := Scenario{ID: s.ID, Title: s.Title, Applicant: g.person(s.Applicant), On: s.At.Format("02/01/2006"), Obstacles: obstacles(s), Before: before(c, s.Given),
		Answers: g.answers(p.Form, s.Answers, vars), Papers: papers(p, s.Attachments)}
	if s.For != "" && s.For != s.Applicant {
		whom := g.person(s.For)
		out.For = &whom
	}
	for _, at := range slices.Sorted(maps.Keys(s.Contests)) {
		contest := s.Contests[at]
		title, value := same(string(at)), g.value(nil, contest.Value)
		if f := p.Form.Field(at); f != nil {
			title, value = f.Title, g.value(f, contest.Value)
		}
		out.Contests = append(out.Contests, Line{title, workflow.Text{VI: value.VI + " (" + contest.Reason + ")", EN: value.EN + " (" + contest.Reason + ")"}})
	}
	seats := g.seats(p, vars)
	for _, st := range s.Steps {
		out.Steps = append(out.Steps, g.step(c, p, st, seats))
	}
	out.Outcome = outcome(p, s)
	return out
}

// answers are what is entered, in the order of the form; vars may be nil.
func (g *Guide) answers(f *forms.Form, given, vars map[string]any) []Line {
	var out []Line
	for _, section := range f.Sections {
		values, _ := given[section.Name].(map[string]any)
		for _, field := range section.Fields {
			if v, said := values[field.Name]; said {
				is := g.value(field, v)
				if label := chosen(field, v, vars); label != "" {
					is = same(label)
				}
				out = append(out, Line{field.Title, is})
			}
		}
	}
	return out
}

// chosen is the label of a choice that comes from a record; empty: it is none, or not known here.
func chosen(f *forms.Field, v any, vars map[string]any) string {
	if f.Choices == nil || f.Choices.From == nil || vars == nil {
		return ""
	}
	rows, err := f.Choices.From.Eval(vars)
	if err != nil {
		return "" // it rests on a record that is not at hand here
	}
	picked, many := v.([]any)
	if !many {
		picked = []any{v}
	}
	var labels []string
	list, _ := rows.([]any)
	for _, row := range list {
		r, _ := row.(map[string]any)
		for _, one := range picked {
			if r != nil && fmt.Sprint(r[f.Choices.Value]) == fmt.Sprint(one) {
				labels = append(labels, strings.TrimSuffix(fmt.Sprint(r[f.Choices.Label]), "<nil>"))
			}
		}
	}
	return strings.Join(labels, "; ")
}

// value is an answer in words; f may be nil.
func (g *Guide) value(f *forms.Field, v any) workflow.Text {
	switch v := v.(type) {
	case nil:
		return workflow.Text{VI: "để trống", EN: "leave it empty"}
	case bool:
		if v {
			return workflow.Text{VI: "Có", EN: "Yes"}
		}
		return workflow.Text{VI: "Không", EN: "No"}
	case []any:
		var vi, en []string
		for _, item := range v {
			t := g.value(f, item)
			vi, en = append(vi, t.VI), append(en, t.EN)
		}
		return workflow.Text{VI: strings.Join(vi, "; "), EN: strings.Join(en, "; ")}
	case map[string]any:
		if _, address := v["commune"]; address {
			return workflow.Text{VI: g.units.Text(v, "vi"), EN: g.units.Text(v, "en")}
		}
		return g.row(f, v)
	case string:
		if f != nil {
			if i := slices.IndexFunc(f.Enum, func(c forms.Choice) bool { return c.Value == v }); i >= 0 {
				return f.Enum[i].Title
			}
		}
		if d, err := time.Parse(time.DateOnly, v); err == nil {
			return same(d.Format("02/01/2006"))
		}
		if known := g.people[v].Name; known != "" {
			return same(v + " (" + known + ")")
		}
		return same(v)
	}
	return same(fmt.Sprint(v))
}

// row is an item of a repeated group.
func (g *Guide) row(f *forms.Field, v map[string]any) workflow.Text {
	var vi, en []string
	add := func(title, is workflow.Text) {
		vi, en = append(vi, title.VI+": "+is.VI), append(en, title.EN+": "+is.EN)
	}
	if f != nil && len(f.Items) > 0 {
		for _, item := range f.Items {
			if one, said := v[item.Name]; said {
				add(item.Title, g.value(item, one))
			}
		}
	} else {
		for _, name := range slices.Sorted(maps.Keys(v)) {
			add(same(name), g.value(nil, v[name]))
		}
	}
	return workflow.Text{VI: strings.Join(vi, ", "), EN: strings.Join(en, ", ")}
}

func papers(p *procedures.Procedure, ids []string) []workflow.Text {
	var out []workflow.Text
	for _, id := range ids {
		title := same(id)
		for _, a := range p.Attachments {
			if a.ID == id {
				title = a.Title
			}
		}
		out = append(out, title)
	}
	return out
}

// outcome is what comes out: the rules that refuse the filing, or the state of the end.
func outcome(p *procedures.Procedure, s *procedures.Scenario) []Line {
	var out []Line
	for _, id := range s.Expect.Problems {
		text := same(id)
		for _, r := range p.Form.Rules {
			if r.ID == id {
				text = r.Text
			}
		}
		out = append(out, Line{workflow.Text{VI: "Chưa nộp được", EN: "It cannot be filed"}, text})
	}
	if s.Expect.Fee != nil && len(s.Expect.Problems) == 0 {
		fee := *s.Expect.Fee
		out = append(out, Line{workflow.Text{VI: "Số tiền phải nộp", EN: "To be paid"}, workflow.Text{VI: grouped(fee, ".") + " đồng", EN: grouped(fee, ",") + " đồng"}})
	}
	if state := p.Machine.States[s.Ends.State]; state != nil {
		out = append(out, Line{workflow.Text{VI: "Kết thúc", EN: "It ends as"}, state.Title})
	} else if s.Ends.Outcome != "" {
		out = append(out, Line{workflow.Text{VI: "Kết thúc", EN: "It ends as"}, ended(p, s.Ends.Outcome)})
	}
	for _, id := range s.Ends.Documents {
		if d := p.Documents[id]; d != nil {
			out = append(out, Line{workflow.Text{VI: "Nhận được", EN: "One gets"}, d.Title})
		}
	}
	return out
}

// ended is the title of a final state with an outcome.
func ended(p *procedures.Procedure, outcome workflow.Outcome) workflow.Text {
	for _, name := range p.Machine.Order {
		if s := p.Machine.States[name]; s.Outcome == outcome {
			return s.Title
		}
	}
	return same(string(outcome))
}

// grouped writes a number in groups of three digits.
func grouped(n int64, mark string) string {
	digits := fmt.Sprint(max(n, -n))
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	text := strings.Join(append([]string{digits}, groups...), mark)
	if n < 0 {
		text = "−" + text
	}
	return text
}

// registryTitle is what people call a registry.
func registryTitle(c *procedures.Catalogue, name string) workflow.Text {
	t := c.Elements.Registries[name]
	return workflow.Text{VI: cmp.Or(t.VI, name), EN: cmp.Or(t.EN, name)}
}
