package resident

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold is text as it is searched for: lower case, without diacritics, one space
// between the words. Any Unicode form gives the same.
func Fold(text string) string {
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
			r = unicode.ToLower(r)
			if r == 'đ' {
				r = 'd'
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// tones are the marks that say the tone of a syllable: grave, acute, tilde, hook
// above, dot below. The other marks make letters of their own (â, ơ, ư …).
const tones = "\u0300\u0301\u0303\u0309\u0323"

// spell is text with its diacritics in one spelling: composed, lower case, the
// tone at the end of its syllable, so that hoà and hòa are the same word.
func spell(text string) string {
	words := strings.Fields(strings.ToLower(norm.NFD.String(text)))
	for i, w := range words {
		var letters, tone strings.Builder
		for _, r := range w {
			if strings.ContainsRune(tones, r) {
				tone.WriteRune(r)
			} else {
				letters.WriteRune(r)
			}
		}
		words[i] = norm.NFC.String(letters.String() + tone.String())
	}
	return strings.Join(words, " ")
}
