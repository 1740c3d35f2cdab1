package forms

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// fits tells whether check has nothing to say.
func (f *Field) fits(v any, choices []Choice, ctx *Context) bool {
	return f.check(v, choices, f.Widget, ctx) == nil
}

// check looks at one present answer: type, length, range, format, choices.
func (f *Field) check(v any, choices []Choice, w Widget, ctx *Context) *Problem {
	v, ok := f.normal(v)
	if !ok {
		return f.again("type")
	}
	if v == nil {
		return f.missing(w)
	}
	switch x := v.(type) {
	case string:
		return f.checkText(x, choices)
	case int64:
		return f.checkRange(float64(x))
	case float64:
		return f.checkRange(x)
	case map[string]any:
		return f.checkAddress(x, ctx)
	case []any:
		return f.checkList(x, choices, ctx)
	}
	return nil
}

func (f *Field) checkText(s string, choices []Choice) *Problem {
	n := utf8.RuneCountInString(s)
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return f.again("format")
	case len(choices) > 0:
		if !slices.ContainsFunc(choices, func(c Choice) bool { return c.Value == s }) {
			return f.say("enum", "Chọn {t} trong danh sách", "Choose {t} from the list")
		}
		return nil
	case n > f.limit():
		return f.say("length", "Rút gọn {t} còn nhiều nhất "+printNumber(float64(f.limit()))+" ký tự", "Shorten {t} to at most "+printNumber(float64(f.limit()))+" characters")
	case f.PersonalNumber && !digits(s, 12):
		return f.say("format", "Nhập {t} gồm đúng 12 chữ số", "Enter {t} with exactly 12 digits")
	case n < f.MinLength:
		return f.say("length", "Nhập {t} có ít nhất "+printNumber(float64(f.MinLength))+" ký tự", "Enter {t} with at least "+printNumber(float64(f.MinLength))+" characters")
	}
	switch f.Format {
	case "date":
		if !realDate(s) {
			return f.say("format", "Nhập {t} là một ngày có thật, ví dụ 27 3 2026", "Enter {t} as a real date, for example 27 3 2026")
		}
	case "email":
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") {
			return f.say("format", "Nhập {t} đầy đủ, ví dụ lan@example.vn", "Enter {t} in full, for example lan@example.vn")
		}
	case "phone":
		if !phone(s) {
			return f.say("format", "Nhập {t} đủ số, ví dụ 0912 345 678", "Enter {t} with all its digits, for example 0912 345 678")
		}
	}
	if f.pattern != nil && !f.pattern.MatchString(s) {
		return f.again("format")
	}
	return nil
}

func digits(s string, n int) bool {
	return len(s) == n && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

func realDate(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Year() >= 1850 && t.Year() <= 2200
}

// phone takes Vietnamese numbers (0 and 9 or 10 digits) and foreign ones (+ and 8 to 15).
func phone(s string) bool {
	if rest, ok := strings.CutPrefix(s, "+"); ok {
		return len(rest) >= 8 && len(rest) <= 15 && digits(rest, len(rest))
	}
	return strings.HasPrefix(s, "0") && (digits(s, 10) || digits(s, 11))
}

func (f *Field) checkRange(n float64) *Problem {
	if f.Minimum != nil && n < *f.Minimum || f.Maximum != nil && n > *f.Maximum {
		return f.between("từ", "of at least", "không quá", "of at most")
	}
	return nil
}

func (f *Field) checkAddress(a map[string]any, ctx *Context) *Problem {
	province, _ := a["province"].(string)
	commune, _ := a["commune"].(string)
	line, _ := a["line"].(string)
	switch {
	case province == "":
		return f.say("required", "Chọn tỉnh, thành phố của {t}", "Choose the province or city of {t}")
	case commune == "":
		return f.say("required", "Chọn xã, phường của {t}", "Choose the commune or ward of {t}")
	case line == "":
		return f.say("required", "Nhập số nhà, đường hoặc thôn của {t}", "Enter the house number, street or village of {t}")
	case utf8.RuneCountInString(line) > 200:
		return f.say("length", "Rút gọn số nhà, đường của {t} còn nhiều nhất 200 ký tự", "Shorten the house number and street of {t} to at most 200 characters")
	case ctx.CheckUnit != nil && !ctx.CheckUnit(province, commune):
		return f.say("enum", "Chọn lại xã, phường của {t}: xã này không thuộc tỉnh, thành phố đã chọn", "Choose the commune or ward of {t} again: it is not in the province chosen")
	}
	return nil
}

func (f *Field) checkList(list []any, choices []Choice, ctx *Context) *Problem {
	if f.MaxItems > 0 && len(list) > f.MaxItems {
		n := printNumber(float64(f.MaxItems))
		return f.say("length", "Giữ lại nhiều nhất "+n+" mục ở {t}", "Keep at most "+n+" entries in {t}")
	}
	if len(list) < f.MinItems {
		n := printNumber(float64(f.MinItems))
		return f.say("length", "Nhập ít nhất "+n+" mục ở {t}", "Enter at least "+n+" entries in {t}")
	}
	for i, item := range list {
		if s, ok := item.(string); ok {
			if utf8.RuneCountInString(s) > 200 || !utf8.ValidString(s) {
				return f.again("length")
			}
			if len(choices) > 0 && !slices.ContainsFunc(choices, func(c Choice) bool { return c.Value == s }) {
				return f.say("enum", "Chọn {t} trong danh sách", "Choose {t} from the list")
			}
			if slices.Contains(list[:i], item) {
				return f.say("unique", "Ghi mỗi mục một lần ở {t}", "Give each entry of {t} once")
			}
			continue
		}
		m, _ := item.(map[string]any)
		for _, q := range f.Items {
			if p := q.checkItem(m[q.Name], ctx); p != nil {
				p.At = f.Pointer + Pointer("/"+printPlain(int64(i))) + q.Pointer
				n := printPlain(int64(i + 1))
				p.VI, p.EN = p.VI+" (mục "+n+")", p.EN+" (entry "+n+")"
				return p
			}
		}
	}
	return nil
}

func (f *Field) checkItem(v any, ctx *Context) *Problem {
	if v == nil {
		if f.Required {
			return f.missing(f.Widget)
		}
		return nil
	}
	return f.check(v, f.Enum, f.Widget, ctx)
}

// limit is the greatest length of a text in characters.
func (f *Field) limit() int {
	if f.MaxLength > 0 {
		return f.MaxLength
	}
	return 2000
}
