package expr

import (
	"fmt"
	"strings"
	"unicode"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/hoso-gov/hoso/vietnamese"
)

// foldText is fold() of expressions; an absent text stays absent.
func foldText(args []ref.Val) (ref.Val, error) {
	if isAbsent(args[0]) {
		return absent, nil
	}
	s, ok := args[0].(types.String)
	if !ok {
		return nil, fmt.Errorf("%s is not a text", kindOf(args[0]))
	}
	return types.String(vietnamese.Fold(string(s))), nil
}

// sameLine compares the free lines of two addresses: case, spacing, commas and
// full stops do not count. Diacritics do, Hàng Bông is not Hàng Bóng, unless one
// of the two was written without any.
func sameLine(a, b string) bool {
	fa, fb := vietnamese.Fold(wordsOf(a)), vietnamese.Fold(wordsOf(b))
	if fa != fb {
		return false
	}
	sa, sb := vietnamese.Spell(wordsOf(a)), vietnamese.Spell(wordsOf(b))
	return sa == sb || sa == fa || sb == fb
}

func wordsOf(line string) string {
	return strings.Join(strings.FieldsFunc(line, func(r rune) bool {
		return unicode.IsSpace(r) || r == ',' || r == '.' || r == ';'
	}), " ")
}
