package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
)

// readSubjects is what reading the subjects of a form rests on.
type readSubjects struct {
	Subjects []*procedures.Subject // nil: those of the procedure's form
	Source   Records               // nil: the registries
	Answers  map[string]any
	Contests map[forms.Pointer]forms.Contest
	Records  map[string]subjectRecord // read before: those of the same key are kept
	Session  map[string]any
	Given    map[string]any
	Files    []string // attachments that are there
	Now      time.Time
	Today    string
	Variant  string           // of a case; a draft's is found anew
	Draft    bool             // the variant is found, and may be unknown yet
	Again    bool             // ask the registries again
	Purpose  registry.Purpose // Basis comes from each subject
}

// settled is a form whose subjects have been read as far as their keys are known.
type settled struct {
	State   *forms.State
	Records map[string]subjectRecord
	Variant string
	Vars    map[string]any // of the definition language
}

// readSubjects reads the subjects of a case's form after its answers changed.
func (s *Service) readSubjects(ctx context.Context, p *procedures.Procedure, r readSubjects) (map[string]subjectRecord, error) {
	out, err := s.settle(ctx, p, r)
	return out.Records, err
}

// settle evaluates the form, reads the records whose keys are known by then, and
// goes on until nothing is new: a key may rest on another subject's record.
func (s *Service) settle(ctx context.Context, p *procedures.Procedure, r readSubjects) (settled, error) {
	out := settled{Records: maps.Clone(r.Records), Variant: r.Variant}
	if out.Records == nil {
		out.Records = map[string]subjectRecord{}
	}
	if r.Now.IsZero() {
		r.Now = s.now()
	}
	if r.Subjects == nil {
		r.Subjects = p.Subjects
	}
	if r.Source == nil {
		r.Source = s.cfg.Records
	}
	asked := map[string]bool{} // subject and key
	for range 2*len(r.Subjects) + 4 {
		if err := s.evaluate(p, r, &out); err != nil {
			return out, err
		}
		keys, err := procedures.KeysOf(r.Subjects, out.Vars)
		if err != nil {
			return out, fmt.Errorf("form of %s: %w", p.ID, err)
		}
		variant := out.Variant
		if r.Draft {
			// While answers are missing, a condition may have nothing to compare.
			if variant, err = p.VariantOf(out.Vars); err != nil {
				variant = ""
			}
		}
		fresh := s.fetchSubjects(ctx, p, r, out.Records, keys, asked)
		if len(fresh) == 0 && variant == out.Variant {
			return out, nil
		}
		maps.Copy(out.Records, fresh)
		out.Variant = variant
	}
	return out, fmt.Errorf("form of %s: its subjects and answers do not settle", p.ID)
}

func (s *Service) evaluate(p *procedures.Procedure, r readSubjects, out *settled) error {
	b := &body{Answers: r.Answers, Contests: r.Contests, Records: out.Records, Session: r.Session, Given: r.Given}
	state, err := p.Form.Evaluate(b.context(out.Variant, r.Today, s.checkUnit))
	if err != nil {
		return fmt.Errorf("form of %s: %w", p.ID, err)
	}
	out.State = state
	v := variables{c: &snapshot{Procedure: p, Variant: out.Variant, FiledAt: r.Now}, b: &evaluated{body: b, State: state}, files: r.Files, now: r.Now}
	out.Vars = v.vars()
	out.Vars["today"] = r.Today
	return nil
}

// fetchSubjects reads, all at once, the records whose keys are new, and forgets
// those whose key is gone. What it returns is new.
func (s *Service) fetchSubjects(ctx context.Context, p *procedures.Procedure, r readSubjects, have map[string]subjectRecord, keys map[string]string, asked map[string]bool) map[string]subjectRecord {
	var (
		mu    sync.Mutex
		all   sync.WaitGroup
		fresh = map[string]subjectRecord{}
	)
	for _, sub := range r.Subjects {
		key, old := keys[sub.Name], have[sub.Name]
		if key == "" {
			if silent := silenced(sub, have); old.Key != "" || old.Silent != silent {
				mu.Lock() // readings of subjects above are under way
				fresh[sub.Name] = subjectRecord{Kind: sub.Kind, Record: forms.Record{State: string(registry.Unknown), Silent: silent}}
				mu.Unlock()
			}
			continue
		}
		ask := sub.Name + " " + key
		if asked[ask] || !r.Again && old.Key == key && old.Kind == sub.Kind && !(r.Draft && s.aged(old, r.Now)) {
			continue
		}
		asked[ask] = true
		purpose := r.Purpose
		purpose.Basis = sub.Basis
		all.Go(func() {
			rec, err := r.Source.Fetch(ctx, registry.Request{Kind: sub.Kind, Key: key, Purpose: purpose})
			if err != nil {
				// A fault of ours is the citizen's question, as a silent registry is.
				s.cfg.Log.ErrorContext(ctx, "a registry could not be asked", "kind", sub.Kind, "procedure", p.ID, "error", err)
				rec = registry.Record{Kind: sub.Kind, Key: key, State: registry.Unavailable, FetchedAt: r.Now}
			}
			got := toSubjectRecord(rec)
			got.Kind, got.Key = sub.Kind, key
			if rec.State == registry.Unavailable && old.Key == key && (old.State == string(registry.Fetched) || old.State == string(registry.Stale)) {
				got = old
				got.State = string(registry.Stale)
			}
			mu.Lock()
			defer mu.Unlock()
			fresh[sub.Name] = got
		})
	}
	all.Wait()
	return fresh
}

// silenced tells whether the key of a subject would come from a registry that
// did not answer, by way of others too.
func silenced(sub *procedures.Subject, have map[string]subjectRecord) bool {
	return slices.ContainsFunc(sub.Key.Refs, func(ref string) bool {
		root, rest, _ := strings.Cut(ref, ".")
		name, _, _ := strings.Cut(rest, ".")
		r := have[name]
		return (root == "subjects" || root == "sources") && (r.State == string(registry.Unavailable) || r.Silent)
	})
}

// aged tells whether a record is older than the catalogue lets a draft rest on it.
func (s *Service) aged(r subjectRecord, now time.Time) bool {
	return !r.FetchedAt.IsZero() && now.Sub(r.FetchedAt) > s.cfg.Procedures.Elements.Freshness(r.Kind)
}

func toSubjectRecord(r registry.Record) subjectRecord {
	out := subjectRecord{Kind: r.Kind, Key: r.Key, Record: forms.Record{Registry: r.Registry, Version: r.Version, State: string(r.State), AsOf: r.AsOf, FetchedAt: r.FetchedAt}}
	if r.Values != nil {
		out.Values = r.Values
	}
	return out
}

// normal is a value as it comes back from the database, so that values can be compared.
func normal(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		return v
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		return v
	}
	return out
}

// sessionVars are the variable `session`.
func sessionVars(number string, level int, subject string) map[string]any {
	return map[string]any{"personalNumber": number, "level": int64(level), "subject": subject}
}

// PersonRef is a person whom the actor may file for.
type PersonRef struct {
	Number   string
	Name     string
	Relation string // self, child
	Birth    string // date; empty for oneself
}

// Subjects lists whom the actor may file a case of the procedure for: as the
// procedure says, oneself and one's children under 18.
//
// Source: Civil Code 91/2015/QH13, Art. 136 (parents represent their children under age).
func (s *Service) Subjects(ctx context.Context, a agency.Actor, p *procedures.Procedure) ([]PersonRef, error) {
	var out []PersonRef
	for _, who := range p.For {
		switch who {
		case "self":
			out = append(out, PersonRef{Number: a.ID, Name: a.Name, Relation: "self"})
		case "child":
			rec, err := s.cfg.Records.Fetch(ctx, registry.Request{Kind: "children", Key: a.ID,
				Purpose: registry.Purpose{Reader: a.ID, ReaderKind: string(a.Kind), Text: "Chọn người được giải quyết: " + p.Name.VI, Basis: "guardian"}})
			if err != nil {
				return nil, fmt.Errorf("children of the applicant: %w", err)
			}
			list, _ := rec.Values["list"].([]any)
			for _, item := range list {
				m, _ := normal(item).(map[string]any)
				number, _ := m["number"].(string)
				name, _ := m["fullName"].(string)
				birth, _ := m["birthDate"].(string)
				if born, err := time.Parse(time.DateOnly, birth); err == nil && s.now().Before(born.AddDate(18, 0, 0)) {
					out = append(out, PersonRef{Number: number, Name: name, Relation: "child", Birth: birth})
				}
			}
		}
	}
	return out, nil
}
