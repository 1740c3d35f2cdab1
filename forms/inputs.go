package forms

import (
	"net/url"
	"strconv"
	"strings"
)

// Inputs is a value as the page's inputs hold it: what Parse reads back. The
// name is that of the question, or name-0-field within a group.
func (f *Field) Inputs(value any, name string) url.Values {
	v, ok := f.normal(value)
	out := url.Values{}
	if v == nil || !ok {
		return out
	}
	f.put(out, v, name)
	return out
}

func (f *Field) inputs(value any) url.Values { return f.Inputs(value, f.Name) }

func (f *Field) put(out url.Values, v any, name string) {
	switch x := v.(type) {
	case string:
		if f.Widget == DateWidget {
			if parts := strings.Split(x, "-"); len(parts) == 3 {
				out.Set(name+"-day", strings.TrimLeft(parts[2], "0"))
				out.Set(name+"-month", strings.TrimLeft(parts[1], "0"))
				out.Set(name+"-year", parts[0])
				return
			}
		}
		out.Set(name, x)
	case bool:
		out.Set(name, map[bool]string{true: "yes", false: "no"}[x])
	case int64:
		out.Set(name, strconv.FormatInt(x, 10))
	case float64:
		out.Set(name, strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), ".", ",", 1))
	case map[string]any:
		for _, part := range addressParts {
			s, _ := x[part].(string)
			out.Set(name+"-"+part, s)
		}
	case []any:
		for i, item := range x {
			m, ok := item.(map[string]any)
			if !ok {
				out.Add(name, printPlain(item))
				continue
			}
			for _, q := range f.Items {
				if m[q.Name] != nil {
					q.put(out, m[q.Name], name+"-"+strconv.Itoa(i)+"-"+q.Name)
				}
			}
		}
	}
}
