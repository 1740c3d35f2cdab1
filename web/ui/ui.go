// Package ui is the look of all pages and their shared parts: the page frame,
// the controls of forms, lists, tables and banners as templ components, the
// words and numbers they print, and the style, script and typeface they need.
//
// A component takes a view struct whose values are already words; it branches
// and loops, and decides nothing. What a page says, which links it has and who
// may see it belong to the packages that build pages: portal, desk, studio and
// board. Everything works without JavaScript and under the policy of [Headers].
package ui

import "github.com/hoso-gov/hoso/workflow"

// T returns the text in the language of the page: vi, or en.
func T(lang, vi, en string) string {
	return workflow.Text{VI: vi, EN: en}.In(lang)
}

// Tone is the colour of a banner or tag. The words beside it say the same: no
// meaning is by colour alone.
type Tone string

// The tones.
const (
	Neutral Tone = "neutral"
	Info    Tone = "info"
	Success Tone = "success"
	Warning Tone = "warning"
	Danger  Tone = "danger"
)

// Link is a text that leads somewhere.
type Link struct {
	Text    string
	Href    string
	Hidden  string // read out after Text, not shown: "Thay đổi" + "ngày sinh"
	Current bool   // the page that is open
	Count   string // beside the text: "12"; empty: none
}

// Tag is a status in a word or two.
type Tag struct {
	Text string
	Tone Tone // empty: Neutral
}

func (t Tag) tone() string {
	if t.Tone == "" {
		return string(Neutral)
	}
	return string(t.Tone)
}
