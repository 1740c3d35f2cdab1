package studio

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/calendar"
)

// story is what was walked, as a scenario of scenarios.yaml.
type story struct {
	At          time.Time
	Applicant   string
	For         string
	Given       map[string]any
	Answers     map[string]any
	Attachments []string
	Expect      pairs
	Steps       []pairs
	Ends        pairs
	silent      []string // registries that do not answer, as the story so far has it
}

// pairs is a map in YAML whose keys keep their order.
type pairs []pair

type pair struct {
	Key   string
	Value any
}

// with adds a key, unless there is nothing to say.
func (p pairs) with(key string, value any) pairs {
	switch v := value.(type) {
	case nil:
		return p
	case string:
		if v == "" {
			return p
		}
	case []string:
		if v == nil {
			return p
		}
	case map[string]any:
		if len(v) == 0 {
			return p
		}
	case pairs:
		if len(v) == 0 {
			return p
		}
	}
	return append(p, pair{key, value})
}

// instant is a time as stories write it, in Hanoi.
type instant time.Time

func (i instant) String() string {
	t := time.Time(i).In(calendar.Hanoi)
	if t.Second() != 0 {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04")
}

// yaml writes the scenario as an entry of scenarios.yaml.
func (s *story) yaml(id, vi, en string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- id: %s\n", id)
	line := func(key string, value any) { fmt.Fprintf(&b, "  %s: %s\n", key, flow(value)) }
	line("title", pairs{{"vi", vi}, {"en", en}})
	line("at", instant(s.At))
	line("applicant", s.Applicant)
	if s.For != "" {
		line("for", s.For)
	}
	if len(s.Given) > 0 {
		line("given", s.Given)
	}
	if len(s.Answers) > 0 {
		b.WriteString("  answers:\n")
		for _, section := range slices.Sorted(maps.Keys(s.Answers)) {
			fmt.Fprintf(&b, "    %s: %s\n", section, flow(s.Answers[section]))
		}
	}
	if len(s.Attachments) > 0 {
		line("attachments", s.Attachments)
	}
	if len(s.Expect) > 0 {
		line("expect", s.Expect)
	}
	if len(s.Steps) > 0 {
		b.WriteString("  steps:\n")
		for _, step := range s.Steps {
			fmt.Fprintf(&b, "    - %s\n", flow(step))
		}
	}
	line("ends", s.Ends)
	return b.String()
}

var (
	plain = regexp.MustCompile(`^[\p{L}/][\p{L}\p{M}\p{N}/._-]*( [\p{L}\p{N}(][\p{L}\p{M}\p{N}/._()-]*)*$`)
	words = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"} // that some readers take for other things
)

// flow writes a value on one line. A text that could be read as something else
// is quoted, as JSON quotes it.
func flow(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case instant:
		return v.String()
	case string:
		if plain.MatchString(v) && !slices.Contains(words, strings.ToLower(v)) {
			return v
		}
		return quoted(v)
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case pairs:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = flow(p.Key) + ": " + flow(p.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, flow(key)+": "+flow(v[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []string:
		return flow(anys(v))
	case []pairs:
		return flow(anys(v))
	case []any:
		parts := make([]string, len(v))
		for i, one := range v {
			parts[i] = flow(one)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return quoted(fmt.Sprint(v))
	}
	return string(b)
}

func quoted(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return strconv.Quote(s)
	}
	return strings.TrimSpace(b.String())
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}
