package calendar

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// at reads "2026-03-02 09:00" or "2026-03-02 09:00:00" as an instant in Hanoi.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	if len(s) == len("2026-03-02 09:00") {
		s += ":00"
	}
	v, err := time.ParseInLocation(time.DateTime, s, Hanoi)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// spans reads "2026-03-04 15:00 > 2026-03-12 10:00; ..." as pauses.
func spans(t testing.TB, s string) []Span {
	var out []Span
	for p := range strings.SplitSeq(s, ";") {
		if from, to, ok := strings.Cut(p, ">"); ok {
			out = append(out, Span{From: at(t, strings.TrimSpace(from)), To: at(t, strings.TrimSpace(to))})
		}
	}
	return out
}

func limit(t testing.TB, s string) Duration {
	d, err := ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// later is a now after everything that happens in a test.
var later = time.Date(2027, 12, 31, 0, 0, 0, 0, Hanoi)

// The law of the clock, example by example. The first five are those of engine.md.
func TestDue(t *testing.T) {
	tests := []struct{ name, start, limit, cutOff, pauses, want string }{
		{"over Tết", "2026-02-10 09:00", "7wd", "", "", "2026-02-26 17:00"},
		{"over Tết, after close", "2026-02-10 18:30", "7wd", "", "", "2026-02-27 17:00"},
		{"a make-up Saturday counts", "2026-08-20 09:00", "5wd", "", "", "2026-08-26 17:00"},
		{"never paused", "2026-03-02 09:00", "7wd", "", "", "2026-03-11 17:00"},
		{"paused over six closes", "2026-03-02 09:00", "7wd", "", "2026-03-04 15:00 > 2026-03-12 10:00", "2026-03-19 17:00"},

		{"received on the stroke of the close", "2026-03-02 17:00", "1wd", "", "", "2026-03-03 17:00"},
		{"a second after the close", "2026-03-02 17:00:01", "1wd", "", "", "2026-03-04 17:00"},
		{"before opening", "2026-03-02 00:00", "1wd", "", "", "2026-03-03 17:00"},
		{"received on a Saturday", "2026-03-07 09:00", "1wd", "", "", "2026-03-10 17:00"},
		{"received late on a Friday", "2026-03-06 17:01", "1wd", "", "", "2026-03-10 17:00"},
		{"at the cut-off", "2026-03-02 15:00", "1wd", "15:00", "", "2026-03-03 17:00"},
		{"after the cut-off", "2026-03-02 15:00:01", "1wd", "15:00", "", "2026-03-04 17:00"},
		{"a cut-off after the close lets nobody in", "2026-03-02 17:30", "1wd", "20:00", "", "2026-03-04 17:00"},
		{"a cut-off means nothing on a day off", "2026-03-07 16:00", "1wd", "15:00", "", "2026-03-10 17:00"},

		{"pause and resume inside a day", "2026-03-02 09:00", "7wd", "", "2026-03-04 08:00 > 2026-03-04 16:59", "2026-03-11 17:00"},
		{"tie: paused at the close", "2026-03-02 09:00", "2wd", "", "2026-03-03 17:00 > 2026-03-04 09:00", "2026-03-04 17:00"},
		{"tie: resumed at the close", "2026-03-02 09:00", "2wd", "", "2026-03-03 09:00 > 2026-03-03 17:00", "2026-03-04 17:00"},
		{"no tie: paused a second before, resumed a second after", "2026-03-02 09:00", "2wd", "", "2026-03-03 16:59:59 > 2026-03-03 17:00:01", "2026-03-05 17:00"},
		{"tie: from close to close", "2026-03-02 09:00", "2wd", "", "2026-03-03 17:00 > 2026-03-04 17:00", "2026-03-04 17:00"},
		{"resumed and paused again at the closing instant", "2026-03-02 09:00", "1wd", "", "2026-03-03 09:00 > 2026-03-03 17:00; 2026-03-03 17:00 > 2026-03-05 09:00", "2026-03-03 17:00"},
		{"pauses may come in any order", "2026-03-02 09:00", "3wd", "", "2026-03-05 09:00 > 2026-03-06 09:00; 2026-03-03 09:00 > 2026-03-04 09:00", "2026-03-09 17:00"},
		{"pauses may overlap", "2026-03-02 09:00", "2wd", "", "2026-03-03 09:00 > 2026-03-04 09:00; 2026-03-03 10:00 > 2026-03-05 09:00", "2026-03-06 17:00"},
		{"a pause over the close of the first day", "2026-03-02 09:00", "1wd", "", "2026-03-02 10:00 > 2026-03-03 08:00", "2026-03-03 17:00"},
		{"a pause over a weekend", "2026-03-05 09:00", "2wd", "", "2026-03-06 17:30 > 2026-03-09 07:00", "2026-03-09 17:00"},
		{"a pause after the end", "2026-03-02 09:00", "1wd", "", "2026-03-03 18:00 > 2026-03-20 09:00", "2026-03-03 17:00"},
		{"a pause turned round pauses nothing", "2026-03-02 09:00", "1wd", "", "2026-03-20 09:00 > 2026-03-03 09:00", "2026-03-03 17:00"},

		{"days of the calendar", "2026-03-02 09:00", "10d", "", "", "2026-03-12 17:00"},
		{"days end on a working day", "2026-03-05 10:00", "30d", "", "", "2026-04-06 17:00"},
		{"days that end in Tết", "2026-02-06 10:00", "10d", "", "", "2026-02-23 17:00"},
		{"days off paused are days paused", "2026-03-05 10:00", "10d", "", "2026-03-07 09:00 > 2026-03-08 18:00", "2026-03-17 17:00"},
		{"paused when the last day could move to", "2026-03-06 10:00", "2d", "", "2026-03-09 09:00 > 2026-03-11 09:00", "2026-03-11 17:00"},

		{"hours go on the next morning", "2026-03-02 16:00", "2h", "", "", "2026-03-03 08:30"},
		{"hours skip noon", "2026-03-02 11:00", "1h", "", "", "2026-03-02 13:30"},
		{"hours that end with a part of the day", "2026-03-02 07:30", "4h", "", "", "2026-03-02 11:30"},
		{"hours from noon", "2026-03-02 12:00", "1h", "", "", "2026-03-02 14:00"},
		{"hours after the close", "2026-03-06 18:00", "1h", "", "", "2026-03-09 08:30"},
		{"hours after the cut-off", "2026-03-02 15:30", "1h", "15:00", "", "2026-03-03 08:30"},
		{"eight hours are a day", "2026-03-02 07:30", "8h", "", "", "2026-03-02 17:00"},
		{"hours paused", "2026-03-02 08:00", "4h", "", "2026-03-02 09:15 > 2026-03-02 10:00; 2026-03-02 16:00 > 2026-03-03 08:00", "2026-03-02 14:15"},
		{"hours used up as the pause begins", "2026-03-02 08:00", "1h", "", "2026-03-02 09:00 > 2026-03-05 09:00", "2026-03-02 09:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			due, err := Vietnam().Due(Clock{Start: at(t, tt.start), Limit: limit(t, tt.limit), CutOff: tt.cutOff, Pauses: spans(t, tt.pauses)}, later)
			if err != nil {
				t.Fatal(err)
			}
			if want := at(t, tt.want); !due.At.Equal(want) {
				t.Errorf("%s from %s is due %s, want %s", tt.limit, tt.start, due.At, want)
			}
		})
	}
}

// A limit of no days is over on the day of receipt, or the next working day after the cut-off.
func TestDueTheSameDay(t *testing.T) {
	for start, want := range map[string]string{
		"2026-03-06 09:00": "2026-03-06 17:00",
		"2026-03-06 15:01": "2026-03-09 17:00",
		"2026-03-07 09:00": "2026-03-09 17:00",
	} {
		due, err := Vietnam().Due(Clock{Start: at(t, start), Limit: Duration{Unit: WorkingDays}, CutOff: "15:00"}, later)
		if err != nil || !due.At.Equal(at(t, want)) {
			t.Errorf("received %s: due %s (%v), want %s", start, due.At, err, want)
		}
	}
}

// What lies beyond now is not known: the clock is supposed to run.
func TestDueSupposesThatTheClockRuns(t *testing.T) {
	clock := Clock{Start: at(t, "2026-03-02 09:00"), Limit: limit(t, "3wd"), Pauses: spans(t, "2026-03-03 09:00 > 2026-03-31 09:00")}
	for now, want := range map[string]string{
		"2026-03-02 12:00": "2026-03-05 17:00", // before the pause
		"2026-03-03 17:00": "2026-03-05 17:00", // the tie
		"2026-03-03 17:01": "2026-03-06 17:00",
		"2026-03-10 09:00": "2026-03-12 17:00",
	} {
		due, err := Vietnam().Due(clock, at(t, now))
		if err != nil || !due.At.Equal(at(t, want)) {
			t.Errorf("at %s: due %s (%v), want %s", now, due.At, err, want)
		}
	}
}

// A day that the calendar does not cover is an error that names it, whichever
// way it is reached.
func TestDueOutsideTheCalendar(t *testing.T) {
	tests := []struct{ start, limit, day string }{
		{"2023-12-31 09:00", "1wd", "2023-12-31"},
		{"2028-01-03 09:00", "1h", "2028-01-03"},
		{"2027-12-30 09:00", "2wd", "2028-01-01"},
		{"2027-12-30 09:00", "20h", "2028-01-01"},
		{"2027-12-30 09:00", "2d", "2028-01-01"},
		{"2027-12-31 18:00", "1wd", "2028-01-01"},
	}
	for _, tt := range tests {
		_, err := Vietnam().Due(Clock{Start: at(t, tt.start), Limit: limit(t, tt.limit)}, later)
		outside, ok := errors.AsType[*RangeError](err)
		if !ok || outside.Day != tt.day || outside.From != "2024-01-01" || outside.Until != "2027-12-31" {
			t.Errorf("%s from %s: got %v, want a range error about %s", tt.limit, tt.start, err, tt.day)
		}
	}
	_, err := Vietnam().Due(Clock{Limit: limit(t, "1wd")}, later)
	if outside, ok := errors.AsType[*RangeError](err); !ok || outside.Day != "0001-01-01" {
		t.Errorf("a clock that never started: got %v, want a range error about 0001-01-01", err)
	}
	if _, err := Vietnam().Add(at(t, "2027-12-15 09:00"), limit(t, "30d")); err == nil {
		t.Error("30d from 15 December 2027 were added without an error")
	} else if _, ok := errors.AsType[*RangeError](err); !ok {
		t.Errorf("got %v, want a range error", err)
	}
}

// A term that says nothing countable is refused.
func TestDueRefuses(t *testing.T) {
	start := at(t, "2026-03-02 09:00")
	for name, clock := range map[string]Clock{
		"negative":      {Start: start, Limit: Duration{N: -1, Unit: WorkingDays}},
		"no unit":       {Start: start, Limit: Duration{N: 1}},
		"another unit":  {Start: start, Limit: Duration{N: 1, Unit: "m"}},
		"bad cut-off":   {Start: start, Limit: Duration{N: 1, Unit: Days}, CutOff: "15h"},
		"short cut-off": {Start: start, Limit: Duration{N: 1, Unit: Days}, CutOff: "9:00"},
		"late cut-off":  {Start: start, Limit: Duration{N: 1, Unit: Days}, CutOff: "24:00"},
	} {
		if due, err := Vietnam().Due(clock, later); err == nil {
			t.Errorf("%s: due %s, want an error", name, due.At)
		}
	}
}

// A delay of calendar days ends with its last day, one of working days at the close.
func TestAdd(t *testing.T) {
	tests := []struct{ from, d, want string }{
		{"2026-03-02 16:00", "4h", "2026-03-03 10:30"},
		{"2026-03-02 16:00", "5wd", "2026-03-09 17:00"},
		{"2026-03-02 18:00", "5wd", "2026-03-10 17:00"},
		{"2026-03-02 10:00", "10d", "2026-03-12 23:59:59"},
		{"2026-03-02 23:00", "10d", "2026-03-12 23:59:59"},
		{"2026-03-05 10:00", "30d", "2026-04-06 23:59:59"},
		{"2026-03-07 10:00", "1d", "2026-03-09 23:59:59"},
		{"2026-03-07 10:00", "3d", "2026-03-10 23:59:59"},
		{"2026-08-01 10:00", "30d", "2026-09-03 23:59:59"},
	}
	for _, tt := range tests {
		got, err := Vietnam().Add(at(t, tt.from), limit(t, tt.d))
		if err != nil || !got.Equal(at(t, tt.want)) {
			t.Errorf("%s from %s ends %s (%v), want %s", tt.d, tt.from, got, err, tt.want)
		}
	}
	if got, err := Vietnam().Add(at(t, "2026-03-02 10:00"), Duration{N: -1, Unit: Days}); err == nil {
		t.Errorf("a negative delay ends %s, want an error", got)
	}
}

// An instant is the same wherever the server stands.
func TestDueInAnotherZone(t *testing.T) {
	start := at(t, "2026-03-03 00:30").UTC() // the evening before, in London
	due, err := Vietnam().Due(Clock{Start: start, Limit: limit(t, "1wd")}, later.UTC())
	if err != nil || !due.At.Equal(at(t, "2026-03-04 17:00")) || due.At.Location() != Hanoi {
		t.Errorf("due %s (%v), want 2026-03-04 17:00 in Hanoi", due.At, err)
	}
}

// Every due date tells how it came about, in both languages.
func TestDueBecause(t *testing.T) {
	tests := []struct {
		name   string
		clock  Clock
		vi, en string
	}{
		{"paused", Clock{Start: at(t, "2026-03-02 09:00"), Limit: limit(t, "7wd"), Pauses: spans(t, "2026-03-04 15:00 > 2026-03-12 10:00")}, `
Thứ hai 02/03/2026: ngày nhận hồ sơ, không tính
Thứ ba 03/03/2026: ngày làm việc thứ 1
Thứ tư 04/03/2026 đến thứ tư 11/03/2026: tạm dừng, không tính
Thứ năm 12/03/2026 đến thứ sáu 13/03/2026: ngày làm việc thứ 2 đến thứ 3
Thứ bảy 14/03/2026 đến chủ nhật 15/03/2026: nghỉ hằng tuần, không tính
Thứ hai 16/03/2026 đến thứ năm 19/03/2026: ngày làm việc thứ 4 đến thứ 7
Thứ năm 19/03/2026, 17:00: hết thời hạn 7 ngày làm việc`, `
Mon 2 Mar 2026: received, not counted
Tue 3 Mar 2026: working day 1
Wed 4 Mar 2026 to Wed 11 Mar 2026: paused, not counted
Thu 12 Mar 2026 to Fri 13 Mar 2026: working days 2 to 3
Sat 14 Mar 2026 to Sun 15 Mar 2026: weekend, not counted
Mon 16 Mar 2026 to Thu 19 Mar 2026: working days 4 to 7
Thu 19 Mar 2026, 17:00: end of the term of 7 working days`},
		{"late, over Tết", Clock{Start: at(t, "2026-02-10 15:20"), Limit: limit(t, "3wd"), CutOff: "15:00"}, `
Thứ ba 10/02/2026, 15:20: nhận sau 15:00 nên tính là nhận vào thứ tư 11/02/2026
Thứ tư 11/02/2026: ngày nhận hồ sơ, không tính
Thứ năm 12/02/2026 đến thứ sáu 13/02/2026: ngày làm việc thứ 1 đến thứ 2
Thứ bảy 14/02/2026 đến chủ nhật 22/02/2026: ngày nghỉ, không tính (Tết Nguyên đán Bính Ngọ)
Thứ hai 23/02/2026: ngày làm việc thứ 3
Thứ hai 23/02/2026, 17:00: hết thời hạn 3 ngày làm việc`, `
Tue 10 Feb 2026, 15:20: received after 15:00, so it counts as received on Wed 11 Feb 2026
Wed 11 Feb 2026: received, not counted
Thu 12 Feb 2026 to Fri 13 Feb 2026: working days 1 to 2
Sat 14 Feb 2026 to Sun 22 Feb 2026: days off, not counted (Tết, Lunar New Year)
Mon 23 Feb 2026: working day 3
Mon 23 Feb 2026, 17:00: end of the term of 3 working days`},
		{"a make-up day and a swapped one", Clock{Start: at(t, "2026-08-21 09:00"), Limit: limit(t, "7wd")}, `
Thứ sáu 21/08/2026: ngày nhận hồ sơ, không tính
Thứ bảy 22/08/2026: ngày làm việc thứ 1 (làm bù cho thứ hai 31/08/2026)
Chủ nhật 23/08/2026: nghỉ hằng tuần, không tính
Thứ hai 24/08/2026 đến thứ sáu 28/08/2026: ngày làm việc thứ 2 đến thứ 6
Thứ bảy 29/08/2026 đến chủ nhật 30/08/2026: nghỉ hằng tuần, không tính
Thứ hai 31/08/2026: ngày nghỉ, không tính (hoán đổi sang thứ bảy 22/08/2026)
Thứ ba 01/09/2026 đến thứ tư 02/09/2026: ngày nghỉ, không tính (Quốc khánh)
Thứ năm 03/09/2026: ngày làm việc thứ 7
Thứ năm 03/09/2026, 17:00: hết thời hạn 7 ngày làm việc`, `
Fri 21 Aug 2026: received, not counted
Sat 22 Aug 2026: working day 1 (made up for Mon 31 Aug 2026)
Sun 23 Aug 2026: weekend, not counted
Mon 24 Aug 2026 to Fri 28 Aug 2026: working days 2 to 6
Sat 29 Aug 2026 to Sun 30 Aug 2026: weekend, not counted
Mon 31 Aug 2026: day off, not counted (swapped with Sat 22 Aug 2026)
Tue 1 Sep 2026 to Wed 2 Sep 2026: days off, not counted (National Day)
Thu 3 Sep 2026: working day 7
Thu 3 Sep 2026, 17:00: end of the term of 7 working days`},
		{"days of the calendar", Clock{Start: at(t, "2026-08-01 19:00"), Limit: limit(t, "30d")}, `
Thứ bảy 01/08/2026, 19:00: nhận vào ngày nghỉ nên tính là nhận vào thứ hai 03/08/2026
Thứ hai 03/08/2026: ngày nhận hồ sơ, không tính
Thứ ba 04/08/2026 đến thứ tư 02/09/2026: ngày thứ 1 đến thứ 30
Thứ năm 03/09/2026: ngày làm việc đầu tiên sau ngày cuối cùng của thời hạn
Thứ năm 03/09/2026, 17:00: hết thời hạn 30 ngày`, `
Sat 1 Aug 2026, 19:00: received on a day off, so it counts as received on Mon 3 Aug 2026
Mon 3 Aug 2026: received, not counted
Tue 4 Aug 2026 to Wed 2 Sep 2026: days 1 to 30
Thu 3 Sep 2026: the first working day after the term's last day
Thu 3 Sep 2026, 17:00: end of the term of 30 days`},
		{"a pause that begins on a holiday", Clock{Start: at(t, "2026-08-28 09:00"), Limit: limit(t, "1wd"), Pauses: spans(t, "2026-09-01 09:00 > 2026-09-04 09:00")}, `
Thứ sáu 28/08/2026: ngày nhận hồ sơ, không tính
Thứ bảy 29/08/2026 đến chủ nhật 30/08/2026: nghỉ hằng tuần, không tính
Thứ hai 31/08/2026: ngày nghỉ, không tính (hoán đổi sang thứ bảy 22/08/2026)
Thứ ba 01/09/2026 đến thứ năm 03/09/2026: tạm dừng, không tính
Thứ sáu 04/09/2026: ngày làm việc thứ 1
Thứ sáu 04/09/2026, 17:00: hết thời hạn 1 ngày làm việc`, `
Fri 28 Aug 2026: received, not counted
Sat 29 Aug 2026 to Sun 30 Aug 2026: weekend, not counted
Mon 31 Aug 2026: day off, not counted (swapped with Sat 22 Aug 2026)
Tue 1 Sep 2026 to Thu 3 Sep 2026: paused, not counted
Fri 4 Sep 2026: working day 1
Fri 4 Sep 2026, 17:00: end of the term of 1 working day`},
		{"hours from the stroke of the close", Clock{Start: at(t, "2026-03-02 17:00"), Limit: limit(t, "1h")}, `
Thứ hai 02/03/2026: tính 0 giờ làm việc
Thứ ba 03/03/2026: tính 1 giờ làm việc
Thứ ba 03/03/2026, 08:30: hết thời hạn 1 giờ làm việc`, `
Mon 2 Mar 2026: 0 h of office hours counted
Tue 3 Mar 2026: 1 h of office hours counted
Tue 3 Mar 2026, 08:30: end of the term of 1 working hour`},
		{"hours", Clock{Start: at(t, "2026-03-06 16:15"), Limit: limit(t, "4h"), Pauses: spans(t, "2026-03-09 07:00 > 2026-03-09 18:00")}, `
Thứ sáu 06/03/2026: tính 45 phút làm việc
Thứ bảy 07/03/2026 đến chủ nhật 08/03/2026: nghỉ hằng tuần, không tính
Thứ hai 09/03/2026: tạm dừng, không tính
Thứ ba 10/03/2026: tính 3 giờ 15 phút làm việc
Thứ ba 10/03/2026, 10:45: hết thời hạn 4 giờ làm việc`, `
Fri 6 Mar 2026: 45 min of office hours counted
Sat 7 Mar 2026 to Sun 8 Mar 2026: weekend, not counted
Mon 9 Mar 2026: paused, not counted
Tue 10 Mar 2026: 3 h 15 min of office hours counted
Tue 10 Mar 2026, 10:45: end of the term of 4 working hours`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			due, err := Vietnam().Due(tt.clock, later)
			if err != nil {
				t.Fatal(err)
			}
			var vi, en strings.Builder
			for _, l := range due.Because {
				vi.WriteString("\n" + l.VI)
				en.WriteString("\n" + l.EN)
			}
			if d := cmp.Diff(tt.vi, vi.String()); d != "" {
				t.Errorf("vi (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.en, en.String()); d != "" {
				t.Errorf("en (-want +got):\n%s", d)
			}
		})
	}
}
