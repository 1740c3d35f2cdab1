package procedures

import (
	"fmt"
	"slices"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// budget proves that the officers' own budgets fit into the legal term: on no
// way from its start to an end do the running budgets add up to more than the
// shortest term. A budget counts once, over all visits of its state.
func (x *crosser) budget() {
	starts := x.f.workflow.get("clock").get("starts").str()
	limits := x.f.procedure.get("limits").list()
	if starts == "" || len(limits) == 0 {
		return
	}
	least, row := 0, limits[0]
	for i, l := range limits {
		if h := workingHours(duration(l.get("limit").str())); i == 0 || h < least {
			least, row = h, l
		}
	}
	states := x.f.workflow.get("states")
	ways := map[string][]string{}
	var from []string
	for _, s := range steps(x.f.workflow) {
		to := s.at.get("to").str()
		ways[s.state] = append(ways[s.state], to)
		if s.state+"."+s.event == starts || s.state == "" && starts == "file" {
			from = append(from, to)
		}
	}
	if initial := x.f.workflow.get("initial").str(); initial != "" && starts == "file" {
		from = append(from, initial)
	}
	for _, e := range states.entries() {
		for _, k := range []string{"then", "refused", "late"} {
			if to := e.value.get("join").get(k).str(); to != "" {
				ways[e.key] = append(ways[e.key], to)
			}
		}
	}
	weight := func(name string) int {
		s := states.get(name)
		if mode := s.get("clock").str(); mode == "paused" || mode == "off" {
			return 0
		}
		return workingHours(duration(s.get("within").str()))
	}
	total, way := heaviest(from, ways, weight)
	if total <= least {
		return
	}
	var trace []string
	for _, s := range way {
		if w := states.get(s).get("within"); w != nil && weight(s) > 0 {
			trace = append(trace, fmt.Sprintf("%s: %s (line %d)", s, w.str(), w.line))
		}
	}
	at := way[0]
	for _, name := range way {
		if weight(name) > weight(at) {
			at = name
		}
	}
	x.l.add(workflow.Finding{Code: "BUDGET", File: x.f.file(workflowFile), Line: states.get(at).get("within").line, Column: states.get(at).get("within").col, Trace: trace,
		Message: fmt.Sprintf("the budgets add up to %s, the legal term is %s", hoursText(total), row.get("limit").str()),
		Remedy:  "shorten within of the states on this way"})
}

// workingHours makes durations comparable: a working day has 8 hours, and of 7
// days 5 are worked; the day of receipt itself is one day. Only for this sum:
// due dates are counted by the calendar.
func workingHours(d workflow.Duration) int {
	if d == calendar.SameDay {
		return 8 // received in the morning; what comes later has to be quicker
	}
	switch d.Unit {
	case workflow.WorkingDays:
		return 8 * d.N
	case workflow.Days:
		return 8 * d.N * 5 / 7
	}
	return d.N
}

func hoursText(h int) string {
	if h%8 == 0 {
		return fmt.Sprintf("%dwd", h/8)
	}
	return fmt.Sprintf("%dwd %dh", h/8, h%8)
}

// heaviest finds the way with the greatest sum of weights. States that lead to
// each other may all be visited on one way, so a circle counts as a whole.
func heaviest(from []string, ways map[string][]string, weight func(string) int) (int, []string) {
	group := components(from, ways)
	type best struct {
		sum int
		way []string
	}
	memo := map[int]*best{}
	var visit func(g int) *best
	members := map[int][]string{}
	for s, g := range group {
		members[g] = append(members[g], s)
	}
	visit = func(g int) *best {
		if b := memo[g]; b != nil {
			return b
		}
		own := slices.Sorted(slices.Values(members[g]))
		b := &best{}
		for _, s := range own {
			for _, to := range ways[s] {
				if next, ok := group[to]; ok && next != g {
					if v := visit(next); v.sum > b.sum {
						b.sum, b.way = v.sum, v.way
					}
				}
			}
		}
		b.way = append(slices.Clone(own), b.way...)
		for _, s := range own {
			b.sum += weight(s)
		}
		memo[g] = b
		return b
	}
	out := &best{}
	for _, s := range from {
		if b := visit(group[s]); b.sum > out.sum {
			out = b
		}
	}
	return out.sum, out.way
}

// components numbers the strongly connected components (Tarjan).
func components(from []string, ways map[string][]string) map[string]int {
	index, low, group := map[string]int{}, map[string]int{}, map[string]int{}
	var stack []string
	on := map[string]bool{}
	next, groups := 0, 0
	var walk func(s string)
	walk = func(s string) {
		next++
		index[s], low[s] = next, next
		stack, on[s] = append(stack, s), true
		for _, to := range ways[s] {
			if index[to] == 0 {
				walk(to)
				low[s] = min(low[s], low[to])
			} else if on[to] {
				low[s] = min(low[s], index[to])
			}
		}
		if low[s] != index[s] {
			return
		}
		groups++
		for {
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			on[top] = false
			group[top] = groups
			if top == s {
				return
			}
		}
	}
	for _, s := range from {
		if index[s] == 0 {
			walk(s)
		}
	}
	return group
}
