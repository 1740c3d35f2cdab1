package forms

import (
	"strconv"
	"strings"
)

// Print writes a value for people, as check pages and letters show it:
// 27/03/2026, 1.234.567 đ, 001 196 000 101, the title of a choice, Có or Không.
// units writes an address in words; nil leaves its free line. An absent value
// is "".
func (f *Field) Print(value any, lang string, units func(address map[string]any) string) string {
	v, ok := f.normal(value)
	if !ok || v == nil {
		return printPlain(v)
	}
	switch x := v.(type) {
	case bool:
		return yesNo(x, lang)
	case string:
		return f.printText(x, lang)
	case int64:
		if f.Money {
			return groupThousands(strconv.FormatInt(x, 10)) + " đ"
		}
		return groupThousands(strconv.FormatInt(x, 10))
	case float64:
		whole, part, _ := strings.Cut(strconv.FormatFloat(x, 'f', -1, 64), ".")
		if part != "" {
			part = "," + part
		}
		return groupThousands(whole) + part
	case map[string]any:
		if units != nil {
			return units(x)
		}
		return printPlain(x["line"])
	case []any:
		return f.printList(x, lang, units)
	}
	return ""
}

// Print writes the answer for people, with the titles of the choices that were
// offered.
func (a *Answer) Print(lang string, units func(address map[string]any) string) string {
	if a.Field.Choices == nil {
		return a.Field.Print(a.Value, lang, units)
	}
	f := *a.Field
	f.Enum = a.Choices
	return f.Print(a.Value, lang, units)
}

func yesNo(yes bool, lang string) string {
	switch {
	case lang == "en" && yes:
		return "Yes"
	case lang == "en":
		return "No"
	case yes:
		return "Có"
	}
	return "Không"
}

func (f *Field) printText(s, lang string) string {
	for _, c := range f.Enum {
		if c.Value == s {
			return c.Title.In(lang)
		}
	}
	switch {
	case f.Format == "date" && realDate(s):
		return s[8:10] + "/" + s[5:7] + "/" + s[:4]
	case f.PersonalNumber && digits(s, 12):
		return s[:3] + " " + s[3:6] + " " + s[6:9] + " " + s[9:]
	case f.Format == "phone" && digits(s, 10):
		return s[:4] + " " + s[4:7] + " " + s[7:]
	}
	return s
}

func (f *Field) printList(list []any, lang string, units func(map[string]any) string) string {
	var out []string
	for _, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			out = append(out, f.printText(printPlain(item), lang))
			continue
		}
		var parts []string
		for _, q := range f.Items {
			if s := q.Print(m[q.Name], lang, units); s != "" {
				parts = append(parts, s)
			}
		}
		out = append(out, strings.Join(parts, ", "))
	}
	if f.Widget == GroupWidget {
		return strings.Join(out, "; ")
	}
	return strings.Join(out, ", ")
}

// printPlain writes a value whose type is not known.
func printPlain(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case int64:
		return strconv.FormatInt(x, 10)
	case int:
		return strconv.Itoa(x)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	case interface{ String() string }: // json.Number
		return x.String()
	}
	return ""
}

func groupThousands(s string) string {
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = "-", rest
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return sign + s
}
