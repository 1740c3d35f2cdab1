package procedures

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/forms"
)

// A chance is a world drawn by chance: what a person answers, and what the
// registries hold. The same key has the same record, so worlds are whole.
type chance struct {
	seed  uint64
	c     *Catalogue
	p     *Procedure
	words []string // constants of the definition: what its conditions compare with
}

var (
	wordOf  = regexp.MustCompile(`'([^']*)'`)
	numbers = []string{"001196000101", "001090000102", "001085000112"}
	days    = []string{"2024-03-01", "2016-05-05", "1996-03-27", "1950-01-01", "2026-11-20", "2026-12-30"}
	places  = []any{map[string]any{"province": "01", "commune": "00004", "line": "12 phố Lê Lợi"}, map[string]any{"province": "79", "commune": "26734", "line": "5 Hai Bà Trưng"}}
)

func drawn(c *Catalogue, p *Procedure, seed uint64) *chance {
	w := &chance{seed: seed, c: c, p: p}
	for _, e := range p.programs() {
		if e == nil {
			continue
		}
		for _, m := range wordOf.FindAllStringSubmatch(e.Source, -1) {
			w.words = append(w.words, m[1])
		}
	}
	return w
}

func (w *chance) dice(parts ...string) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, w.seed, parts)
	return rand.New(rand.NewPCG(h.Sum64(), w.seed))
}

func one[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// record is what the registry says of the key.
func (w *chance) record(kind, key string) forms.Record {
	r := w.dice(kind, key)
	k := w.c.Elements.Kinds[kind]
	rec := forms.Record{Registry: k.Registry, State: one(r, []string{"fetched", "fetched", "fetched", "empty", "unavailable", "stale"})}
	if rec.State != "fetched" && rec.State != "stale" {
		return rec
	}
	if !k.List {
		rec.Values = w.values(r, k.Elements)
		return rec
	}
	list := []any{}
	for range r.IntN(4) {
		list = append(list, w.values(r, k.Elements))
	}
	rec.Values = map[string]any{"list": list}
	return rec
}

func (w *chance) values(r *rand.Rand, elements []*Element) map[string]any {
	out := map[string]any{}
	for _, e := range elements {
		if r.IntN(5) == 0 {
			continue
		}
		switch e.Type {
		case "date":
			out[e.Name] = one(r, days)
		case "int":
			out[e.Name] = int64(one(r, []int{0, 1, 2, 5, 50000}))
		case "number":
			out[e.Name] = one(r, []float64{8, 20, 100})
		case "bool":
			out[e.Name] = r.IntN(2) == 0
		case "address":
			out[e.Name] = one(r, places)
		case "object":
			out[e.Name] = w.values(r, e.Elements)
		case "list":
			list := []any{}
			for range r.IntN(4) {
				list = append(list, w.values(r, e.Elements))
			}
			out[e.Name] = list
		default:
			out[e.Name] = one(r, append(slices.Clone(numbers), append(w.words, "x")...))
		}
	}
	return out
}

// answer is what the person says to one question; nil: nothing.
func (w *chance) answer(q *forms.Field) any {
	r := w.dice("answer", string(q.Pointer))
	if r.IntN(6) == 0 {
		return nil
	}
	switch {
	case len(q.Enum) > 0 && q.Type == "array":
		var out []any
		for _, c := range q.Enum {
			if r.IntN(2) == 0 {
				out = append(out, c.Value)
			}
		}
		return out
	case len(q.Enum) > 0:
		return one(r, q.Enum).Value
	case q.Type == "array" && q.Widget != forms.GroupWidget:
		return []any{one(r, numbers)}
	case q.Type == "object":
		return one(r, places)
	case q.Type == "integer", q.Type == "number":
		return float64(r.IntN(30))
	case q.Type == "boolean":
		return r.IntN(2) == 0
	case q.Format == "date":
		return one(r, days)
	case q.Type == "string":
		return one(r, append(slices.Clone(numbers), "x"))
	}
	return nil
}

// A moment is the form as it stands when the questions before a place are
// answered.
type moment struct {
	state   *forms.State
	variant string
	keys    map[string]string
	records map[string]forms.Record
	vars    map[string]any
}

// upTo plays the form with the answers to the questions before one of them; nil:
// to all. It is false for a world in which an expression has nothing to compare.
func (w *chance) upTo(before *forms.Field) (m moment, ok bool) {
	answers := map[string]any{}
sections:
	for _, s := range w.p.Form.Sections {
		for _, q := range s.Fields {
			if before != nil && q.Pointer == before.Pointer {
				break sections
			}
			if v := w.answer(q); v != nil {
				in, _ := answers[s.Name].(map[string]any)
				if in == nil {
					in = map[string]any{}
					answers[s.Name] = in
				}
				in[q.Name] = v
			}
		}
	}
	r := w.dice("session")
	session := map[string]any{"personalNumber": numbers[0], "subject": one(r, numbers[:2]), "level": int64(2)}
	m.records = map[string]forms.Record{}
	for range 30 {
		var err error
		if m.state, err = w.p.Form.Evaluate(forms.Context{Answers: answers, Records: m.records, Session: session, Today: testDay, Variant: m.variant}); err != nil {
			return m, false
		}
		subjects, sources := map[string]any{}, map[string]any{}
		for _, s := range w.p.Subjects {
			sources[s.Name] = "unknown"
			if rec, read := m.records[s.Name]; read {
				sources[s.Name] = rec.State
				subjects[s.Name] = rec.Values
			}
		}
		m.vars = map[string]any{"form": m.state.Values, "subjects": subjects, "sources": sources, "session": session, "today": testDay, "variant": m.variant, "case": map[string]any{}}
		keys, err := w.p.SubjectKeys(m.vars)
		if err != nil {
			return m, false
		}
		variant, err := w.p.VariantOf(m.vars)
		if err != nil && before == nil {
			return m, false
		}
		if maps.Equal(keys, m.keys) && variant == m.variant {
			return m, true
		}
		m.keys, m.variant, m.records = keys, variant, map[string]forms.Record{}
		for _, s := range w.p.Subjects {
			if keys[s.Name] != "" {
				m.records[s.Name] = w.record(s.Kind, keys[s.Name])
			}
		}
	}
	return m, false
}

// contradicts plays the world and says where the proof says less than happens
// in it; "" where it does not. It is false for a world that cannot be played.
func (w *chance) contradicts(proof *forms.Proof) (what, variant string, played bool) {
	m, ok := w.upTo(nil)
	if !ok {
		return "", "", false
	}
	for _, row := range proof.Rows {
		if a := m.state.Answer(row.At); a != nil && !slices.Contains(row.Variants, m.variant) {
			return fmt.Sprintf("%s is shown in %s, and the proof knows only %v", row.At, m.variant, row.Variants), m.variant, true
		}
	}
	papers, err := w.p.AttachmentsFor(m.vars)
	for _, a := range papers {
		if row := proof.Papers[slices.Index(w.p.Attachments, a)]; err == nil && !slices.Contains(row.Variants, m.variant) {
			return fmt.Sprintf("the paper %s is demanded in %s, and the proof knows only %v", a.ID, m.variant, row.Variants), m.variant, true
		}
	}
	return w.held(proof), m.variant, true
}

// held plays the form up to each asked question that names its datum, and says
// which is answered by a record that is there by then.
func (w *chance) held(proof *forms.Proof) string {
	for _, row := range proof.Rows {
		q := w.p.Form.Field(row.At)
		if q == nil || row.Filled || row.Element == "" || row.Waived != "" {
			continue
		}
		m, ok := w.upTo(q)
		if !ok || m.state.Answer(row.At) == nil {
			continue
		}
		kind, path, _ := strings.Cut(row.Element, ".")
		for _, s := range w.p.Subjects {
			if s.Kind != kind || q.Of != "" && q.Of != s.Name {
				continue
			}
			values, _ := m.records[s.Name].Values.(map[string]any)
			if m.keys[s.Name] != "" && m.records[s.Name].State == "fetched" && values[path] != nil {
				return fmt.Sprintf("%s asks %s, and the record of %s has it by then", row.At, row.Element, s.Name)
			}
		}
	}
	return ""
}

// The proof never says less than what happens. Whatever people answer and
// registries hold, the engine shows a question and demands a paper only in
// variants in which the proof says that it may, and never asks for what a record
// holds that is there by then.
func TestProofBoundsTheEngine(t *testing.T) {
	_, c := shipped(t)
	worlds := 600
	if testing.Short() {
		worlds = 100
	}
	for _, p := range c.Services() {
		proof := c.Proof(p)
		variants, played := map[string]int{}, 0
		for seed := range worlds {
			what, variant, ok := drawn(c, p, uint64(seed)).contradicts(proof)
			if what != "" {
				t.Fatalf("%s, world %d: %s", p.ID, seed, what)
			}
			if ok {
				variants[variant]++
				played++
			}
		}
		if played < worlds/2 || len(variants) < len(p.Variants)/2 {
			t.Errorf("%s: only %d worlds of %d could be played, in the variants %v", p.ID, played, worlds, variants)
		}
		t.Logf("%s: %d worlds, variants %v", p.ID, played, variants)
	}
}

// A proof that says less is found out, soon.
func TestProofTooWeak(t *testing.T) {
	_, c := shipped(t)
	p, _ := c.Get("permanent-residence")
	sound := c.Proof(p)
	row := func(at forms.Pointer, change func(*forms.ProofRow)) func(*forms.Proof) {
		return func(proof *forms.Proof) {
			change(&proof.Rows[slices.IndexFunc(proof.Rows, func(r forms.ProofRow) bool { return r.At == at })])
		}
	}
	for want, fault := range map[string]func(*forms.Proof){
		"/dwelling/area is shown in rented-borrowed-stayed": row("/dwelling/area", func(r *forms.ProofRow) { r.Variants = []string{"own-dwelling"} }),
		"the paper lease is demanded":                       func(proof *forms.Proof) { proof.Papers[3].Variants = nil },
		"/household/headName asks person.fullName":          row("/household/headName", func(r *forms.ProofRow) { r.Filled = false }),
	} {
		weak := *sound
		weak.Rows, weak.Papers = slices.Clone(sound.Rows), slices.Clone(sound.Papers)
		fault(&weak)
		found := ""
		for seed := 0; seed < 300 && found == ""; seed++ {
			found, _, _ = drawn(c, p, uint64(seed)).contradicts(&weak)
		}
		if !strings.Contains(found, want) {
			t.Errorf("found %q, want %q", found, want)
		}
	}
}
