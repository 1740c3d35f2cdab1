package calendar

import (
	"fmt"
	"time"
)

// Line is one line of the derivation of a due date, for people to read. Days
// that follow each other and count alike share a line.
type Line struct {
	Day   string `json:"day"`             // first day that it speaks of, "2026-03-02"
	Until string `json:"until,omitempty"` // last one; empty: the same
	VI    string `json:"vi"`
	EN    string `json:"en"`
}

// stepKind tells how a day counted.
type stepKind int

const (
	firstDay     stepKind = iota // of receipt: not counted
	countedDay                   // used up
	countedHours                 // hours of it used up
	pausedDay                    // the clock stood still at its close
	dayOff                       // not counted, because offices are closed
	nextDay                      // working day after the last day of the term, which could not end on it
)

// step is one day on the way to the due date.
type step struct {
	day   day
	kind  stepKind
	n     int           // of a counted day: which it is
	spent time.Duration // of counted hours
	why   *reason
}

// way is the whole way of a term.
type way struct {
	start  time.Time
	first  day
	missed time.Time // the cut-off, when the start came after it; else zero
	limit  Duration  // with the extensions
	steps  []step

	extended []Extension
	due      time.Time
}

// lines tells the way in as few lines as a reader can follow.
func (w *way) lines() []Line {
	var out []Line
	if l, ok := w.shifted(); ok {
		out = append(out, l)
	}
	for i := 0; i < len(w.steps); {
		from := w.steps[i]
		j := i + 1
		for j < len(w.steps) && w.joins(from, w.steps[j]) {
			j++
		}
		out = append(out, w.line(from, w.steps[j-1]))
		i = j
	}
	return append(append(out, w.extensions()...), w.end())
}

// extensions tells each decision that lengthened the term.
func (w *way) extensions() []Line {
	out := make([]Line, len(w.extended))
	for i, e := range w.extended {
		by, d, at := Duration{N: e.N, Unit: w.limit.Unit}, dayOf(e.At), e.At.In(Hanoi).Format("15:04")
		out[i] = Line{Day: d.String(), VI: fmt.Sprintf("%s, %s: gia hạn thêm %s", upper(d.vi()), at, by.vi()), EN: fmt.Sprintf("%s, %s: extended by %s", d.en(), at, by.en())}
	}
	return out
}

// joins tells whether a step is told in the line that begins with from.
func (w *way) joins(from, next step) bool {
	if from.kind != next.kind {
		return false
	}
	switch from.kind {
	case pausedDay:
		return true
	case countedDay, dayOff:
		return w.reason(from) == w.reason(next)
	}
	return false
}

// reason is why a day is not as the week has it, when that mattered for its counting.
func (w *way) reason(s step) *reason {
	if s.kind == pausedDay || s.kind == countedDay && w.limit.Unit == Days {
		return nil
	}
	return s.why
}

// shifted tells that the first day is not the day on which the case came.
func (w *way) shifted() (Line, bool) {
	came := dayOf(w.start)
	if came == w.first {
		return Line{}, false
	}
	at := w.start.In(Hanoi).Format("15:04")
	why := Text{VI: "vào ngày nghỉ", EN: "on a day off"}
	if !w.missed.IsZero() {
		cut := w.missed.Format("15:04")
		why = Text{VI: "sau " + cut, EN: "after " + cut}
	}
	return Line{Day: came.String(),
		VI: fmt.Sprintf("%s, %s: nhận %s nên tính là nhận vào %s", upper(came.vi()), at, why.VI, w.first.vi()),
		EN: fmt.Sprintf("%s, %s: received %s, so it counts as received on %s", came.en(), at, why.EN, w.first.en()),
	}, true
}

// line tells a run of days that count alike.
func (w *way) line(from, to step) Line {
	t := w.told(from, to)
	l := Line{Day: from.day.String()}
	vi, en := upper(from.day.vi()), from.day.en()
	if to.day != from.day {
		l.Until = to.day.String()
		vi, en = vi+" đến "+to.day.vi(), en+" to "+to.day.en()
	}
	if why := w.reason(from); why != nil {
		t.VI, t.EN = t.VI+" ("+why.text.VI+")", t.EN+" ("+why.text.EN+")"
	}
	l.VI, l.EN = vi+": "+t.VI, en+": "+t.EN
	return l
}

// told says how a run of days counts.
func (w *way) told(from, to step) Text {
	switch from.kind {
	case firstDay:
		return Text{VI: "ngày nhận hồ sơ, không tính", EN: "received, not counted"}
	case countedDay:
		unit := Text{VI: "ngày làm việc", EN: "working day"}
		if w.limit.Unit == Days {
			unit = Text{VI: "ngày", EN: "day"}
		}
		if from.n == to.n {
			return Text{VI: fmt.Sprintf("%s thứ %d", unit.VI, from.n), EN: fmt.Sprintf("%s %d", unit.EN, from.n)}
		}
		return Text{VI: fmt.Sprintf("%s thứ %d đến thứ %d", unit.VI, from.n, to.n), EN: fmt.Sprintf("%ss %d to %d", unit.EN, from.n, to.n)}
	case countedHours:
		return Text{VI: "tính " + spentText(from.spent, "giờ", "phút") + " làm việc", EN: spentText(from.spent, "h", "min") + " of office hours counted"}
	case pausedDay:
		return Text{VI: "tạm dừng, không tính", EN: "paused, not counted"}
	case nextDay:
		return Text{VI: "ngày làm việc đầu tiên sau ngày cuối cùng của thời hạn", EN: "the first working day after the term's last day"}
	}
	if from.why == nil {
		return Text{VI: "nghỉ hằng tuần, không tính", EN: "weekend, not counted"}
	}
	if from.day == to.day {
		return Text{VI: "ngày nghỉ, không tính", EN: "day off, not counted"}
	}
	return Text{VI: "ngày nghỉ, không tính", EN: "days off, not counted"}
}

// end tells when the term is over.
func (w *way) end() Line {
	d, at := dayOf(w.due), w.due.In(Hanoi).Format("15:04")
	return Line{Day: d.String(), VI: fmt.Sprintf("%s, %s: hết thời hạn %s", upper(d.vi()), at, w.limit.vi()),
		EN: fmt.Sprintf("%s, %s: end of the term of %s", d.en(), at, w.limit.en())}
}

// spentText is "1 h 30 min".
func spentText(d time.Duration, h, min string) string {
	d = d.Truncate(time.Minute)
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case minutes == 0:
		return fmt.Sprintf("%d %s", hours, h)
	case hours == 0:
		return fmt.Sprintf("%d %s", minutes, min)
	}
	return fmt.Sprintf("%d %s %d %s", hours, h, minutes, min)
}
