package model

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/workflow"
)

// asked is one call of a history: a command, or a look at the case.
type asked struct {
	c     Command
	names int  // the revision that the command names; 0: none
	look  bool // the case is read
}

// told is the answer: the kind of refusal, or what was read.
type told struct {
	refused  string
	state    string
	revision int
}

// machine is the reference as porcupine takes it.
func machine(begin *World) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return begin },
		Step: func(state, input, output any) (bool, any) {
			in, out, w := input.(asked), output.(told), state.(*World)
			if in.look {
				return out == told{state: w.top.state, revision: len(w.top.events)}, w
			}
			w = w.clone()
			return w.act(w.top, in.c.Who, fmt.Sprint(in.c.ID), in.c.Event, in.names, in.c.In) == out.refused, w
		},
		Equal:             func(a, b any) bool { return a.(*World).key() == b.(*World).key() },
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v: %+v", in, out) },
	}
}

// crowd lets several people, on two nodes, do what they like with one case at
// once: some name the revision that they last saw, some none, some send a command
// twice. It returns the journal of calls and answers.
func crowd(t *testing.T, e *Engine, nodes []*cases.Service, r *rand.Rand, c *cases.Case) []porcupine.Operation {
	const clients, calls = 5, 7
	var (
		mu      sync.Mutex
		journal []porcupine.Operation
		all     sync.WaitGroup
		start   = time.Now()
		begin   = make(chan struct{})
	)
	for k := range clients {
		own := rand.New(rand.NewPCG(r.Uint64(), uint64(k)))
		all.Go(func() {
			<-begin
			seen := c.Revision
			for range calls {
				in := asked{look: own.IntN(4) == 0}
				if !in.look {
					event := []string{"note", "accept", "ask", "supply", "propose", "return", "withdraw", "refuse"}[own.IntN(20)%8]
					in.c = does(1+own.IntN(8), []string{"reception", "handler", "everything", "001196000101"}[own.IntN(4)], event)
					if own.IntN(2) == 0 {
						in.c.ID = 100 + own.IntN(1000)
					}
					if own.IntN(2) == 0 {
						in.names = seen
					}
				}
				op := porcupine.Operation{ClientId: k, Input: in, Call: int64(time.Since(start))}
				out, err := ask1(t.Context(), nodes[k%len(nodes)], c, in)
				op.Return, op.Output = int64(time.Since(start)), out
				if err != nil {
					t.Error(err)
					return
				}
				if in.look {
					seen = out.revision
				}
				mu.Lock()
				journal = append(journal, op)
				mu.Unlock()
			}
		})
	}
	close(begin)
	all.Wait()
	return journal
}

// ask1 makes one call.
func ask1(ctx context.Context, s *cases.Service, c *cases.Case, in asked) (told, error) {
	if in.look {
		now, err := s.Get(ctx, agency.Actor{Kind: agency.System, ID: "model"}, c.Code)
		if err != nil {
			return told{}, err
		}
		return told{state: string(now.State), revision: now.Revision}, nil
	}
	refused, err := kindOf(s.Do(ctx, in.c.Who.person(), cases.Command{Code: c.Code, ID: uuid.NewSHA1(c.ID, fmt.Append(nil, in.c.ID)),
		Revision: in.names, Event: workflow.Event(in.c.Event), Input: in.c.In.input()}))
	return told{refused: refused}, err
}

// Invariant 32: what several people see and do at once with one case, on two
// nodes, could have been seen and done one after another by the reference. The
// check can fail: references that are wrong cannot explain the same histories.
func TestHistoriesAreLinearizable(t *testing.T) {
	t.Parallel()
	d := licence()
	e := NewEngine(t, Files(d))
	second, _ := e.Node(t)
	r := source(1 << 20)
	twists := map[Twist]bool{"stale revision": false, "any body": false, "roles": false}
	for round := range 25 {
		a := Answers{Size: 3, Kind: "blue", Rest: absent}
		c, err := e.File(t.Context(), d, a, applicant)
		if err != nil {
			t.Fatal(err)
		}
		begin := &World{now: e.Now()}
		begin.file(d, a, applicant.ID)
		journal := crowd(t, e, []*cases.Service{e.Cases, second}, r, c)
		if t.Failed() {
			return
		}
		if result := porcupine.CheckOperationsTimeout(machine(begin), journal, time.Minute); result != porcupine.Ok {
			for _, op := range journal {
				t.Logf("%d to %d, client %d: %+v: %+v", op.Call, op.Return, op.ClientId, op.Input, op.Output)
			}
			t.Fatalf("-model.seed=%d, round %d: the history is %s", seed(), round, result)
		}
		for twist, found := range twists {
			if wrong := begin.clone(); !found {
				wrong.twist = twist
				twists[twist] = porcupine.CheckOperationsTimeout(machine(wrong), journal, time.Minute) == porcupine.Illegal
			}
		}
	}
	for twist, found := range twists {
		if !found {
			t.Errorf("-model.seed=%d: a reference with %q explains every history", seed(), twist)
		}
	}
}
