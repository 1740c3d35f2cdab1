package resident

import "time"

// CardExpiry is the day on which an identity card issued on a day expires: the
// birthday on which the holder turns 14, 25, 40 or 60, the one after where that
// is within two years. Zero: it never expires.
//
// Source: Law on Identification 26/2023/QH15, Art. 21.
func CardExpiry(birth, issued time.Time) time.Time {
	for _, age := range []int{14, 25, 40, 60} {
		if turns := birth.AddDate(age, 0, 0); issued.Before(turns.AddDate(-2, 0, 0)) {
			return turns
		}
	}
	return time.Time{}
}
