package diagram

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hoso-gov/hoso/procedures"
)

const (
	sequences = 10_000 // of each procedure
	shortest  = 30     // events of one sequence at most, where no action is bounded
)

// xstateProcess is Node with XState, which plays what it is sent.
type xstateProcess struct {
	in  *bufio.Writer
	out *bufio.Scanner
}

func startXState(t *testing.T) *xstateProcess {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Node and XState")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node is missing: install nodejs and npm, then run npm ci")
	}
	if _, err := os.Stat(filepath.Join("..", "node_modules", "xstate")); err != nil {
		t.Fatal("the npm package xstate is missing: run npm ci")
	}
	cmd := exec.Command(node, filepath.Join("testdata", "differential.mjs"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("node: %v\n%s", err, stderr.Bytes())
		}
	})
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<22)
	return &xstateProcess{bufio.NewWriter(in), lines}
}

func (x *xstateProcess) send(v any) error { return json.NewEncoder(x.in).Encode(v) }

// load gives it a machine and the conditions by their number.
func (x *xstateProcess) load(machine any, conditions []string) error {
	if conditions == nil {
		conditions = []string{}
	}
	return x.send(map[string]any{"machine": machine, "conditions": conditions})
}

// A difference is a step at which the two engines part.
type difference struct {
	events    []event // up to the step
	got, want string  // XState's, ours
}

func (d difference) String() string {
	last := d.events[len(d.events)-1]
	return fmt.Sprintf("after %d events, at %s (truth %s, roles %v, actor %s):\n  xstate %s\n  ours   %s", len(d.events)-1, last.Type, last.Truth, last.Roles, last.Actor, d.got, d.want)
}

// longest is how many events a sequence has at most: enough to come round to
// the action that may be taken most often until it is used up.
func longest(m *twin) int {
	most := 0
	for _, s := range m.States {
		for _, ts := range s.Actions {
			for _, t := range ts {
				most = max(most, t.Max)
			}
		}
	}
	return shortest + 4*most
}

// compare plays n random sequences through both and returns how many steps were
// compared and the first step of each sequence at which they differ. stop ends it
// at the first of them.
func (x *xstateProcess) compare(m *twin, p *procedures.Procedure, r *rand.Rand, n int, seen coverage) (steps int, found []difference, err error) {
	type played struct {
		events []event
		told   []string
	}
	sent := make(chan played, 256)
	failed := make(chan error, 1)
	go func() {
		defer close(sent)
		for range n {
			events, told := newWalk(m, p, r, seen).sequence(longest(m))
			sent <- played{events, told}
			if err := x.send(map[string]any{"steps": events}); err != nil {
				failed <- err
				return
			}
		}
		failed <- x.in.Flush()
	}()
	for s := range sent {
		if !x.out.Scan() {
			return steps, found, cmpErr(x.out.Err(), io.ErrUnexpectedEOF)
		}
		var got []string
		if err := json.Unmarshal(x.out.Bytes(), &got); err != nil {
			return steps, found, err
		}
		if len(got) != len(s.told) {
			return steps, found, fmt.Errorf("%d answers to %d events", len(got), len(s.told))
		}
		for i := range got {
			steps++
			if got[i] != s.told[i] {
				found = append(found, difference{s.events[:i+1], got[i], s.told[i]})
				break
			}
		}
	}
	return steps, found, <-failed
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
