// Package failpoint breaks a process on purpose at places with a name, so that
// the chaos harness can kill it between any two steps. In production nothing is
// armed and passing a place costs one atomic load.
//
// A place is a line of code: [Hit] where a process can die or be held up,
// [Fail] where a step can also be made to fail. The package knows which places
// there are; what has to be true after each is said by package doctor.
package failpoint

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// ErrInjected is what a place answers that was told to fail.
var ErrInjected = errors.New("a fail-point was told to fail")

// Place names a line of code where a process can be broken.
type Place string

// act is what happens at a place.
type act struct {
	kind   string        // kill, error, sleep
	nap    time.Duration // of sleep
	at     int64         // the pass that is hit, from 1; 0: by chance
	chance float64       // for each pass

	passes atomic.Int64
}

// armed are the acts by place; nil, which is the rule: nothing is armed.
var armed atomic.Pointer[map[Place][]*act]

// die ends the process as a power cut does. Tests replace it.
var die = func() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal comes before the next instruction that matters
}

// Hit kills or holds up the process when the place is armed so. An error that
// the place is armed with is not for it and happens nowhere.
func Hit(p Place) {
	if t := armed.Load(); t != nil {
		_ = pass((*t)[p], p, false)
	}
}

// Fail is [Hit] at a place where a step can fail too: it then wraps [ErrInjected].
func Fail(p Place) error {
	if t := armed.Load(); t != nil {
		return pass((*t)[p], p, true)
	}
	return nil
}

func pass(acts []*act, p Place, mayFail bool) error {
	for _, a := range acts {
		n := a.passes.Add(1)
		if a.at != 0 && n != a.at || a.at == 0 && rand.Float64() >= a.chance {
			continue
		}
		switch a.kind {
		case "kill":
			fmt.Fprintf(os.Stderr, "fail-point %s: kill\n", p)
			die()
		case "sleep":
			time.Sleep(a.nap)
		case "error":
			if mayFail {
				return fmt.Errorf("%s: %w", p, ErrInjected)
			}
		}
	}
	return nil
}

// Arm arms places as a text says, in place of what was armed before:
//
//	effect.call.before=kill@3; cases.write.after=error:0.1; timer.*=sleep(200ms):0.5
//
// After @ stands the pass that is hit, after the colon the chance of every
// pass. A name that ends in * means all places that begin so. Empty: nothing.
func Arm(text string) error {
	table := map[Place][]*act{}
	for entry := range strings.SplitSeq(text, ";") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		name, what, ok := strings.Cut(entry, "=")
		places := matching(name)
		if !ok || places == nil {
			return fmt.Errorf("fail-points: %q is not PLACE=ACT, or there is no such place", entry)
		}
		for _, p := range places {
			a, err := parse(what)
			if err != nil {
				return fmt.Errorf("fail-points: %q: %w", entry, err)
			}
			table[p] = append(table[p], a)
		}
	}
	if len(table) == 0 {
		armed.Store(nil)
		return nil
	}
	armed.Store(&table)
	return nil
}

// matching are the places that a name or a beginning with * means.
func matching(name string) []Place {
	begin, all := strings.CutSuffix(name, "*")
	var out []Place
	for _, p := range Places {
		if string(p) == name || all && strings.HasPrefix(string(p), begin) {
			out = append(out, p)
		}
	}
	return out
}

// parse reads kill@3, error:0.1 or sleep(200ms):0.5.
func parse(text string) (*act, error) {
	a := &act{chance: 1}
	what := text
	var err error
	if w, at, ok := strings.Cut(text, "@"); ok {
		what = w
		if a.at, err = strconv.ParseInt(at, 10, 64); err != nil || a.at < 1 {
			return nil, errors.New("after @ stands the number of a pass, from 1")
		}
	} else if w, chance, ok := strings.Cut(text, ":"); ok {
		what = w
		if a.chance, err = strconv.ParseFloat(chance, 64); err != nil || a.chance < 0 || a.chance > 1 {
			return nil, errors.New("after the colon stands a chance from 0 to 1")
		}
	}
	if nap, ok := strings.CutPrefix(what, "sleep("); ok {
		if a.nap, err = time.ParseDuration(strings.TrimSuffix(nap, ")")); err != nil {
			return nil, err
		}
		what = "sleep"
	}
	if a.kind = what; !slices.Contains([]string{"kill", "error", "sleep"}, what) {
		return nil, errors.New("an act is kill, error or sleep(DURATION)")
	}
	return a, nil
}
