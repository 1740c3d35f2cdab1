package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// The pages of a draft that stand for no question, by their path below it.
const (
	knownStep = "da-co"
	stopStep  = "dung-lai"
	checkStep = "kiem-tra"
	paperStep = "giay-to/"
)

// A step is one page on the way through a draft.
type step struct {
	Path     string // below the draft: da-co, dwelling/title, giay-to/lease, kiem-tra
	Part     workflow.Text
	At       forms.Pointer // the section, or the one question; empty for the other pages
	Section  *forms.Section
	Asked    []forms.Answer         // questions put on the page
	Fresh    []forms.Answer         // those of them that the answers just given brought up
	Found    []forms.Answer         // values that registries gave since the journey began, shown on the page
	Paper    *procedures.Attachment // of a page that takes files
	Complete bool
}

// A journey is the way through a draft, as its answers make it now: only what
// has to be asked gets a page.
type journey struct {
	Draft    *cases.Draft
	Steps    []step
	Papers   []*procedures.Attachment
	Problems []forms.Problem // of the answers so far, missing ones and warnings included
}

// journeyOf lays out the way. Papers are known once the questions are answered:
// before that their conditions rest on answers that are missing.
func journeyOf(d *cases.Draft, problems []forms.Problem) (*journey, error) {
	j := &journey{Draft: d, Problems: problems}
	l := &layout{draft: d, known: atHand(d.Procedure), problems: problems}
	if l.anyKnown() {
		j.Steps = append(j.Steps, step{Path: knownStep, Part: workflow.Text{VI: "Thông tin đã có", EN: "What we already know"}, Complete: d.Revision > 1})
	}
	for i := range d.State.Sections {
		j.Steps = append(j.Steps, l.section(&d.State.Sections[i])...)
	}
	if at, stop := d.State.Stop(); stop != nil {
		j.cut(at.Field.Pointer)
		return j, nil
	}
	if j.complete() {
		papers, err := d.Papers()
		if err != nil {
			return nil, err
		}
		j.Papers = papers
		for _, at := range papers {
			has := slices.ContainsFunc(d.Files, func(f cases.File) bool { return f.Attachment == at.ID })
			j.Steps = append(j.Steps, step{Path: paperStep + at.ID, Part: workflow.Text{VI: "Giấy tờ kèm theo", EN: "Papers"}, Paper: at, Complete: has || at.Optional})
		}
	}
	j.Steps = append(j.Steps, step{Path: checkStep, Part: workflow.Text{VI: "Kiểm tra và nộp", EN: "Check and file"}})
	return j, nil
}

// layout makes the steps of sections.
type layout struct {
	draft    *cases.Draft
	known    map[string]bool // subjects
	problems []forms.Problem
}

// atHand are the subjects whose records are found without any answer: what they
// fill is shown before the first question.
func atHand(p *procedures.Procedure) map[string]bool {
	known := map[string]bool{}
	for range p.Subjects {
		for _, s := range p.Subjects {
			known[s.Name] = !slices.ContainsFunc(s.Key.Refs, func(ref string) bool {
				root, rest, _ := strings.Cut(ref, ".")
				name, _, _ := strings.Cut(rest, ".")
				switch root {
				case "session", "today":
					return false
				case "subjects", "sources":
					return !known[name]
				}
				return true
			})
		}
	}
	return known
}

// early tells whether the value belongs on the page of what is known already:
// a registry gave it, or should have and was out of reach.
func (l *layout) early(a *forms.Answer) bool {
	return a.Source != nil && l.known[a.Source.Subject] && (!a.Asked || a.Source.State == forms.Unavailable)
}

func (l *layout) anyKnown() bool {
	for _, s := range l.draft.State.Sections {
		for i := range s.Answers {
			if l.early(&s.Answers[i]) {
				return true
			}
		}
	}
	return false
}

// section gives the pages of one section: one for all its questions or one for
// each, and what registries found meanwhile.
func (l *layout) section(s *forms.SectionState) []step {
	one := step{Path: s.Section.Name, Part: s.Section.Title, At: s.Section.Pointer, Section: s.Section}
	for _, a := range s.Answers {
		switch {
		case a.Asked:
			one.Asked = append(one.Asked, a)
		case a.Source != nil && !l.known[a.Source.Subject]:
			one.Found = append(one.Found, a)
		}
	}
	done := slices.Contains(l.draft.Done, s.Section.Pointer)
	lacks := func(a forms.Answer) bool { return a.Value == nil && !done || l.wrong(a.Field.Pointer) }
	one.Complete = done && !slices.ContainsFunc(one.Asked, lacks)
	if !s.Section.OnePerPage {
		if len(one.Asked)+len(one.Found) == 0 {
			return nil
		}
		return []step{one}
	}
	var out []step
	for _, a := range one.Asked {
		out = append(out, step{Path: s.Section.Name + "/" + a.Field.Name, Part: s.Section.Title, At: a.Field.Pointer, Section: s.Section,
			Asked: []forms.Answer{a}, Complete: !lacks(a)})
	}
	if len(one.Found) > 0 {
		one.Asked, one.Complete = nil, done
		out = append(out, one)
	}
	return out
}

// wrong tells whether a question has a problem, be it that its answer is missing.
func (l *layout) wrong(at forms.Pointer) bool {
	return slices.ContainsFunc(l.problems, func(p forms.Problem) bool { return !p.Warning && p.Rule != "stop" && covers(at, p.At) })
}

// covers tells whether a problem stands at the question, or at an entry of it.
func covers(question, at forms.Pointer) bool {
	return at == question || strings.HasPrefix(string(at), string(question)+"/")
}

// cut ends the way behind the answer that ends the journey.
func (j *journey) cut(at forms.Pointer) {
	for i, s := range j.Steps {
		if s.holds(at) {
			j.Steps = j.Steps[:i+1]
			break
		}
	}
	j.Steps = append(j.Steps, step{Path: stopStep, Part: workflow.Text{VI: "Không tiếp tục được", EN: "You cannot go on"}})
}

// holds tells whether the question stands on the page.
func (s *step) holds(at forms.Pointer) bool {
	is := func(a forms.Answer) bool { return a.Field.Pointer == at }
	return slices.ContainsFunc(s.Asked, is) || slices.ContainsFunc(s.Found, is)
}

func (j *journey) complete() bool {
	return !slices.ContainsFunc(j.Steps, func(s step) bool { return !s.Complete })
}

func (j *journey) index(path string) int {
	return slices.IndexFunc(j.Steps, func(s step) bool { return s.Path == path })
}

// resume is where one left off.
func (j *journey) resume() string {
	for _, s := range j.Steps {
		if !s.Complete {
			return s.Path
		}
	}
	return checkStep
}

// before is the page in front of a page; empty for the first.
func (j *journey) before(path string) string {
	if i := j.index(path); i > 0 {
		return j.Steps[i-1].Path
	}
	return ""
}

// after is the page to go on to. Who came from another page to change an
// answer returns there, past what the change has made necessary.
func (j *journey) after(path, from string) string {
	i := j.index(path)
	if j.Steps[len(j.Steps)-1].Path == stopStep {
		return stopStep
	}
	if from == "" {
		if i < 0 || i+1 >= len(j.Steps) {
			return j.resume()
		}
		return j.Steps[i+1].Path
	}
	if from != checkStep {
		return from
	}
	for n, s := range j.Steps {
		unanswered := i >= 0 && n > i && s.Section != nil && s.Section == j.Steps[i].Section && len(s.Asked) == 1 && s.Asked[0].Value == nil
		if (!s.Complete || unanswered) && s.Path != checkStep && s.Path != path {
			return s.Path
		}
	}
	return from
}

// part tells where a page stands: part 2 of 4.
func (j *journey) part(path string) (n, of int) {
	last := ""
	for _, s := range j.Steps {
		if s.Part.VI != last {
			last = s.Part.VI
			of++
		}
		if s.Path == path {
			n = of
		}
	}
	return n, of
}

// pathTo is the page on which an answer is given, seen or contested.
func (j *journey) pathTo(at forms.Pointer) string {
	if paper, ok := strings.CutPrefix(string(at), "/attachments/"); ok {
		return paperStep + paper
	}
	for _, s := range j.Steps {
		if s.holds(at) && len(s.Asked) > 0 || s.At == at {
			return s.Path
		}
	}
	name := strings.TrimPrefix(string(at), "/")
	if a := j.Draft.State.Answer(at); a != nil && locked(a) {
		return contestStep + name
	}
	if section, rest, _ := strings.Cut(name, "/"); rest != "" {
		question, _, _ := strings.Cut(rest, "/") // an entry of a group
		return section + "/" + question
	}
	return j.resume()
}

func locked(a *forms.Answer) bool { return a.Source != nil && a.Source.Locked }

// seal names the answers that a page showed, so that a change made elsewhere is
// noticed and not written over.
func seal(asked []forms.Answer) string {
	values := map[forms.Pointer]any{}
	for _, a := range asked {
		values[a.Field.Pointer] = a.Value
	}
	return sealOf(values)
}

func sealOf(values map[forms.Pointer]any) string {
	b, err := json.Marshal(values)
	if err != nil {
		return "" // a value that JSON does not have is never the one shown
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
