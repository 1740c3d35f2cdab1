// Package vietnamese compares Vietnamese text as people mean it: with and without
// diacritics, in any Unicode form, wherever the tone of a syllable is written.
// What is searched or compared belongs to the packages that do it.
package vietnamese

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold is text as it is searched for: lower case, without diacritics, one space
// between the words. Any Unicode form gives the same.
//
//	"Đặng  Thị Ơn" → "dang thi on"
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
			if r = unicode.ToLower(r); r == 'đ' {
				r = 'd'
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// FoldWords is Fold with everything that is no letter, no digit and not in keep
// taken for a space.
func FoldWords(text, keep string) string {
	return Fold(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || strings.ContainsRune(keep, r) {
			return r
		}
		return ' '
	}, text))
}

// tones are the marks that say the tone of a syllable: grave, acute, tilde, hook
// above, dot below. The other marks make letters of their own (â, ơ, ư …).
const tones = "\u0300\u0301\u0303\u0309\u0323"

// Spell is text with its diacritics in one spelling: composed, lower case, the
// tone at the end of its syllable, so that hoà and hòa are the same word.
func Spell(text string) string {
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
