package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

// Every recipe of docs/authors/cookbook.md works as it stands there, by itself,
// in a folder that was empty: it checks, and its stories come true on the real engine.
func TestCookbook(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	t.Parallel()
	recipes := map[string][]block{}
	var order []string
	for _, b := range guideBlocks(t, "cookbook.md") {
		if recipes[b.section] == nil {
			order = append(order, b.section)
		}
		recipes[b.section] = append(recipes[b.section], b)
	}
	for _, name := range order {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAuthor(t, "cookbook.md", pgtest.Empty(t))
			all := ""
			for _, b := range recipes[name] {
				a.follow(b)
				all += b.body
			}
			for _, want := range []string{"$ hoso new ", "$ hoso check ", "no mistakes", "$ hoso test ", " scenarios passed"} {
				if !strings.Contains(all, want) {
					t.Errorf("the recipe does not show %q", want)
				}
			}
		})
	}
	page, err := os.ReadFile("../../docs/authors/cookbook.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\| \[([^]]+)\]`).FindAllStringSubmatch(string(page), -1) {
		if recipes[m[1]] == nil {
			t.Errorf("the table names the recipe %q, which is not there", m[1])
		}
	}
}
