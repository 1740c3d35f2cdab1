package procedures

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hoso-gov/hoso/workflow"
)

// Adopting replaces what is sound at once and keeps what it replaces by its
// hash; a folder with a mistake keeps its version, and its faults are told.
func TestAdopt(t *testing.T) {
	c, _ := LoadOn(sound(t), testDay)
	c.Today = func() string { return testDay }
	old, _ := c.Get("stall")
	edit := func(from, to string) fstest.MapFS {
		tree := sound(t)
		src := string(tree["stall/procedure.yaml"].Data)
		if !strings.Contains(src, from) {
			t.Fatalf("the sound folder has no %q", from)
		}
		tree["stall/procedure.yaml"] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(src, from, to))}
		return tree
	}

	next, found := c.Reload(edit("20000", "case.nothing"), []ID{"stall"})
	if changed := c.Adopt(next, found); changed != nil {
		t.Errorf("a faulty folder was adopted: %v", idsOf(changed))
	}
	if p, _ := c.Get("stall"); p != old || len(c.Faults("stall")) == 0 || !slices.Equal(c.Faulty(), []ID{"stall"}) {
		t.Errorf("a faulty folder: version %.8s, faults %v", p.Hash, c.Faults("stall"))
	}

	next, found = c.Reload(edit("20000", "20001"), []ID{"stall"})
	if changed := c.Adopt(next, found); !slices.Equal(idsOf(changed), []ID{"stall"}) {
		t.Errorf("changed: %v, %v", idsOf(changed), found)
	}
	p, _ := c.Get("stall")
	if p.Hash == old.Hash || len(c.Faults("stall")) != 0 {
		t.Errorf("the sound folder was not adopted: %v", c.Faults("stall"))
	}
	if before, ok := c.ByHash(old.Hash); !ok || before != old || c.Files(old.Hash) == nil {
		t.Error("the version before is lost")
	}
	if _, ok := c.Get("opinion"); !ok {
		t.Error("a folder that was not touched is lost")
	}
}

// Without the proofs a definition can still be played, and what cannot even be
// read is found.
func TestReloadUnproven(t *testing.T) {
	c, _ := LoadOn(sound(t), testDay)
	c.Today = func() string { return testDay }
	all, _ := c.Get("stall")
	for _, tt := range []struct {
		file, from, to  string
		unproven, found bool // whether a mistake is found without the proofs, and with them
	}{
		{"procedure.yaml", "20000", "20001", false, false},
		{"workflow.yaml", "notify: ", "notify: nobody-", false, true},
		{"procedure.yaml", "20000", "case.nothing", true, true},
	} {
		tree := sound(t)
		src := string(tree["stall/"+tt.file].Data)
		tree["stall/"+tt.file] = &fstest.MapFile{Data: []byte(strings.Replace(src, tt.from, tt.to, 1))}
		isWrong := func(f workflow.Finding) bool { return !f.Warning }
		next, found := c.ReloadUnproven(tree, []ID{"stall"})
		if got := slices.ContainsFunc(found, isWrong); got != tt.unproven {
			t.Errorf("%s instead of %s, without proofs: %v", tt.to, tt.from, found)
		}
		if p, ok := next.Get("stall"); !tt.unproven && (!ok || p.Hash == all.Hash || len(p.Scenarios) != len(all.Scenarios)) {
			t.Errorf("%s instead of %s: not there as it has to be", tt.to, tt.from)
		}
		if _, found := c.Reload(tree, []ID{"stall"}); slices.ContainsFunc(found, isWrong) != tt.found {
			t.Errorf("%s instead of %s, with proofs: %v", tt.to, tt.from, found)
		}
	}
}

// A broken shared file leaves everything as it was.
func TestAdoptCommon(t *testing.T) {
	c, _ := LoadOn(sound(t), testDay)
	c.Today = func() string { return testDay }
	before := idsOf(c.All())
	tree := sound(t)
	tree[elementsFile] = &fstest.MapFile{Data: []byte("registries: [")}
	next, found := c.Reload(tree, []ID{commonFolder})
	if changed := c.Adopt(next, found); changed != nil || !slices.Equal(before, idsOf(c.All())) || len(c.Faults("stall")) == 0 {
		t.Errorf("changed %v, faults %v", idsOf(changed), c.Faults("stall"))
	}
}

// What is published decides by the day of filing; folders answer for what never
// was; in development folders stand before it.
func TestInForce(t *testing.T) {
	c, _ := LoadOn(sound(t), testDay)
	folder, _ := c.On("stall", testDay)
	on := func(day string) Hash {
		p, ok := c.On("stall", day)
		if !ok {
			return "none"
		}
		return p.Hash
	}
	if on("2020-01-01") != folder.Hash {
		t.Error("what was never published is not the folder's")
	}
	edition := func(h Hash, from, until string) *Edition {
		return &Edition{Procedure: &Procedure{ID: "stall", Hash: h}, Validity: Validity{From: from, Until: until}}
	}
	c.Publish([]*Edition{edition("1", "2026-01-01", ""), edition("2", "2027-01-01", "2027-06-30"), edition("3", "2027-01-01", "2027-03-31")})
	for day, want := range map[string]Hash{"2025-12-31": folder.Hash, "2026-01-01": "1", "2026-12-31": "1", "2027-01-01": "3", "2027-03-31": "3", "2027-04-01": "2", "2027-07-01": "1"} {
		if got := on(day); got != want {
			t.Errorf("on %s: %.8s, want %s", day, got, want)
		}
	}
	if _, ok := c.ByHash("2"); !ok {
		t.Error("a publication cannot be found by its hash")
	}
	c.FoldersFirst()
	if on("2026-01-01") != folder.Hash {
		t.Error("in development the folder does not stand first")
	}
}

// A saved file is told once it stands still, and only its folder.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, sound(t))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	told := make(chan []ID)
	go Watch(ctx, os.DirFS(dir), func(folders []ID) {
		select {
		case told <- folders:
		case <-ctx.Done():
		}
	})
	for i := 1; ; i++ { // a change before the watcher's first look goes unseen: change again
		put(t, dir, fstest.MapFS{"stall/procedure.yaml": {Data: []byte(strings.Repeat("#\n", i))}})
		select {
		case got := <-told:
			if !slices.Equal(got, []ID{"stall"}) {
				t.Errorf("told %v", got)
			}
			return
		case <-time.After(time.Second):
		case <-ctx.Done():
			t.Fatal("nothing was told")
		}
	}
}

// The days that a definition names for itself bound it, and must be days.
func TestValid(t *testing.T) {
	with := func(valid string) (*Catalogue, []workflow.Finding) {
		tree := sound(t)
		tree["stall/procedure.yaml"] = &fstest.MapFile{Data: append([]byte("valid: "+valid+"\n"), tree["stall/procedure.yaml"].Data...)}
		return LoadOn(tree, testDay)
	}
	c, found := with("{from: 2026-03-01, until: 2026-12-31}")
	if len(found) != 0 {
		t.Fatal(found)
	}
	for day, want := range map[string]bool{"2026-02-28": false, "2026-03-01": true, "2026-12-31": true, "2027-01-01": false} {
		if _, ok := c.On("stall", day); ok != want {
			t.Errorf("on %s: %v, want %v", day, ok, want)
		}
	}
	for valid, at := range map[string]int{"{from: 2026-02-30}": 15, "{from: 2026-03-01, until: 2026-02-01}": 34} {
		if _, found := with(valid); len(found) != 1 || found[0].Code != "DATES" || found[0].Line != 1 || found[0].Column != at {
			t.Errorf("%s: %v", valid, found)
		}
	}
}
