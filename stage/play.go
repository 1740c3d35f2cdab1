package stage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
)

// paper is what a story hands in: a PDF without a page.
var paper = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")

// Difference is one thing that is not as a story says.
type Difference struct {
	Place string // of the story: filing, step 3, the end
	Line  int    // of scenarios.yaml
	What  string // the state, the notices ...
	Want  string // by the story
	Got   string // from the engine
}

func (d Difference) String() string {
	return fmt.Sprintf("%s (line %d): %s is %s, the story says %s", d.Place, d.Line, d.What, cmp.Or(d.Got, "nothing"), cmp.Or(d.Want, "nothing"))
}

// StepError reports a part of a story that could not be done.
type StepError struct {
	Place string
	Line  int
	Err   error
}

func (e *StepError) Error() string { return fmt.Sprintf("%s (line %d): %v", e.Place, e.Line, e.Err) }

// Unwrap returns why.
func (e *StepError) Unwrap() error { return e.Err }

// Play plays a story and returns where the engine differs from it. The error, a
// *StepError, is that of a part that failed, or of a step that the engine refused.
func (s *Stage) Play(ctx context.Context, p *procedures.Procedure, story *procedures.Scenario) ([]Difference, error) {
	x := &play{Stage: s, p: p, story: story}
	if err := x.play(ctx); err != nil {
		return x.differences, &StepError{x.place, x.line, err}
	}
	return x.differences, nil
}

// play is a story being played.
type play struct {
	*Stage
	p           *procedures.Procedure
	story       *procedures.Scenario
	code        cases.Code
	id          cases.ID
	place       string // of the step, for messages
	line        int    // likewise
	differences []Difference
}

func (x *play) differ(what string, want, got any) {
	x.differences = append(x.differences, Difference{x.place, x.line, what, fmt.Sprint(want), fmt.Sprint(got)})
}

// same notes a difference between what the story expects and what there is.
func same[T comparable](x *play, what string, want, got T) {
	if want != got {
		x.differ(what, want, got)
	}
}

func (x *play) play(ctx context.Context) error {
	x.place, x.line = "filing", x.story.Line
	filed, err := x.file(ctx)
	if err != nil || !filed {
		return err
	}
	if err := x.watcher.Step(ctx, 0); err != nil {
		return err
	}
	for i, st := range x.story.Steps {
		x.place, x.line = fmt.Sprintf("step %d", i+1), st.Line
		if err := x.step(ctx, st); err != nil {
			return err
		}
		if err := x.watcher.Step(ctx, i+1); err != nil {
			return err
		}
	}
	x.place, x.line = "the end", x.story.Ends.Line
	return x.end(ctx)
}

// given makes the changes to registries that the story names.
func (x *play) given(g map[string]any) {
	for word, set := range map[string]map[string]bool{"unavailable": x.down, "silent": x.mute} {
		if list, ok := g[word].([]any); ok {
			clear(set)
			for _, name := range list {
				set[fmt.Sprint(name)] = true
			}
		}
	}
	for kind, v := range g {
		records, ok := v.(map[string]any)
		if !ok {
			continue
		}
		for key, values := range records {
			m, _ := values.(map[string]any)
			put := x.world.Put
			if kind == "person" {
				put = func(_, number string, values map[string]any) error {
					return PutPerson(context.Background(), x.db, number, values)
				}
			}
			if err := put(kind, key, m); err != nil {
				x.differ("given "+kind+" "+key, "a record", err)
			}
		}
	}
}

// draft fills a draft as the applicant does it in the portal, page by page, and
// returns who that is and what the check page shows.
func (x *play) draft(ctx context.Context) (agency.Actor, *cases.Review, error) {
	x.given(x.story.Given)
	who, err := x.citizen(ctx, x.story.Applicant)
	if err != nil {
		return who, nil, err
	}
	d, err := x.cases.StartDraft(ctx, who, x.p.ID, x.story.For)
	if err != nil {
		return who, nil, err
	}
	for _, section := range x.p.Form.Sections {
		answers, ok := x.story.Answers[section.Name].(map[string]any)
		if !ok {
			continue
		}
		if d, _, err = x.cases.SaveSection(ctx, who, d.ID, d.Revision, section.Pointer, Plain(answers), true); err != nil {
			return who, nil, err
		}
	}
	for at, c := range x.story.Contests {
		contest := c
		if d, err = x.cases.Contest(ctx, who, d.ID, d.Revision, at, &contest); err != nil {
			return who, nil, err
		}
	}
	for _, name := range x.story.Attachments {
		if _, err := x.cases.AddFile(ctx, who, d.ID, name, name+".pdf", paper); err != nil {
			return who, nil, err
		}
	}
	r, err := x.cases.Review(ctx, who, d.ID)
	return who, r, err
}

// file files the case, after what the check page shows was seen. False: the story
// ends with a refusal.
func (x *play) file(ctx context.Context) (bool, error) {
	who, r, err := x.draft(ctx)
	if err != nil {
		return false, err
	}
	x.review(r)
	c, err := x.cases.FileDraft(ctx, who, r.Draft.ID, r.Digest)
	if invalid, ok := errors.AsType[*cases.InvalidError](err); ok {
		x.watcher.Undone()
		var rules []string
		for _, p := range invalid.Problems {
			rules = append(rules, p.Rule)
		}
		x.set("problems", x.story.Expect.Problems, rules)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if len(x.story.Expect.Problems) > 0 {
		x.differ("the filing", "refused because of "+strings.Join(x.story.Expect.Problems, ", "), "accepted")
	}
	x.code, x.id = c.Code, c.ID
	if err := x.settle(ctx); err != nil {
		return false, err
	}
	return true, x.expect(ctx, c.ID, x.story.Expect)
}

// review holds the check page against the story.
func (x *play) review(r *cases.Review) {
	e := x.story.Expect
	if e.Variant != "" {
		same(x, "the variant", e.Variant, r.Draft.Variant)
	}
	if e.Fee != nil {
		same(x, "the fee", *e.Fee, r.Fee)
	}
	if e.FeeTitle != "" && r.FeeRow != nil {
		same(x, "the title of the fee", e.FeeTitle, r.FeeRow.Title.EN)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Values)) {
		i := slices.IndexFunc(r.Values, func(v procedures.Result) bool { return v.Name == name })
		if i < 0 {
			x.differ("values."+name, e.Values[name], "not computed")
		} else if want, got := fmt.Sprint(e.Values[name]), fmt.Sprint(r.Values[i].Is); want != got {
			x.differ("values."+name, want, got)
		}
	}
	asked := 0
	for _, section := range r.Draft.State.Sections {
		for _, a := range section.Answers {
			if a.Asked {
				asked++
			}
		}
	}
	if e.Asked != nil {
		same(x, "the number of questions asked", *e.Asked, asked)
	}
	for _, at := range e.Filled {
		if _, ok := r.Draft.State.Filled[at]; !ok {
			x.differ(string(at), "filled", "not filled")
		}
	}
}

// step lets one actor do one thing, a signal arrive, or time pass.
func (x *play) step(ctx context.Context, st *procedures.Step) error {
	x.given(st.Given)
	if !x.down[resident.Registry] && !x.mute[resident.Registry] {
		if err := x.release(ctx); err != nil {
			return err
		}
	}
	switch {
	case !st.At.IsZero():
		if err := x.pass(ctx, st.At); err != nil {
			return err
		}
	case st.Wait != "":
		until, err := x.after(st.Wait)
		if err != nil {
			return err
		}
		if err := x.pass(ctx, until); err != nil {
			return err
		}
	}
	id, err := x.find(ctx, st.Case)
	if err != nil {
		return err
	}
	switch {
	case st.Signal != "":
		err = x.signal(ctx, id, st)
	case st.Do != "":
		err = x.act(ctx, id, st)
	}
	if err != nil {
		x.watcher.Undone()
	}
	if st.Expect.Refused != "" {
		if err == nil {
			x.differ("the step", "refused: "+st.Expect.Refused, "done")
		} else if !strings.Contains(err.Error(), st.Expect.Refused) {
			x.differ("the reason of the refusal", st.Expect.Refused, err)
		}
		err = nil
	}
	if err != nil {
		return err
	}
	if err := x.settle(ctx); err != nil {
		return err
	}
	return x.expect(ctx, id, st.Expect)
}

// signal lets the world outside tell the case something. What is about money the
// payment platform tells, of the order that is open.
func (x *play) signal(ctx context.Context, id cases.ID, st *procedures.Step) error {
	in := Plain(st.Input)
	if st.Signal == cases.SignalPaid || st.Signal == cases.SignalPaymentFailed {
		told, err := x.tellPayment(ctx, id, st.Signal == cases.SignalPaid, in)
		if err != nil || told {
			return err
		}
	}
	c, err := x.standing(ctx, id)
	if err != nil {
		return err
	}
	p, err := x.procedure(c)
	if err != nil {
		return err
	}
	if answered, err := x.answer(ctx, id, p, string(st.Signal), in); err != nil || answered {
		return err
	}
	return x.cases.Signal(ctx, id, uuid.New(), st.Signal, "story", in)
}

// after is the instant when a wait ends: 8d, 4h, 2wd as the law counts, 30m plain minutes.
func (x *play) after(wait string) (time.Time, error) {
	if m, ok := strings.CutSuffix(wait, "m"); ok {
		d, err := time.ParseDuration(m + "m")
		return x.now.Add(d), err
	}
	d, err := calendar.ParseDuration(wait)
	if err != nil {
		return time.Time{}, err
	}
	at, err := calendar.Vietnam().Add(x.now, d)
	return at.Add(time.Second), err
}

// find is the case itself, or the sub-case that state.name … leads to.
func (x *play) find(ctx context.Context, path string) (cases.ID, error) {
	id := x.id
	if path == "" {
		return id, nil
	}
	parts := strings.Split(path, ".")
	for i := 1; i < len(parts); i += 2 {
		err := x.db.QueryRow(ctx, `SELECT child_id FROM case_children WHERE case_id = $1 AND slot = $2 ORDER BY gen DESC LIMIT 1`, id, parts[i]).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return id, fmt.Errorf("there is no sub-case %s", path)
		}
		if err != nil {
			return id, err
		}
	}
	return id, nil
}

// act does the step's action as its actor.
func (x *play) act(ctx context.Context, id cases.ID, st *procedures.Step) error {
	c, err := x.standing(ctx, id)
	if err != nil {
		return err
	}
	p, err := x.procedure(c)
	if err != nil {
		return err
	}
	who, err := x.actor(ctx, p, c, st.By)
	if err != nil {
		return err
	}
	var in cases.Input
	raw, err := json.Marshal(st.Input)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return fmt.Errorf("input: %w", err)
	}
	if st.Answers != nil {
		in.Answers = Plain(st.Answers)
	}
	for _, name := range st.Attachments {
		f, err := x.cases.AddCaseFile(ctx, who, c.Code, name, name+".pdf", paper)
		if err != nil {
			return err
		}
		in.Files = append(in.Files, f.ID)
	}
	return x.cases.Do(ctx, who, cases.Command{Code: c.Code, ID: uuid.New(), Revision: c.Revision, Event: st.Do, Input: in})
}

// Plain is a value as a browser's form or JSON brings it.
func Plain(m map[string]any) map[string]any {
	b, err := json.Marshal(m)
	if err != nil {
		return m
	}
	var out map[string]any
	if json.Unmarshal(b, &out) != nil {
		return m
	}
	return out
}
