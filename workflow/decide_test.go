package workflow

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func vars(fee int64, big bool, size int64) map[string]any {
	return map[string]any{"form": map[string]any{"big": big, "size": size}, "case": map[string]any{"fee": fee}}
}

// A trigger takes the first transition whose condition holds, and passes the
// states that are left at once.
func TestDecide(t *testing.T) {
	m := sound(t)
	reception, handler, approver, applicant := []Role{"reception"}, []Role{"handler"}, []Role{"approver"}, []Role{"applicant"}
	for _, tt := range []struct {
		name   string
		in     Input
		way    []State
		open   []string
		reason string
	}{
		{"filing with a fee", Input{Trigger: Trigger{ByFile, "file"}, Vars: vars(5, false, 0)}, []State{"payment"}, nil, ""},
		{"filing without one", Input{Trigger: Trigger{ByFile, "file"}, Vars: vars(0, false, 0)}, []State{"intake"}, nil, ""},
		{"the else, through an auto state", Input{State: "intake", Trigger: Trigger{ByAction, "accept"}, Roles: reception, Vars: vars(0, false, 0)}, []State{"sorting", "examine"}, nil, ""},
		{"sub-cases are opened", Input{State: "intake", Trigger: Trigger{ByAction, "accept"}, Roles: reception, Vars: vars(0, true, 4)}, []State{"opinions"}, []string{"owner"}, ""},
		{"none is opened: joined at once", Input{State: "intake", Trigger: Trigger{ByAction, "accept"}, Roles: reception, Vars: vars(0, true, 1)}, []State{"opinions", "sorting", "examine"}, nil, ""},
		{"without the role", Input{State: "intake", Trigger: Trigger{ByAction, "accept"}, Roles: applicant, Vars: vars(0, true, 1)}, nil, nil, ReasonRole},
		{"no such action here", Input{State: "intake", Trigger: Trigger{ByAction, "grant"}, Roles: approver}, nil, nil, ReasonNone},
		{"used up", Input{State: "examine", Trigger: Trigger{ByAction, "ask"}, Roles: handler, Visits: map[string]int{"examine.ask": 1}}, nil, nil, ReasonMax},
		{"who proposed may not grant", Input{State: "approve", Trigger: Trigger{ByAction, "grant"}, Roles: approver, ActorID: "a", ActedBy: map[Event][]string{"propose": {"b", "a"}}}, nil, nil, ReasonUnlike},
		{"another may", Input{State: "approve", Trigger: Trigger{ByAction, "grant"}, Roles: approver, ActorID: "c", ActedBy: map[Event][]string{"propose": {"b", "a"}}}, []State{"recording"}, nil, ""},
		{"a signal of the system", Input{State: "recording", Trigger: Trigger{BySignal, "registry-updated"}, System: true}, []State{"granted"}, nil, ""},
		{"a time-out", Input{State: "recording", Trigger: Trigger{ByTimeout, "2h"}, System: true}, []State{"repair"}, nil, ""},
		{"withdrawn", Input{State: "examine", Trigger: Trigger{ByWithdraw, "withdraw"}, Roles: applicant}, []State{"withdrawn"}, nil, ""},
		{"no withdrawal after the final act", Input{State: "recording", Trigger: Trigger{ByWithdraw, "withdraw"}, Roles: applicant}, nil, nil, ReasonFinal},
		{"nor when the final act is behind", Input{State: "examine", Trigger: Trigger{ByWithdraw, "withdraw"}, Roles: applicant, Visits: map[string]int{"recording.2h": 1}}, nil, nil, ReasonFinal},
		{"and no refusal, whatever the definition says", Input{State: "intake", Trigger: Trigger{ByAction, "decline"}, Roles: reception, Visits: map[string]int{"recording.2h": 1}}, nil, nil, ReasonFinal},
		{"a refusal before the final act", Input{State: "intake", Trigger: Trigger{ByAction, "decline"}, Roles: reception}, []State{"refused"}, nil, ""},
		{"an officer does not withdraw", Input{State: "examine", Trigger: Trigger{ByWithdraw, "withdraw"}, Roles: handler}, nil, nil, ReasonRole},
		{"an end is an end", Input{State: "granted", Trigger: Trigger{ByWithdraw, "withdraw"}, Roles: applicant}, nil, nil, ReasonEnded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := m.Decide(tt.in)
			if refused, ok := errors.AsType[*NotAllowedError](err); tt.reason != "" || ok {
				if !ok || refused.Reason != tt.reason {
					t.Fatalf("refused %v, want %s", err, tt.reason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var way []State
			for _, x := range d.Taken {
				way = append(way, x.To)
			}
			var open []string
			for _, c := range d.EntersSubcases {
				open = append(open, c.Name)
			}
			if diff := cmp.Diff(tt.way, way) + cmp.Diff(tt.open, open); diff != "" || d.To != tt.way[len(tt.way)-1] {
				t.Errorf("(-want +got): %s; to %s", diff, d.To)
			}
		})
	}
}

// A condition that cannot be evaluated is an error, not false.
func TestGuardError(t *testing.T) {
	_, err := sound(t).Decide(Input{State: "intake", Trigger: Trigger{ByAction, "accept"}, Roles: []Role{"reception"}, Vars: map[string]any{}})
	if g, ok := errors.AsType[*GuardError](err); !ok || g.Event != "accept" {
		t.Fatalf("got %v", err)
	}
}

// A join fires by its rule, whatever the order of the outcomes, and when the window ends.
func TestJoined(t *testing.T) {
	m := sound(t)
	type outcomes = map[string]Outcome
	for _, tt := range []struct {
		name  string
		rule  string
		in    outcomes
		over  bool
		to    State
		fires bool
	}{
		{"all agreed", "all", outcomes{"a": "agreed", "b": "agreed"}, false, "sorting", true},
		{"one is open", "all", outcomes{"a": "agreed", "b": ""}, false, "", false},
		{"one refuses, one is open", "all", outcomes{"a": "refused", "b": ""}, false, "examine", true},
		{"the window is over", "all", outcomes{"a": "agreed", "b": ""}, true, "examine", true},
		{"any: one agreed", "any", outcomes{"a": "agreed", "b": ""}, false, "sorting", true},
		{"any: none agreed", "any", outcomes{"a": "refused", "b": "refused"}, false, "examine", true},
		{"first-negative: no answer is no refusal", "first-negative", outcomes{"a": "agreed", "b": "lapsed"}, false, "sorting", true},
		{"first-negative: one refuses, one is open", "first-negative", outcomes{"a": "refused", "b": ""}, false, "examine", true},
		{"first-negative: one is open", "first-negative", outcomes{"a": "lapsed", "b": ""}, false, "", false},
		{"first-negative: an outcome that nobody knew is no refusal", "first-negative", outcomes{"a": "agreed", "b": "unheard-of"}, false, "sorting", true},
		{"all with classes: no answer is not agreement", "all", outcomes{"a": "agreed", "b": "lapsed"}, false, "examine", true},
		{"count: two of three agreed", "count", outcomes{"a": "agreed", "b": "", "c": "agreed"}, false, "sorting", true},
		{"count: two can still agree", "count", outcomes{"a": "refused", "b": "", "c": "agreed"}, false, "", false},
		{"count: two cannot agree any more", "count", outcomes{"a": "refused", "b": "", "c": "lapsed"}, false, "examine", true},
		{"count: fewer were asked than have to agree", "count", outcomes{"a": "agreed"}, false, "sorting", true},
		{"count: the window is over", "count", outcomes{"a": "agreed", "b": "", "c": ""}, true, "examine", true},
		{"settled: all ended", "settled", outcomes{"a": "refused", "b": "agreed"}, false, "sorting", true},
		{"settled: one is open", "settled", outcomes{"a": "refused", "b": ""}, false, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := m.States["opinions"].Join
			j.Rule, j.Count, j.Outcomes = tt.rule, 2, nil
			if strings.Contains(tt.name, "classes") || tt.rule == RuleFirstNegative {
				j.Outcomes = map[Outcome]Class{"agreed": ClassOK, "refused": ClassStop, "lapsed": ClassGap, OutcomeCancelled: ClassGap, OutcomeTimedOut: ClassGap}
			}
			to, fires := m.Joined("opinions", tt.in, tt.over)
			if fires != tt.fires || fires && to != tt.to {
				t.Errorf("got %s %t", to, fires)
			}
		})
	}
}

// The actions offered are those that the roles may take; the ones that are
// refused now say why.
func TestOptions(t *testing.T) {
	m := sound(t)
	got, err := m.Options(Input{State: "examine", Roles: []Role{"handler", "applicant"}, Visits: map[string]int{"examine.ask": 1}})
	if err != nil {
		t.Fatal(err)
	}
	words := map[Event]string{}
	for _, o := range got {
		words[o.Event] = "open"
		if o.Refused != nil {
			words[o.Event] = o.Refused.Reason
		}
	}
	want := map[Event]string{"propose": "open", "verify": "open", "ask": ReasonMax, "withdraw": "open"}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Error(diff)
	}
}

// Whatever its actors try, a case never leaves an end, never exceeds a limit,
// and what is refused says why.
func TestMachineHolds(t *testing.T) {
	m := sound(t)
	roles := [][]Role{{"applicant"}, {"reception"}, {"handler"}, {"approver"}}
	var triggers []Trigger
	for _, b := range m.branches() {
		for _, x := range b.ts {
			if b.from != nil && b.kind != "" {
				triggers = append(triggers, Trigger{b.kind, x.Event})
			}
		}
	}
	triggers = append(triggers, Trigger{ByWithdraw, "withdraw"})
	rapid.Check(t, func(t *rapid.T) {
		visits := map[string]int{}
		v := vars(rapid.Int64Range(0, 1).Draw(t, "fee"), rapid.Bool().Draw(t, "big"), rapid.Int64Range(0, 9).Draw(t, "size"))
		d, err := m.Decide(Input{Trigger: Trigger{ByFile, "file"}, Vars: v})
		if err != nil {
			t.Fatal(err)
		}
		s := d.To
		for range 40 {
			try := rapid.SampledFrom(triggers).Draw(t, "try")
			in := Input{State: s, Trigger: try, Vars: v, Visits: visits, Roles: rapid.SampledFrom(roles).Draw(t, "roles")}
			in.System = try.Kind == BySignal || try.Kind == ByTimeout
			d, err := m.Decide(in)
			if err != nil {
				if refused, ok := errors.AsType[*NotAllowedError](err); !ok || refused.Reason == "" {
					t.Fatalf("%v in %s: %v", try, s, err)
				}
				continue
			}
			if m.States[s].Kind == Final {
				t.Fatalf("%s left the end %s", try.Event, s)
			}
			from := s
			for _, x := range d.Taken {
				visits[Visit(from, x.Event)]++
				if x.Max > 0 && visits[Visit(from, x.Event)] > x.Max {
					t.Fatalf("%s was taken more than %d times", x.Event, x.Max)
				}
				from = x.To
			}
			s = d.To
		}
	})
}

// What offices may still need for a case are the tasks on the longest way to an end.
func TestAhead(t *testing.T) {
	m := sound(t)
	for from, want := range map[State][]State{
		"intake": {"examine", "approve"}, "examine": {"approve"}, "opinions": {"examine", "approve"},
		"approve": nil, "verification": {"examine", "approve"}, "recording": {"repair"}, "repair": nil, "granted": nil,
	} {
		var got []State
		for _, s := range m.Ahead(from) {
			got = append(got, s.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("ahead of %s are %v, want %v", from, got, want)
		}
	}
}

// Who extends the term has the role, does it where the law allows it, and as
// often as it allows.
func TestExtension(t *testing.T) {
	m := sound(t)
	trigger := Trigger{Kind: ByExtend, Event: Event(ByExtend)}
	for _, tt := range []struct {
		name   string
		in     Input
		reason string
	}{
		{"the approver", Input{State: "examine", Roles: []Role{"approver"}}, ""},
		{"somebody else", Input{State: "examine", Roles: []Role{"handler"}}, ReasonRole},
		{"elsewhere", Input{State: "verification", Roles: []Role{"approver"}}, ReasonNone},
		{"a second time", Input{State: "approve", Roles: []Role{"approver"}, Visits: map[string]int{Extended: 1}}, ReasonMax},
		{"after the end", Input{State: "granted", Roles: []Role{"approver"}}, ReasonEnded},
	} {
		tt.in.Trigger = trigger
		d, err := m.Decide(tt.in)
		refused, _ := errors.AsType[*NotAllowedError](err)
		switch {
		case tt.reason == "" && (err != nil || d.To != tt.in.State || !slices.Equal(d.Taken[0].Needs, []string{"days", "note"})):
			t.Errorf("%s: %+v, %v", tt.name, d, err)
		case tt.reason != "" && (refused == nil || refused.Reason != tt.reason):
			t.Errorf("%s: %v, want refused because of %s", tt.name, err, tt.reason)
		}
	}
}
