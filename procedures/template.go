package procedures

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/expr"
)

// A brace is the place of an {expression} in a text, in characters from 0.
type brace struct {
	plain  string // the text before it
	source string
	at     int // of the first character within the braces
}

// braces splits a text at its {expressions}. A quote within an expression may
// hold braces; {{ and }} are plain ones. ok is false when a brace stays open,
// or nothing stands in it; at is then its place.
func braces(text string) (parts []brace, rest string, at int, ok bool) {
	runes := []rune(text)
	var plain strings.Builder
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if (r == '{' || r == '}') && i+1 < len(runes) && runes[i+1] == r {
			plain.WriteRune(r)
			i++
			continue
		}
		if r == '}' {
			return nil, "", i, false
		}
		if r != '{' {
			plain.WriteRune(r)
			continue
		}
		end, quote, depth := i+1, rune(0), 1
		for ; end < len(runes); end++ {
			c := runes[end]
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '\'' || c == '"':
				quote = c
			case c == '{':
				depth++
			case c == '}':
				depth--
			}
			if depth == 0 {
				break
			}
		}
		source := strings.TrimSpace(string(runes[i+1 : min(end, len(runes))]))
		if depth > 0 || source == "" {
			return nil, "", i, false
		}
		parts = append(parts, brace{plain: plain.String(), source: source, at: i + 1})
		plain.Reset()
		i = end
	}
	return parts, plain.String(), 0, true
}

// Execute returns the text in lang ("vi" or "en") with its expressions
// evaluated and written for people. An absent value leaves nothing behind.
func (t *Template) Execute(vars map[string]any, lang string) (string, error) {
	parts := t.VI
	if lang == "en" && len(t.EN) > 0 {
		parts = t.EN
	}
	var out strings.Builder
	for _, p := range parts {
		out.WriteString(p.Plain)
		if p.Expr == nil {
			continue
		}
		v, err := p.Expr.Eval(vars)
		if err != nil {
			return "", fmt.Errorf("text {%s}: %w", p.Expr.Source, err)
		}
		out.WriteString(inWords(v, lang))
	}
	return out.String(), nil
}

// Programs returns the expressions of the text, in Vietnamese and in English.
func (t *Template) Programs() []*expr.Program {
	var out []*expr.Program
	for _, p := range append(append([]Part{}, t.VI...), t.EN...) {
		if p.Expr != nil {
			out = append(out, p.Expr)
		}
	}
	return out
}

// inWords writes a value as letters do: dates 24/11/2026, numbers from 10000 on
// in groups (10.000 in Vietnamese, 10,000 in English), an address by its free line.
func inWords(v any, lang string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if d, err := time.Parse(time.DateOnly, v); err == nil {
			return d.Format("02/01/2006")
		}
		return v
	case bool:
		return map[string][2]string{"vi": {"Không", "Có"}, "en": {"No", "Yes"}}[langOf(lang)][btoi(v)]
	case int:
		return grouped(int64(v), lang)
	case int64:
		return grouped(v, lang)
	case float64:
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if langOf(lang) == "vi" {
			s = strings.Replace(s, ".", ",", 1)
		}
		return s
	case []any:
		var words []string
		for _, x := range v {
			words = append(words, inWords(x, lang))
		}
		return strings.Join(words, ", ")
	case map[string]any:
		if line, ok := v["line"].(string); ok {
			return line
		}
	}
	return fmt.Sprint(v)
}

func langOf(lang string) string {
	if lang == "en" {
		return "en"
	}
	return "vi"
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func grouped(n int64, lang string) string { return groupedFrom(n, 10000, lang) }

// groupedFrom groups the digits of numbers from a size on.
func groupedFrom(n, from int64, lang string) string {
	s := strconv.FormatInt(n, 10)
	if n > -from && n < from {
		return s
	}
	sep := "."
	if langOf(lang) == "en" {
		sep = ","
	}
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return sign + s
}
