package resident

import (
	"fmt"
	"slices"
	"time"

	"github.com/hoso-gov/hoso/agency"
)

// The rules that several types of change share.

// day reads a date of a change's values.
func day(name, text string) (time.Time, error) {
	d, err := time.Parse(iso, text)
	if err != nil {
		return d, fmt.Errorf("%w: %s is no date: %q", ErrUnknownChange, name, text)
	}
	return d, nil
}

// vn is how people read a date.
func vn(d time.Time) string { return d.Format("02/01/2006") }

// living refuses people who are not there, are dead, or stand in the list twice.
func (l *locked) living(people []string) error {
	if len(people) == 0 {
		return refuse("nobody", "Không có ai để đăng ký", "there is nobody to register")
	}
	for i, n := range people {
		p := l.people[n]
		switch {
		case p == nil:
			return unknownPerson(n)
		case !p.alive:
			return refuse("dead-person", "%s đã được ghi nhận là đã chết", "%s is recorded as dead", p.name)
		case slices.Contains(people[:i], n):
			return refuse("named-twice", "%s có tên hai lần", "%s is named twice", p.name)
		}
	}
	return nil
}

func unknownPerson(number string) error {
	return refuse("unknown-person", "Không có công dân mang số %s", "no resident has the number %s", number)
}

// whole refuses an address at which nobody can be registered.
func whole(a agency.Address) error {
	if a.Province == "" || a.Commune == "" || a.Line == "" {
		return refuse("address-incomplete", "Địa chỉ mới chưa đủ tỉnh, xã và số nhà", "the new address lacks province, commune or line")
	}
	return nil
}

// notBefore refuses a period that ends before it begins.
func notBefore(until, from time.Time) error {
	if until.Before(from) {
		return refuse("ends-before-it-begins", "Ngày kết thúc %s trước ngày bắt đầu %s", "the end on %s is before the beginning on %s", vn(until), vn(from))
	}
	return nil
}

// notYet refuses an event that lies in the future.
func (a *applier) notYet(on time.Time) error {
	if on.After(a.today) {
		return refuse("in-the-future", "Ngày %s ở tương lai", "the day %s is in the future", vn(on))
	}
	return nil
}
