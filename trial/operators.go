package trial

import (
	"strconv"
	"strings"
)

// swaps are the operators that are taken for one another.
var swaps = map[string]string{"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "&&": "||", "||": "&&", "+": "-", "-": "+", "*": "+",
	"true": "false", "false": "true", "!": ""}

// otherwise are expressions with one mistake each: the whole negated, an
// operator taken for another, a negation left out, a constant changed.
func otherwise(source string) []string {
	out := []string{"!(" + source + ")"}
	for _, t := range tokens(source) {
		with, ok := swaps[t.text]
		switch {
		case ok:
		case t.number:
			n, err := strconv.Atoi(t.text)
			if err != nil {
				continue
			}
			with = strconv.Itoa(n + 1)
		case t.quoted && len(t.text) > 2:
			with = t.text[:len(t.text)-1] + "x" + t.text[len(t.text)-1:]
		default:
			continue
		}
		out = append(out, source[:t.at]+with+source[t.at+len(t.text):])
	}
	return out
}

// A token of an expression.
type token struct {
	text           string
	at             int
	quoted, number bool
}

// tokens are the words, numbers, texts and operators of an expression; what is
// between them and names are left out.
func tokens(s string) []token {
	var out []token
	for i := 0; i < len(s); {
		rest := s[i:]
		n := 1
		switch c := s[i]; {
		case c == '\'' || c == '"':
			if end := strings.IndexByte(rest[1:], c); end >= 0 {
				n = end + 2
			}
			out = append(out, token{text: rest[:n], at: i, quoted: true})
		case c >= '0' && c <= '9':
			for n < len(rest) && (rest[n] >= '0' && rest[n] <= '9' || rest[n] == '.') {
				n++
			}
			out = append(out, token{text: rest[:n], at: i, number: true})
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			for n < len(rest) && (rest[n] == '_' || rest[n] == '.' || rest[n] >= '0' && rest[n] <= '9' || rest[n] >= 'a' && rest[n] <= 'z' || rest[n] >= 'A' && rest[n] <= 'Z') {
				n++
			}
			if word := rest[:n]; word == "true" || word == "false" {
				out = append(out, token{text: word, at: i})
			}
		case len(rest) > 1 && swaps[rest[:2]] != "":
			n = 2
			out = append(out, token{text: rest[:2], at: i})
		case strings.IndexByte("<>!+-*", c) >= 0:
			out = append(out, token{text: rest[:1], at: i})
		}
		i += n
	}
	return out
}
