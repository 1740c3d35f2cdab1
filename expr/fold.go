package expr

import (
	"fmt"
	"strings"
	"unicode"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"golang.org/x/text/unicode/norm"
)

// fold is text in lower case without diacritics, with single spaces: Đặng Thị Ơn
// is dang thi on. The resident registry folds names in the same way.
func fold(text string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsSpace(r):
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			if r = unicode.ToLower(r); r == 'đ' {
				r = 'd'
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// foldText is fold() of expressions; an absent text stays absent.
func foldText(args []ref.Val) (ref.Val, error) {
	if isAbsent(args[0]) {
		return absent, nil
	}
	s, ok := args[0].(types.String)
	if !ok {
		return nil, fmt.Errorf("%s is not a text", kindOf(args[0]))
	}
	return types.String(fold(string(s))), nil
}

// sameLine compares the free lines of two addresses: case, spacing, commas and
// full stops do not count. Diacritics do, Hàng Bông is not Hàng Bóng, unless one
// of the two was written without any.
func sameLine(a, b string) bool {
	fa, fb := fold(wordsOf(a)), fold(wordsOf(b))
	if fa != fb {
		return false
	}
	sa, sb := spelled(wordsOf(a)), spelled(wordsOf(b))
	return sa == sb || sa == fa || sb == fb
}

func wordsOf(line string) string {
	return strings.Join(strings.FieldsFunc(line, func(r rune) bool {
		return unicode.IsSpace(r) || r == ',' || r == '.' || r == ';'
	}), " ")
}

// spelled is text in lower case with the marks of each word behind its letters,
// so that hoà and hòa are one word.
func spelled(text string) string {
	var out, marks strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, r) && strings.ContainsRune(tones, r):
			marks.WriteRune(r)
		case r == ' ':
			out.WriteString(marks.String())
			marks.Reset()
			out.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String() + marks.String()
}

// tones: grave, acute, tilde, hook above, dot below.
const tones = "\u0300\u0301\u0303\u0309\u0323"
