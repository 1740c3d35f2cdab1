package forms

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	thousands = regexp.MustCompile(`^-?[0-9]{1,3}(?:[., ][0-9]{3})+$`)
	decimal   = regexp.MustCompile(`^-?[0-9]+(?:[.][0-9]+)?$`)
	currency  = regexp.MustCompile(`(?i)\s*(?:đ|₫|đồng|dong|vnd|vnđ)$`)
	apart     = strings.NewReplacer(".", "", ",", "", " ", "")
)

// parseNumber reads 1.234.567, 1 234 567, 1,234,567; for decimal numbers also 3,5.
func (f *Field) parseNumber(s string) (any, *Problem) {
	if s == "" {
		return nil, nil
	}
	plain := currency.ReplaceAllString(s, "")
	if f.Type == "number" {
		if v, ok := parseDecimal(plain); ok {
			return v, nil
		}
	}
	if thousands.MatchString(plain) {
		plain = apart.Replace(plain)
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(plain, " ", ""), 10, 64)
	if err != nil || n > 1<<53 || n < -(1<<53) {
		return nil, typed(f.say("type", "Nhập {t} bằng chữ số, ví dụ 1.500", "Enter {t} in digits, for example 1,500"), s)
	}
	if f.Type == "number" {
		return float64(n), nil
	}
	return n, nil
}

// parseDecimal reads a decimal number as Vietnamese write it: a comma before
// the fraction, dots between thousands. A dot that does not part thousands
// stands before a fraction too.
func parseDecimal(s string) (any, bool) {
	whole, part, comma := strings.Cut(s, ",")
	if comma && thousands.MatchString(whole) {
		whole = apart.Replace(whole)
	}
	switch {
	case comma:
		s = whole + "." + part
	case thousands.MatchString(s):
		s = apart.Replace(s)
	}
	if !decimal.MatchString(s) {
		return nil, false
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, false
	}
	return number(n)
}
