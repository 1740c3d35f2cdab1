package procedures

import (
	"slices"
	"strings"
)

// closest returns the word of known that word was probably meant to be, or ""
// when none is near: at most a third of its letters may differ.
func closest(word string, known []string) string {
	best, least := "", len(word)/3+1
	for _, k := range known {
		d := distance(strings.ToLower(word), strings.ToLower(k))
		if strings.EqualFold(strings.ReplaceAll(word, "_", "-"), k) {
			d = 0
		}
		if d < least || d == least && best == "" {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with a
// neighbour on the way from a to b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	var older, old []int
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		older, old, row = old, row, make([]int, len(y)+1)
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(old[j+1]+1, row[j]+1, old[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], older[j-1]+1)
			}
		}
	}
	return row[len(y)]
}

// didYouMean ends a remedy: the nearest name, or all that exist.
func didYouMean(word string, known []string) string {
	if c := closest(word, known); c != "" {
		return "did you mean " + c + "?"
	}
	if len(known) == 0 {
		return "none is declared"
	}
	known = slices.Clone(known)
	slices.Sort(known)
	if len(known) > 12 {
		known = append(known[:12], "…")
	}
	return "write one of " + strings.Join(known, ", ")
}
