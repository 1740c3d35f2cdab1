package calendar

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// Only what definitions may write is a duration.
func TestParseDurationRefuses(t *testing.T) {
	for _, s := range []string{"", "7", "wd", "h", "0d", "07wd", "+7d", "-7d", "7 d", "7m", "7dw", "7hd", "7wdwd", "1.5h", "10000d", "99999999999999999999d", "７d"} {
		if d, err := ParseDuration(s); err == nil || d != (Duration{}) {
			t.Errorf("%q was read as %v (%v)", s, d, err)
		}
	}
}

// What String writes, ParseDuration reads.
func TestDurationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Duration{N: rapid.IntRange(1, 9999).Draw(t, "n"), Unit: rapid.SampledFrom([]Unit{WorkingHours, Days, WorkingDays}).Draw(t, "unit")}
		if got, err := ParseDuration(d.String()); err != nil || got != d {
			t.Fatalf("%v came back as %v (%v)", d, got, err)
		}
	})
}

// Durations are stored with the memory of a case; their JSON does not change.
func TestDurationJSON(t *testing.T) {
	got, err := json.Marshal(Duration{N: 7, Unit: WorkingDays})
	if want := `{"n":7,"unit":"wd"}`; err != nil || string(got) != want {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
}

// Any bytes end in a duration that writes itself the same way, or in an error.
func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"7wd", "30d", "4h", "0h", "w", "9999wd", "1dwd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDuration(s); err == nil && d.String() != s {
			t.Errorf("%q was read as %v", s, d)
		}
	})
}
