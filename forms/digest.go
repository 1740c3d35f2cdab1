package forms

import (
	"crypto/sha256"
	"encoding/json"
	"time"
)

// Digest names what the state shows: the effective answers, where each comes
// from, and what is contested. Who signs a digest signs what they saw. The time
// of reading a registry does not count: the same record read again is the same.
func Digest(s *State) [32]byte {
	type source struct {
		Value                               any
		Subject, Element, Registry, Version string
		AsOf                                string
		State                               FillState
		Locked                              bool
	}
	seen := struct {
		Sections []Pointer
		Values   map[string]any
		Filled   map[Pointer]source
		Contests map[Pointer]Contest
	}{Values: s.Values, Filled: map[Pointer]source{}, Contests: map[Pointer]Contest{}}
	for at, f := range s.Filled {
		seen.Filled[at] = source{f.Value, f.Subject, f.Element, f.Registry, f.Version, f.AsOf.UTC().Format(time.RFC3339Nano), f.State, f.Locked}
	}
	for _, section := range s.Sections {
		for _, a := range section.Answers {
			seen.Sections = append(seen.Sections, a.Field.Pointer)
			if a.Contest != nil {
				seen.Contests[a.Field.Pointer] = *a.Contest
			}
		}
	}
	// Map keys are written in order, and normal values always have a JSON form.
	b, err := json.Marshal(seen)
	if err != nil {
		panic("forms: a state holds a value that JSON does not have: " + err.Error())
	}
	return sha256.Sum256(b)
}
