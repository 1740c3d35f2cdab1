package model

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
)

// Seen is a case as it can be seen from outside: of the engine or of the reference.
type Seen struct {
	Slot, State, Outcome string
	Due                  string
	Task, TaskDue        string
	Visits               map[string]int
	Timers               map[string]string
	Kids                 []string // slot, event that opened it, outcome, cancelled
	Events               []string
}

const stamp = "2006-01-02 15:04:05"

func stampOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(calendar.Hanoi).Format(stamp)
}

// view reads a case and its sub-cases, in the order of their opening.
func (e *Engine) view(ctx context.Context, id cases.ID) ([]Seen, error) {
	rows, err := e.Owner.Query(ctx, `
		SELECT json_build_object(
			'slot', coalesce(c.parent_slot, ''), 'state', c.state, 'outcome', coalesce(c.outcome, ''), 'due', c.due_at, 'visits', c.memory->'visits', 'revision', c.revision,
			'task', (SELECT json_build_object('role', t.role, 'agency', t.agency, 'due', t.due_at) FROM case_tasks t WHERE t.case_id = c.id),
			'timers', (SELECT json_object_agg(t.name, t.fire_at) FROM case_timers t WHERE t.case_id = c.id),
			'kids', (SELECT json_agg(concat_ws(' ', k.slot, k.gen, coalesce(k.outcome, '-'), k.cancelled) ORDER BY k.gen, k.slot) FROM case_children k WHERE k.case_id = c.id),
			'keys', (SELECT count(*) - count(DISTINCT f.key) FROM case_effects f WHERE f.case_id = c.id),
			'events', (SELECT json_agg(json_build_object('seq', v.seq, 'kind', v.kind, 'event', v.event, 'from', v.from_state, 'to', v.to_state, 'at', v.at,
				'effects', (SELECT string_agg(f.type || ':' || f.name, ', ' ORDER BY f.idx) FROM case_effects f
					WHERE f.case_id = v.case_id AND f.seq = v.seq AND f.type IN ('notify', 'send'))) ORDER BY v.seq)
				FROM case_events v WHERE v.case_id = c.id))
		FROM cases c
		WHERE c.id = $1 OR c.parent_id = $1
		ORDER BY coalesce(c.parent_gen, 0), c.parent_slot NULLS FIRST`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Seen
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		s, err := seenOf(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// seenOf brings a row into the words of the comparison.
func seenOf(raw []byte) (Seen, error) {
	var in struct {
		Slot, State, Outcome string
		Due                  *time.Time
		Revision, Keys       int
		Visits               map[string]int
		Task                 *struct {
			Role, Agency string
			Due          time.Time
		}
		Timers map[string]time.Time
		Kids   []string
		Events []struct {
			Seq                            int
			Kind, Event, From, To, Effects string
			At                             time.Time
		}
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return Seen{}, err
	}
	s := Seen{Slot: in.Slot, State: in.State, Outcome: in.Outcome, Visits: in.Visits, Timers: map[string]string{}, Kids: in.Kids}
	if in.Due != nil {
		s.Due = stampOf(*in.Due)
	}
	if in.Task != nil {
		s.Task, s.TaskDue = in.Task.Role+" at "+in.Task.Agency, stampOf(in.Task.Due)
	}
	for name, at := range in.Timers {
		s.Timers[name] = stampOf(at)
	}
	for _, v := range in.Events {
		s.Events = append(s.Events, eventLine(v.Seq, v.Kind, v.Event, v.From, v.To, v.Effects, v.At))
	}
	if in.Revision != len(in.Events) || in.Keys != 0 {
		return s, fmt.Errorf("revision %d with %d events, %d effects share a key", in.Revision, len(in.Events), in.Keys)
	}
	return s, nil
}

func eventLine(seq int, kind, event, from, to, effects string, at time.Time) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s %s: %s → %s at %s %s", seq, kind, event, from, to, stampOf(at), effects))
}

// view is what the reference has, in the same words.
func (w *World) view() []Seen {
	var out []Seen
	for _, c := range append([]*Case{w.top}, w.kidCases()...) {
		s := Seen{Slot: c.slot, State: c.state, Outcome: c.outcome, Due: stampOf(c.due), Visits: c.visits, Timers: map[string]string{}}
		if c.taskRole != "" {
			s.Task, s.TaskDue = c.taskRole+" at "+c.at[c.taskRole], stampOf(c.taskDue)
		}
		for name, at := range c.timers {
			s.Timers[name] = stampOf(at)
		}
		for _, k := range c.kids {
			outcome := k.reported
			if outcome == "" {
				outcome = "-"
			}
			s.Kids = append(s.Kids, fmt.Sprintf("%s %d %s %.1s", k.slot, k.gen, outcome, fmt.Sprint(k.cancelled)))
		}
		for _, v := range c.events {
			s.Events = append(s.Events, eventLine(v.Seq, v.Kind, v.Name, v.From, v.To, v.Effect, v.At))
		}
		out = append(out, s)
	}
	return out
}
