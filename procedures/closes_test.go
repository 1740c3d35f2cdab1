package procedures

import "testing"

// A paper's condition has to be false while the registry's record is fetched.
func TestClosesOn(t *testing.T) {
	for when, want := range map[string]bool{
		"sources.land != 'fetched'":                                true,
		"'fetched' != sources.land":                                true,
		`variant == "big" && sources.land != "fetched"`:            true,
		"sources.land == 'unavailable' || sources.land == 'empty'": true,
		"sources.land in ['unavailable', 'empty']":                 true,
		"!(sources.land == 'fetched') && (a || b)":                 true,
		"!(sources.land == 'fetched' || b)":                        true,
		"(a || b) && (sources.land != 'fetched')":                  true,
		"a ? sources.land != 'fetched' : sources.land == 'empty'":  true,
		"sources.land == 'fetched' ? false : b":                    true,
		"sources.land != 'fetched' || a":                           false,
		"a && sources.land != 'fetched' || b":                      false,
		"sources.land == 'fetched'":                                false,
		"sources.land in ['fetched', 'empty']":                     false,
		"!(sources.land != 'fetched')":                             false,
		"!(sources.land == 'fetched' && b)":                        false,
		"sources.landing != 'fetched'":                             false,
		"a":                                                        false,
		"a == 'x || sources.land' && b":                            false,
		"a == '(' && sources.land != 'fetched'":                    true,
		"(a) && (sources.land == 'stale') || (b) && (sources.land in ['unknown','stale'])": true,
	} {
		if got := closesOn(when, "land"); got != want {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
}
