package failpoint

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Nothing is armed unless somebody arms it, and then only what was named, at
// the pass that was named.
func TestArm(t *testing.T) {
	t.Cleanup(func() { armed.Store(nil) })
	killed := 0
	old := die
	die = func() { killed++ }
	t.Cleanup(func() { die = old })

	must(t, Fail(WriteAfter))
	must(t, Arm("case.write.after=error@2; effect.*=kill@3; timer.fire.before=sleep(1ms)"))
	for i, want := range []bool{false, true, false} {
		if err := Fail(WriteAfter); errors.Is(err, ErrInjected) != want {
			t.Errorf("pass %d: %v", i+1, err)
		}
	}
	must(t, Fail(WriteBefore))
	for range 5 {
		Hit(CallAfter)
	}
	if killed != 1 {
		t.Errorf("killed %d times, want once: at the third pass", killed)
	}
	start := time.Now()
	Hit(TimerFireBefore)
	if time.Since(start) < time.Millisecond {
		t.Error("it did not sleep")
	}
	must(t, Arm("case.write.after=error:0"))
	must(t, Fail(WriteAfter))
	must(t, Arm("case.write.after=error"))
	Hit(WriteAfter) // a place that cannot fail goes on
	must(t, Arm(""))
	if armed.Load() != nil {
		t.Error("an empty text leaves something armed")
	}
	for _, wrong := range []string{"nowhere=kill", "case.write.after", "case.write.after=explode", "case.write.after=kill@0", "case.write.after=kill:2", "case.write.after=sleep(x)"} {
		if err := Arm(wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
}

// The environment counts only with HOSO_CHAOS=1, and a process that is to be
// broken says so.
func TestEnvironment(t *testing.T) {
	t.Cleanup(func() { armed.Store(nil) })
	env := map[string]string{Points: "case.write.after=error", Offset: "2h"}
	var told strings.Builder
	now, err := FromEnvironment(func(k string) string { return env[k] }, &told)
	must(t, err)
	if armed.Load() != nil || now().After(time.Now().Add(time.Minute)) || !strings.Contains(told.String(), "ignored") {
		t.Errorf("without %s it counts, or is ignored in silence: %q", Chaos, told.String())
	}
	env[Chaos] = "1"
	told.Reset()
	now, err = FromEnvironment(func(k string) string { return env[k] }, &told)
	must(t, err)
	if armed.Load() == nil || !strings.Contains(told.String(), "never set it in production") {
		t.Errorf("with %s: %q", Chaos, told.String())
	}
	if d := time.Until(now()); d < 119*time.Minute || d > 121*time.Minute {
		t.Errorf("the clock is ahead by %v", d)
	}
}

// A clock can jump in the middle.
func TestClock(t *testing.T) {
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	now, err := clock("-90m@10s", func() time.Time { return at })
	must(t, err)
	if got := now(); !got.Equal(at) {
		t.Errorf("before the jump it is %v", got)
	}
	at = at.Add(10 * time.Second)
	if got := now(); !got.Equal(at.Add(-90 * time.Minute)) {
		t.Errorf("after the jump it is %v", got)
	}
}

// Every place of the list stands in the code, and the code has no other: the
// chaos harness kills at all of them.
func TestPlaces(t *testing.T) {
	declared := map[string]Place{} // WriteAfter → case.write.after
	text, err := os.ReadFile("places.go")
	must(t, err)
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+)\s+Place = "([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		declared[m[1]] = Place(m[2])
	}
	if len(declared) != len(Places) {
		t.Errorf("%d places are declared, %d are in the list", len(declared), len(Places))
	}
	call := regexp.MustCompile(`failpoint\.(?:Hit|Fail)\(failpoint\.(\w+)\)`)
	any := regexp.MustCompile(`failpoint\.(?:Hit|Fail)\(`)
	used := map[Place]int{}
	must(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == ".hoso"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "../../internal/failpoint/"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		calls := call.FindAllStringSubmatch(string(text), -1)
		if n := len(any.FindAll(text, -1)); n != len(calls) {
			t.Errorf("%s passes a place that is not one of the list by name", path)
		}
		for _, m := range calls {
			p, ok := declared[m[1]]
			if !ok {
				t.Errorf("%s: there is no place %s", path, m[1])
			}
			used[p]++
		}
		return nil
	}))
	for _, p := range Places {
		if used[p] == 0 {
			t.Errorf("nothing passes %s", p)
		}
	}
	if sorted := slices.Sorted(slices.Values(Places)); len(slices.Compact(sorted)) != len(Places) {
		t.Error("a place stands in the list twice")
	}
}

// What is not armed costs next to nothing.
func BenchmarkHit(b *testing.B) {
	for b.Loop() {
		Hit(WriteAfter)
	}
}
