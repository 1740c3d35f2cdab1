// Package resident is the resident database: people, where they are registered,
// their households, and every change with its cause. It answers forms and
// officers through [Source], and applies the typed changes that granted cases
// bring, under invariants that no order of changes can break.
//
// Only this package touches its tables. A read goes through its functions,
// which take the purpose and write the log of reads (package audit) in the same
// transaction; a select from elsewhere would be a read that nobody sees.
//
// The package does not know procedures or cases. What the registries of other
// ministries hold is fetched by package registry/exchange.
package resident

import "time"

// Sex is the sex in a record.
type Sex string

// The sexes that the resident database knows.
const (
	Male   Sex = "male"
	Female Sex = "female"
)

// hanoi is the time zone in which days are counted.
var hanoi = time.FixedZone("+07", 7*60*60)

// dayOf is the date in Hanoi, as midnight UTC like PostgreSQL's dates.
func dayOf(t time.Time) time.Time {
	y, m, d := t.In(hanoi).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// fullYears is the age on a day, as of the last birthday.
func fullYears(birth, on time.Time) int {
	n := on.Year() - birth.Year()
	if on.Month() < birth.Month() || on.Month() == birth.Month() && on.Day() < birth.Day() {
		n--
	}
	return n
}
