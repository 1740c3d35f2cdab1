package e2e

import (
	"maps"
	"strconv"
	"time"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
)

// slips are a story told with one answer otherwise: another choice, a day too
// early or too late, a number too small or too large, another person. Some of them
// a rule of the form refuses.
func slips(p *procedures.Procedure, s *procedures.Scenario) (out []*procedures.Scenario) {
	for _, section := range p.Form.Sections {
		told, _ := s.Answers[section.Name].(map[string]any)
		for _, q := range section.Fields {
			was, ok := told[q.Name]
			if !ok {
				continue
			}
			for _, other := range others(q, was) {
				answers, changed := maps.Clone(s.Answers), maps.Clone(told)
				changed[q.Name] = other
				answers[section.Name] = changed
				wrong := *s
				wrong.Answers = answers
				out = append(out, &wrong)
			}
		}
	}
	return out
}

// others are answers to a question besides the one that was given.
func others(q *forms.Field, was any) (out []any) {
	for _, c := range q.Enum {
		if c.Value != was {
			out = append(out, c.Value)
		}
	}
	if len(out) > 0 {
		return out
	}
	switch v := was.(type) {
	case bool:
		return []any{!v}
	case int64:
		return []any{int64(0), int64(1), v + 1, v * 10, v * 1000}
	case float64:
		return []any{0.0, 0.5, v + 1, v * 10}
	case string:
		if day, err := time.Parse(time.DateOnly, v); err == nil {
			for _, years := range []int{-100, -30, -1, 1, 20} {
				out = append(out, day.AddDate(years, 0, 0).Format(time.DateOnly))
			}
			return append(out, day.AddDate(0, 0, -1).Format(time.DateOnly), day.AddDate(0, 0, 1).Format(time.DateOnly))
		}
		if q.PersonalNumber && len(v) == 12 {
			return []any{"001196000101", "001060000106", "001326000117"}
		}
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return []any{strconv.FormatInt(n+1, 10)}
		}
		return []any{v + " khác"}
	}
	return nil
}
