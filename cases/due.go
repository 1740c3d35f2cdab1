package cases

import (
	"time"

	"github.com/hoso-gov/hoso/calendar"
)

// Due picks open cases by when they are due: of tasks the task, of the others
// the legal term.
type Due string

// The choices; empty is all.
const (
	DueOverdue Due = "overdue" // its time is over
	DueToday   Due = "today"   // still today, in Hanoi
	DueWeek    Due = "week"    // still in this week, which ends on Sunday
)

// Dues are all choices, in the order of the page.
var Dues = []Due{DueOverdue, DueToday, DueWeek}

func (d Due) known() bool { return d == "" || d.filter() != "" }

// filter is the condition on due_at, which all tables of lists have.
func (d Due) filter() string {
	switch d {
	case DueOverdue:
		return " AND due_at < @now"
	case DueToday:
		return " AND due_at >= @now AND due_at < @tomorrow"
	case DueWeek:
		return " AND due_at >= @now AND due_at < @monday"
	}
	return ""
}

// days are the command time and the ends of its day and of its week.
func (s *Service) days() (now, tomorrow, monday time.Time) {
	now = s.now()
	at := now.In(calendar.Hanoi)
	y, m, d := at.Date()
	left := (8 - int(at.Weekday())) % 7 // to the next Monday; 0: seven
	if left == 0 {
		left = 7
	}
	return now, time.Date(y, m, d+1, 0, 0, 0, 0, calendar.Hanoi), time.Date(y, m, d+left, 0, 0, 0, 0, calendar.Hanoi)
}
