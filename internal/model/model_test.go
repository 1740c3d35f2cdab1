package model

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hoso-gov/hoso/procedures"
)

var (
	definitions = flag.Int("model.definitions", 200, "how many random definitions are played")
	playtime    = flag.Duration("model.budget", time.Minute, "how long the engine plays them at most; on a busy machine that is fewer of them")
	length      = flag.Int("model.commands", 30, "how many commands the cases of a definition get")
	seedFlag    = flag.Uint64("model.seed", 0, "where the random numbers begin; 0: somewhere")
)

// seed is where this run's random numbers begin.
var seed = sync.OnceValue(func() uint64 {
	if *seedFlag != 0 {
		return *seedFlag
	}
	return uint64(time.Now().UnixNano())
})

// source is the random numbers of the i-th definition.
func source(i int) *rand.Rand { return rand.New(rand.NewPCG(seed(), uint64(i))) }

// accepted tells whether the linter finds the definition sound.
func accepted(d *Def) bool {
	_, found := procedures.LoadOn(Files(d), "2026-11-26")
	for _, f := range found {
		if !f.Warning {
			return false
		}
	}
	return true
}

// drawn are the stories of this run: cases of each definition that the linter
// accepts, until so many commands have come together.
var drawn = sync.OnceValues(func() (stories []*Story, tried int) {
	for found := 0; found < *definitions; tried++ {
		r := source(tried)
		d := Draw(r, fmt.Sprintf("p%d", tried))
		if !accepted(d) {
			continue
		}
		found++
		for left := *length; left > 0; {
			s := DrawStory(r, d, left)
			stories, left = append(stories, s), left-len(s.Commands)-1 // filing is one too
		}
	}
	return stories, tried
})

// Whatever happens to cases of whatever definition the linter accepts, the engine
// on PostgreSQL and the reference agree after each command: whether it is accepted
// and why not, the state, visits, due date, task, timers, sub-cases, events 1 to n
// and what follows from them.
func TestEngineAgreesWithReference(t *testing.T) {
	t.Parallel()
	stories, tried := drawn()
	commands := 0
	for _, s := range stories {
		commands += len(s.Commands)
	}
	t.Logf("seed %d: the linter accepts %d of %d drawn definitions; %d cases, %d commands", seed(), *definitions, tried, len(stories), commands)
	if *definitions*4 < tried {
		t.Errorf("the linter accepts %d of %d drawn definitions: the drawing is too wild to show anything", *definitions, tried)
	}
	workers := max(2, runtime.GOMAXPROCS(0)/2)
	for k := range workers {
		var mine []*Story
		for i := k; i < len(stories); i += workers {
			mine = append(mine, stories[i])
		}
		t.Run(fmt.Sprint("engine ", k+1), func(t *testing.T) {
			t.Parallel()
			playAll(t, mine)
		})
	}
}

// engineFor starts an engine that has the definitions of all the stories.
func engineFor(t *testing.T, stories []*Story) *Engine {
	tree := fstest.MapFS{}
	for _, s := range stories {
		maps.Copy(tree, Files(s.Def))
	}
	return NewEngine(t, tree)
}

func playAll(t *testing.T, stories []*Story) {
	e := engineFor(t, stories)
	over := time.Now().Add(*playtime)
	for i, s := range stories {
		if time.Now().After(over) && i >= 20 {
			t.Logf("the time is over after %d of %d cases: -model.budget gives more", i, len(stories))
			return
		}
		if why := e.fails(t, s, ""); why != "" {
			small, why := s.Shrink(func(s *Story) string { return e.fails(t, s, "") })
			t.Fatalf("-model.seed=%d: definition %s: %s\n%s", seed(), s.Def.ID, why, small)
		}
	}
}

// fails tells where the engine and the reference differ; a part that breaks is a
// difference too.
func (e *Engine) fails(t *testing.T, s *Story, twist Twist) string {
	why, err := e.Play(t.Context(), s, twist)
	if err != nil {
		return err.Error()
	}
	return why
}

// The comparison can fail: a reference that is wrong in one of these ways is
// found out by the stories of this run, on the real engine.
func TestTwistedReferenceIsFound(t *testing.T) {
	t.Parallel()
	stories, _ := drawn()
	told := map[Twist]*Story{}
	var needed []*Story
	for _, twist := range Twists {
		for _, s := range stories {
			if s.Tells(twist) {
				told[twist] = s
				needed = append(needed, s)
				break
			}
		}
		if told[twist] == nil {
			t.Errorf("-model.seed=%d: no story of %d shows that %q is wrong", seed(), len(stories), twist)
		}
	}
	e := engineFor(t, needed)
	for twist, s := range told {
		if why := e.fails(t, s, twist); why == "" {
			t.Errorf("-model.seed=%d: the engine agrees with a reference that is wrong: %s\n%s", seed(), twist, s)
		}
	}
}

// A failing story is made as short as it can be and still fail.
func TestShrink(t *testing.T) {
	s := &Story{Def: &Def{}}
	for i := range 30 {
		s.Commands = append(s.Commands, Command{ID: i})
	}
	small, why := s.Shrink(func(s *Story) string {
		has := map[int]bool{}
		for _, c := range s.Commands {
			has[c.ID] = true
		}
		if has[3] && has[17] && has[29] {
			return "both"
		}
		return ""
	})
	if why != "both" || len(small.Commands) != 3 {
		t.Errorf("got %q and %d commands, want 3", why, len(small.Commands))
	}
}
