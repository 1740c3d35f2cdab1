package api

import (
	"net/url"
	"strconv"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// Office is an agency.
type Office struct {
	ID   agency.ID     `json:"id" example:"CA-00070"`
	Name workflow.Text `json:"name"`
}

func (a *api) office(id agency.ID) Office {
	o := Office{ID: id, Name: workflow.Text{VI: string(id), EN: string(id)}}
	if at, ok := a.Agencies.Agency(id); ok {
		o.Name = workflow.Text{VI: at.NameVI, EN: at.NameEN}
	}
	return o
}

// officeOrNone is nil for no agency.
func (a *api) officeOrNone(id agency.ID) *Office {
	if id == "" {
		return nil
	}
	o := a.office(id)
	return &o
}

// moment is a time in Hanoi; nil for none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(calendar.Hanoi)
	return &t
}

// orNone is nil for the zero value.
func orNone[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

// each makes a list, never nil: an empty list is [] in JSON.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, v := range in {
		out = append(out, f(v))
	}
	return out
}

// Paging is the place in a list.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"From next of the page before; leave it out for the first page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Entries a page"`
}

// Page says where a list goes on.
type Page struct {
	Link string `header:"Link" doc:"rel=\"next\": the next page; absent on the last one"`
}

// next is the address of the next page, as the header and as the member of the
// body; none when the cursor is empty.
func (a *api) next(path string, query url.Values, cursor string, limit int) (header string, member *string) {
	if cursor == "" {
		return "", nil
	}
	query.Set("cursor", cursor)
	query.Set("limit", strconv.Itoa(limit))
	to := a.BaseURL + Path + path + "?" + query.Encode()
	return "<" + to + `>; rel="next"`, &to
}

// queryOf makes a query of pairs, without the empty ones.
func queryOf(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}
