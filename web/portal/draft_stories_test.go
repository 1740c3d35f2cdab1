package portal

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/sandbox/drill"
	stories "github.com/hoso-gov/hoso/stage"
)

// The pages lead through every story of the shipped procedures, ask what the
// story says and no more, and end where it ends: at a case that can be filed, or
// at the reason why not.
func TestStories(t *testing.T) {
	t.Parallel()
	all := shipped.WithScenarios()
	for _, proc := range all.Services() {
		t.Run(string(proc.ID), func(t *testing.T) {
			t.Parallel()
			shared := newStage(t)
			for i, story := range proc.Scenarios {
				if testing.Short() && i%10 > 0 {
					continue // with the race detector
				}
				t.Run(story.ID, func(t *testing.T) {
					s := shared
					if list, _ := story.Given["unavailable"].([]any); slices.Contains(list, "resident") {
						t.Skip("the resident database is our own: it has no switch at the sandbox")
					}
					if story.Given != nil {
						s = newStage(t)
						s.given(story.Given)
					}
					w := &walk{s: s, t: t, story: story, proc: proc, put: map[forms.Pointer]bool{}, contested: map[forms.Pointer]bool{}}
					w.through()
				})
			}
		})
	}
}

// given makes the world as a story wants it: registries that do not answer, and
// records that say something else.
func (s *stage) given(given map[string]any) {
	list, _ := given["unavailable"].([]any)
	for _, name := range list {
		must(s.t, s.sandbox.Board.Set(fmt.Sprint(name), drill.Switch{Down: true}))
	}
	for kind, v := range given {
		records, _ := v.(map[string]any)
		for key, values := range records {
			if kind == "person" {
				must(s.t, stories.PutPerson(s.t.Context(), pgtest.Owner(s.t, s.db), key, values.(map[string]any)))
				continue
			}
			must(s.t, s.sandbox.World.Put(kind, key, values.(map[string]any)))
		}
	}
}

// walk is one story on its way through the pages.
type walk struct {
	s         *stage
	t         *testing.T
	b         *browser
	story     *procedures.Scenario
	proc      *procedures.Procedure
	put       map[forms.Pointer]bool // questions that were asked
	contested map[forms.Pointer]bool
}

func (w *walk) through() {
	w.s.time.Store(&w.story.At)
	w.b = w.s.signIn(w.story.Applicant, "Người nộp", 2)
	w.b.t = w.t
	subject := w.story.For
	if subject == "" {
		subject = w.story.Applicant
	}
	w.b.get("/thu-tuc/"+string(w.proc.ID)+"/cho-ai").at(200, "/cho-ai").send(typed("subject", subject))
	for range 40 {
		page := strings.TrimPrefix(strings.TrimPrefix(w.b.path, w.b.draft()), "/")
		page, _, _ = strings.Cut(page, "?")
		if w.contest() {
			continue
		}
		before := w.b.path
		switch {
		case page == checkStep:
			if w.changed() {
				continue
			}
			w.checked()
			return
		case page == stopStep:
			w.refused(w.b.text())
			return
		case strings.HasPrefix(page, paperStep):
			w.paper(strings.TrimPrefix(page, paperStep))
		default:
			w.b.send(w.answers(page))
		}
		if w.b.status == 422 {
			w.refused(w.b.text())
			return
		}
		if w.b.status != 200 || w.b.path == before && !strings.Contains(w.b.text(), "cần thêm thông tin") {
			w.t.Fatalf("stuck at %d %s:\n%s", w.b.status, w.b.path, w.b.text())
		}
	}
	w.t.Fatal("the way does not end")
}

// contest says what the story says against a value, as soon as it is there.
func (w *walk) contest() bool {
	for at, c := range w.story.Contests {
		if w.contested[at] {
			continue
		}
		here := w.b.path
		path := w.b.draft() + "/" + contestStep + string(at)[1:]
		if w.b.get(path); !strings.HasPrefix(w.b.path, path) {
			w.b.get(here)
			continue
		}
		values := w.proc.Form.Field(at).Inputs(c.Value, w.proc.Form.Field(at).Name)
		values.Set(reasonName, c.Reason)
		w.contested[at] = true
		if w.b.send(values); w.b.status != 200 {
			w.t.Fatalf("contest %s: %d\n%s", at, w.b.status, w.b.text())
		}
		w.b.get(here)
		return true
	}
	return false
}

// answers are the story's answers to the questions on the page.
func (w *walk) answers(page string) url.Values {
	section, _, _ := strings.Cut(page, "/")
	form := w.b.form()
	told, _ := w.story.Answers[section].(map[string]any)
	out := url.Values{}
	for _, s := range w.proc.Form.Sections {
		if s.Name != section {
			continue
		}
		for _, q := range s.Fields {
			shown := false
			for n := range form.Descendants() {
				name := attr(n, "name")
				shown = shown || name == q.Name || strings.HasPrefix(name, q.Name+"-")
			}
			if !shown {
				continue
			}
			w.put[q.Pointer] = true
			for name, v := range q.Inputs(told[q.Name], q.Name) {
				if q.Widget == forms.ChecksWidget && strings.Contains(w.b.body, "<textarea") { // no record gave choices
					v = []string{strings.Join(v, "\n")}
				}
				out[name] = v
			}
		}
	}
	return out
}

// paper hands in what the story hands in, and goes on.
func (w *walk) paper(id string) {
	for _, has := range w.story.Attachments {
		if has == id {
			w.b.sendFile(filesName, id+".pdf", pdf, nil)
			break
		}
	}
	w.b.send(nil)
}

// changed changes one value that a registry gave and the story says otherwise
// of; false: there is none.
func (w *walk) changed() bool {
	d := w.draft()
	for _, section := range d.State.Sections {
		said, _ := w.story.Answers[section.Section.Name].(map[string]any)
		for _, a := range section.Answers {
			v, ok := said[a.Field.Name]
			if !ok || a.Filled == nil || a.Filled.Locked || w.contested[a.Field.Pointer] || fmt.Sprint(stories.Plain(map[string]any{"v": v})["v"]) == fmt.Sprint(a.Value) {
				continue
			}
			w.contested[a.Field.Pointer] = true
			w.b.get(w.b.draft() + string(a.Field.Pointer) + "?tu=" + checkStep).send(a.Field.Inputs(v, a.Field.Name))
			return true
		}
	}
	return false
}

func (w *walk) draft() *cases.Draft {
	id, err := uuid.Parse(path.Base(w.b.draft()))
	must(w.t, err)
	d, err := w.s.cases.Draft(w.t.Context(), w.s.actor(), id)
	must(w.t, err)
	return d
}

// checked holds the check page against the story.
func (w *walk) checked() {
	if len(w.story.Expect.Problems) > 0 {
		w.b.says("Còn mục cần khai hoặc cần sửa")
		return
	}
	w.b.says("Nộp hồ sơ").silent("Còn mục cần khai")
	d := w.draft()
	maps.DeleteFunc(w.put, func(at forms.Pointer, _ bool) bool { return d.State.Answer(at) == nil }) // a later answer made it needless
	if want := w.story.Expect.Asked; want != nil && len(w.put) != *want {
		w.t.Errorf("the pages asked %d questions, the story says %d: %v", len(w.put), *want, w.put)
	}
	if v := w.proc.Variant(w.story.Expect.Variant); v != nil {
		w.b.says(v.Title.VI)
	}
}

func (w *walk) refused(said string) {
	if len(w.story.Expect.Problems) == 0 {
		w.t.Fatalf("the story ends in a filed case, but %s says:\n%s", w.b.path, said)
	}
}

// pdf is a small file that is what it says.
var pdf = []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
