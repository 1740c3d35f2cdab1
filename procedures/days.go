package procedures

import "time"

func validDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// dayAfter returns the next day; "" for "", which stands for no end.
func dayAfter(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}

// within tells whether a day lies between two days, both inclusive; an empty
// one is open.
func within(day, from, until string) bool {
	return (from == "" || day >= from) && (until == "" || day <= until)
}
