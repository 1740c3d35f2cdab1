package model

import (
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Twists are all the ways in which the reference can be made wrong.
var Twists = []Twist{"one visit more", "guard order", "unlike", "timer stays", "stale revision", "any body", "fresh budget", "never pause",
	"roles", "needs", "error is false", "always withdraw", "all waits"}

// Tells tells whether the story shows that a twisted reference is wrong: what it
// says differs somewhere from what the sound one says.
func (s *Story) Tells(twist Twist) bool {
	sound, wrong := &World{now: s.At}, &World{now: s.At, twist: twist}
	sound.file(s.Def, s.Answers, applicant.ID)
	wrong.file(s.Def, s.Answers, applicant.ID)
	for _, c := range s.Commands {
		if !cmp.Equal(sound.view(), wrong.view(), cmpopts.EquateEmpty()) {
			return true
		}
		next, _, _, _ := sound.next()
		if sound.doUntil(c, next) != wrong.doUntil(c, next) {
			return true
		}
	}
	return !cmp.Equal(sound.view(), wrong.view(), cmpopts.EquateEmpty())
}
