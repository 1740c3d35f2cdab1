package cases

import (
	"bytes"
	"testing"
	"testing/fstest"

	"github.com/hoso-gov/hoso/calendar"
)

// asksUntil is the sound procedure with a supplement whose time-outs count from a day.
func asksUntil(t *testing.T, day string) fstest.MapFS {
	t.Helper()
	tree := withSupplement(t)
	old, now := "    after: {30d: {to: lapsed, effects: [notify: done]}}\n", "    counts-from: "+day+"\n    after: {0wd: {to: lapsed, effects: [notify: done]}, 3wd: {to: lapsed, effects: [notify: done]}}\n"
	flow := tree["stall/workflow.yaml"]
	if bytes.Count(flow.Data, []byte(old)) != 1 {
		t.Fatal("the supplement has other time-outs")
	}
	flow.Data = bytes.Replace(flow.Data, []byte(old), []byte(now), 1)
	return tree
}

// Time-outs count from the day that the state names, whatever day it is entered
// on; a day that is not known leaves them to the entry.
func TestCountsFrom(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ day, same, third string }{
		{"plusDays(case.filedOn, 30)", "2026-12-02 17:00", "2026-12-07 17:00"},
		{"plusDays(case.filedOn, 26)", "2026-11-30 17:00", "2026-12-03 17:00"}, // a Saturday, which counts as the Monday after
		{"\"values.rent > 0 ? '' : case.filedOn\"", "2026-11-02 17:00", "2026-11-05 17:00"},
	} {
		t.Run(tt.day, func(t *testing.T) {
			t.Parallel()
			o := newOfficeOf(t, asksUntil(t, tt.day))
			c := o.asked()
			for name, want := range map[string]string{"0wd": tt.same, "3wd": tt.third} {
				var got string
				o.ok(o.db.QueryRow(t.Context(), `SELECT to_char(fire_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24:MI') FROM case_timers WHERE case_id = $1 AND name = $2`, c.ID, name).Scan(&got))
				if got != want {
					t.Errorf("%s fires at %s, want %s", name, got, want)
				}
			}
			if got := o.get(hand70, c.Code).AskedBy.In(calendar.Hanoi).Format("2006-01-02 15:04"); got != tt.same {
				t.Errorf("the citizen has until %s, want %s", got, tt.same)
			}
		})
	}
}
