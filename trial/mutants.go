package trial

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Mutants is how many wrong versions of a procedure were noticed.
type Mutants struct {
	Made     int        `json:"made"`
	Killed   int        `json:"killed"`  // by a story that came out otherwise
	Refused  int        `json:"refused"` // by hoso check, though no story noticed: nobody could publish them
	Rate     float64    `json:"rate"`    // refused and killed, of those made
	Survived []Survivor `json:"survived"`
}

// Survivor is a wrong version that nothing noticed.
type Survivor struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Change string `json:"change"`
}

// Sample says which mutants are tried.
type Sample struct {
	At   []string // only those of these lines (procedure.yaml:12); none: all
	N    int      // so many of them; 0: all
	Seed uint64   // the same seed takes the same ones
}

// of keeps the mutants that are tried.
func (s Sample) of(all []mutant) []mutant {
	if len(s.At) > 0 {
		all = slices.DeleteFunc(all, func(m mutant) bool { return !slices.Contains(s.At, fmt.Sprintf("%s:%d", m.file, m.line)) })
	}
	if s.N == 0 || s.N >= len(all) {
		return all
	}
	rand.New(rand.NewPCG(s.Seed, 0)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:s.N]
}

// Mutate makes wrong versions of the procedures that want takes, and plays for
// each the stories that have seen the place of the mistake, the quickest first,
// until one comes out otherwise. What no story notices may be refused by hoso
// check: it cannot be published then. told is called after each, by one goroutine
// at a time, with the one that nothing noticed.
//
// Results are those of Play, on the definitions as they are.
func (t *Trial) Mutate(ctx context.Context, tree fs.FS, results []*Result, want func(procedures.ID) bool, s Sample, told func(done, all int, survived *Survivor)) (map[procedures.ID]*Mutants, error) {
	sources := NewSources(tree)
	var all []mutant
	out := map[procedures.ID]*Mutants{}
	for _, p := range t.workers[0].catalogue.All() {
		if !want(p.ID) || p.Machine == nil {
			continue
		}
		out[p.ID] = &Mutants{Survived: []Survivor{}}
		of, err := sources.mutants(p)
		if err != nil {
			return nil, err
		}
		all = append(all, of...)
	}
	by := witnesses(results)
	all = slices.DeleteFunc(all, func(m mutant) bool { return m.asSeen && !m.seen(by) })
	all = s.of(all)
	var mu sync.Mutex
	anew := map[string]error{} // what comes of a file that is only written anew, by path
	done := 0
	err := t.share(ctx, len(all), func(ctx context.Context, w *worker, i int) error {
		m := all[i]
		refused, killed, err := w.notice(ctx, tree, m, by)
		if err == nil && refused {
			mu.Lock()
			file := path.Join(string(m.procedure), m.file)
			if _, known := anew[file]; !known {
				anew[file] = unharmed(w.catalogue, sources, m.procedure, m.file)
			}
			err = anew[file]
			mu.Unlock()
		}
		if err != nil {
			return fmt.Errorf("%s/%s:%d: %s: %w", m.procedure, m.file, m.line, m.change, err)
		}
		mu.Lock()
		defer mu.Unlock()
		n := out[m.procedure]
		n.Made++
		var survived *Survivor
		switch {
		case refused:
			n.Refused++
		case killed:
			n.Killed++
		default:
			survived = &Survivor{path.Join(string(m.procedure), m.file), m.line, m.change}
			n.Survived = append(n.Survived, *survived)
		}
		if done++; told != nil {
			told(done, len(all), survived)
		}
		return nil
	})
	for _, n := range out {
		if n.Made > 0 {
			n.Rate = float64(n.Refused+n.Killed) / float64(n.Made)
		}
		slices.SortFunc(n.Survived, func(a, b Survivor) int { return a.Line - b.Line })
	}
	return out, err
}

// unharmed makes sure that a file which is only written anew is accepted: else
// every mutant of it would be refused for nothing.
func unharmed(c *procedures.Catalogue, s *Sources, id procedures.ID, file string) error {
	root, err := s.read(id, file)
	if err != nil {
		return err
	}
	var b strings.Builder
	root.write(&b, func(v *value) *value { return v })
	same := mutant{procedure: id, file: file, data: b.String()}
	_, findings := c.Reload(same.tree(s.tree), []procedures.ID{id})
	if i := slices.IndexFunc(findings, wrong); i >= 0 {
		return fmt.Errorf("written anew, %s/%s is refused: %s", id, file, findings[i])
	}
	return nil
}

// wrong tells whether a finding keeps a definition from being published.
func wrong(f workflow.Finding) bool { return !f.Warning }

// witnesses are the stories that have seen each place, the quickest first.
func witnesses(results []*Result) map[point][]Story {
	sorted := slices.Clone(results)
	slices.SortStableFunc(sorted, func(a, b *Result) int { return a.Steps - b.Steps })
	out := map[point][]Story{}
	for _, r := range sorted {
		if len(r.Failures) > 0 {
			continue
		}
		for p := range r.seen {
			out[p] = append(out[p], r.Story)
		}
	}
	return out
}

// seen tells whether a story has seen the place.
func (m mutant) seen(by map[point][]Story) bool {
	return slices.ContainsFunc(m.points, func(name string) bool { return len(by[point{m.procedure, name}]) > 0 })
}

// notice tells whether a mutant is killed by a story, or refused by hoso check.
// The stories come first: they are quicker than the proofs.
func (w *worker) notice(ctx context.Context, tree fs.FS, m mutant, by map[point][]Story) (refused, killed bool, err error) {
	c, findings := w.catalogue.ReloadUnproven(m.tree(tree), []procedures.ID{m.procedure})
	if slices.ContainsFunc(findings, wrong) {
		return true, false, nil
	}
	var played []Story
	for _, name := range m.points {
		for _, s := range by[point{m.procedure, name}] {
			if slices.Contains(played, s) {
				continue
			}
			played = append(played, s)
			r, err := w.play(ctx, c, s)
			if err != nil {
				return false, false, err
			}
			if len(r.Failures) > 0 {
				return false, true, nil
			}
		}
	}
	_, findings = w.catalogue.Reload(m.tree(tree), []procedures.ID{m.procedure})
	return slices.ContainsFunc(findings, wrong), false, nil
}
