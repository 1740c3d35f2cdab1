package procedures

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

func matches(pattern, s string) bool {
	re, err := regexp.Compile(pattern)
	return err == nil && re.MatchString(s)
}

func quoteName(name string) string {
	if name == "" {
		return "the file"
	}
	return strconv.Quote(name)
}

func quoted(n *node) string {
	if n.kind != scalar {
		return kindOf(n)
	}
	return strconv.Quote(n.str())
}

// kindOf says what kind of value stands there.
func kindOf(n *node) string {
	switch n.kind {
	case mapping:
		return "a mapping"
	case sequence:
		return "a list"
	}
	switch n.value.(type) {
	case nil:
		return "empty"
	case string:
		return "a text"
	case bool:
		return "true or false"
	case int:
		return "a whole number"
	}
	return "a number"
}

var typeNames = map[string]string{
	"object": "a mapping (key: value)", "array": "a list ([…] or lines with -)", "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
}

// typeWords says which kinds of value a schema's "type" allows.
func typeWords(t any) string {
	var names []string
	switch t := t.(type) {
	case string:
		names = append(names, typeNames[t])
	case []any:
		for _, v := range t {
			names = append(names, typeNames[fmt.Sprint(v)])
		}
	}
	return strings.Join(names, " or ")
}

// patterns puts the patterns of the schemas into words.
var patterns = map[string]string{
	`^[a-z][a-z0-9-]*$`:                           "the name of a state, as examine",
	`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`:               "a name in kebab-case, as dwelling-proof",
	`^[a-z][A-Za-z0-9]*$`:                         "a name in camelCase, as fullName",
	`^[a-z][a-zA-Z0-9]*$`:                         "a name in camelCase, as headConsent",
	`^[1-9][0-9]*(h|d)$`:                          "a time of the clock: 1h hours, 2d days",
	`^[1-9][0-9]*(h|d|wd)$`:                       "a duration: 4h working hours, 30d days, 5wd working days",
	`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`:                "a date as 2026-11-24",
	`^([01][0-9]|2[0-3]):[0-5][0-9]$`:             `a time as "15:00", in quotes`,
	`^(self|guardian|household|consent|law: .+)$`: `self, guardian, household, consent, or "law: act, article"`,
	`^/`: "a pointer into the form, as /section or /section/question",
	`^(applicant|owner|subjects\.[a-z][A-Za-z0-9]*)$`:                               "applicant, owner, or subjects.NAME",
	`^(applicant|subjects\.[a-z][A-Za-z0-9]*)$`:                                     "applicant or subjects.NAME",
	`^subjects\.[a-z][A-Za-z0-9]*$`:                                                 "subjects.NAME",
	`^[0-9]{12}$`:                                                                   "a personal number in quotes: 12 digits",
	`^[a-z][A-Za-z0-9]*\.[A-Za-z0-9.]+$`:                                            "an element as kind.name",
	`^[a-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+$`:                                          "a path as applicant.fullName",
	`^(file|[a-z][a-z0-9-]*\.[a-z0-9][a-z0-9-]*)$`:                                  "file, or state.event",
	`^[a-z][a-z0-9-]*\.[a-z][a-zA-Z0-9-]*(\.[a-z][a-z0-9-]*\.[a-z][a-zA-Z0-9-]*)?$`: "a sub-case as state.name",
	`^(0wd|[1-9][0-9]*(h|d|wd))$`:                                                   "a legal term: 4h working hours, 30d days, 5wd working days, 0wd the day of receipt",
	`^[1-9][0-9]*(h|d|wd|m)$`:                                                       "a duration: 10m minutes, 4h working hours, 30d days, 5wd working days",
	`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$`:                    "a moment in Hanoi as 2026-11-02T09:00",
}

func patternWords(owner map[string]any) string {
	p, _ := owner["pattern"].(string)
	if words := patterns[p]; words != "" {
		return words
	}
	return "a text that matches " + p
}

// described is what a schema says about its value, in English. Descriptions
// stand in two lines, English and Vietnamese, since editors show this key and
// no other to everybody.
func described(schema map[string]any) string {
	d, _ := schema["description"].(string)
	english, _, _ := strings.Cut(d, "\n")
	return english
}

// hint adds the schema's own description to a remedy.
func hint(owner map[string]any) string {
	if d := described(owner); d != "" {
		return ": " + strings.TrimSuffix(d, ".")
	}
	return ""
}

// kindHint names the kind of a state, which decides on its keys.
func kindHint(n *node) string {
	if k := n.get("kind").str(); k != "" {
		return fmt.Sprintf(": not with kind %s", k)
	}
	return ""
}
