package forms

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Parse reads the values of a section's HTML form. A question that was emptied
// is nil in the answers, one that the page did not hold is absent, and one that
// cannot be read is a Problem with what was typed.
//
//	text, choice        name                    yes-no     name = yes | no
//	date                name-day -month -year   address    name-province -commune -line
//	check boxes         name, repeated          group      name-0-field, name-1-field …
//
// Check boxes that are all clear send nothing: on a page for the whole section
// that empties them; a page with one question sends an empty value beside them.
func (f *Form) Parse(section *Section, values url.Values) (map[string]any, []Problem) {
	answers := map[string]any{}
	var problems []Problem
	for _, q := range section.Fields {
		if !q.sent(values, q.Name) {
			if q.Widget == ChecksWidget && !section.OnePerPage && q.Fill == "" {
				answers[q.Name] = nil
			}
			continue
		}
		v, p := q.parse(values, q.Name)
		if p != nil {
			problems = append(problems, *p)
			continue
		}
		answers[q.Name] = v
	}
	return answers, problems
}

// sent tells whether the page held the question.
func (f *Field) sent(values url.Values, name string) bool {
	if values.Has(name) {
		return true
	}
	switch f.Widget {
	case DateWidget:
		return values.Has(name+"-day") || values.Has(name+"-month") || values.Has(name+"-year")
	case AddressWidget:
		return values.Has(name+"-province") || values.Has(name+"-commune") || values.Has(name+"-line")
	case GroupWidget:
		return len(groupIndexes(values, name)) > 0
	}
	return false
}

func (f *Field) parse(values url.Values, name string) (any, *Problem) {
	one := clean(values.Get(name))
	switch f.Widget {
	case DateWidget:
		return f.parseDate(values, name)
	case AddressWidget:
		v, _ := normalAddress(map[string]any{"province": clean(values.Get(name + "-province")),
			"commune": clean(values.Get(name + "-commune")), "line": clean(values.Get(name + "-line"))})
		return v, nil
	case GroupWidget:
		return f.parseGroup(values, name)
	case ChecksWidget:
		return f.parseChecks(values[name]), nil
	case YesNoWidget:
		switch one {
		case "":
			return nil, nil
		case "yes", "true":
			return true, nil
		case "no", "false":
			return false, nil
		}
		return nil, typed(f.missing(f.Widget), one)
	case NumberWidget:
		return f.parseNumber(one)
	}
	switch {
	case one == "":
		return nil, nil
	case f.PersonalNumber:
		return strings.NewReplacer(" ", "", ".", "", "-", "").Replace(one), nil
	case f.Format == "phone":
		s := strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "").Replace(one)
		if rest, ok := strings.CutPrefix(s, "+84"); ok {
			s = "0" + strings.TrimPrefix(rest, "0")
		}
		return s, nil
	case f.Format == "email":
		return strings.ReplaceAll(one, " ", ""), nil
	case f.Type != "string": // a choice of a type that no page offers
		v, ok := f.normal(one)
		if !ok {
			return nil, typed(f.again("type"), one)
		}
		return v, nil
	}
	return one, nil
}

// clean trims, joins line ends, and drops what no keyboard types.
func clean(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0' || r == '\u202f':
			return ' '
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || r == 0x7f || r == '\ufeff' || r == '\u200b':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

func typed(p *Problem, s string) *Problem {
	p.Typed = s
	return p
}

func (f *Field) parseDate(values url.Values, name string) (any, *Problem) {
	d, m, y := clean(values.Get(name+"-day")), clean(values.Get(name+"-month")), clean(values.Get(name+"-year"))
	if d+m+y == "" {
		if one := clean(values.Get(name)); one != "" {
			if realDate(one) {
				return one, nil
			}
			parts := strings.FieldsFunc(one, func(r rune) bool { return r == '/' || r == '-' || r == '.' || r == ' ' })
			if len(parts) != 3 {
				return nil, typed(f.check(one, nil, f.Widget, &Context{}), one)
			}
			d, m, y = parts[0], parts[1], parts[2]
		} else {
			return nil, nil
		}
	}
	raw := d + "/" + m + "/" + y
	switch {
	case d == "":
		return nil, typed(f.say("format", "Nhập ngày ở {t}", "Enter the day of {t}"), raw)
	case m == "":
		return nil, typed(f.say("format", "Nhập tháng ở {t}", "Enter the month of {t}"), raw)
	case y == "":
		return nil, typed(f.say("format", "Nhập năm ở {t}", "Enter the year of {t}"), raw)
	}
	if len(d) <= 2 && len(m) <= 2 && len(y) == 4 {
		iso := fmt.Sprintf("%s-%02s-%02s", y, m, d)
		if realDate(iso) {
			return iso, nil
		}
	}
	return nil, typed(f.say("format", "Nhập {t} là một ngày có thật, ví dụ 27 3 2026", "Enter {t} as a real date, for example 27 3 2026"), raw)
}

// parseChecks reads boxes, or where a record gave no choices a text with one
// value a line.
func (f *Field) parseChecks(sent []string) any {
	var out []any
	for _, s := range sent {
		for line := range strings.SplitSeq(s, "\n") {
			if line = clean(line); line != "" && !slices.Contains(out, any(line)) && len(out) < 1000 {
				out = append(out, line)
			}
		}
	}
	if out == nil {
		return nil
	}
	return out
}

// groupIndexes are the entries of a repeated group that the page sent, in order.
func groupIndexes(values url.Values, name string) []int {
	var found []int
	for key := range values {
		rest, ok := strings.CutPrefix(key, name+"-")
		if !ok {
			continue
		}
		digits, _, ok := strings.Cut(rest, "-")
		if i, err := strconv.Atoi(digits); ok && err == nil && i >= 0 && i < 1000 && strconv.Itoa(i) == digits && !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	slices.Sort(found)
	return found
}

// parseGroup reads the entries; those without any answer are dropped.
func (f *Field) parseGroup(values url.Values, name string) (any, *Problem) {
	var out []any
	for _, i := range groupIndexes(values, name) {
		prefix := name + "-" + strconv.Itoa(i) + "-"
		one := map[string]any{}
		for _, q := range f.Items {
			v, p := q.parse(values, prefix+q.Name)
			if p != nil {
				p.At = f.Pointer + Pointer("/"+strconv.Itoa(len(out))) + q.Pointer // as Validate counts
				return nil, p
			}
			if v != nil {
				one[q.Name] = v
			}
		}
		if len(one) > 0 {
			out = append(out, one)
		}
	}
	if out == nil {
		return nil, nil
	}
	return out, nil
}
