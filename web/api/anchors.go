package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit/anchor"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/web/site"
)

// AnchorView is the last anchor of a day. It holds nothing of anybody.
type AnchorView struct {
	Day     string    `json:"day" format:"date" doc:"Of Hanoi"`
	N       int64     `json:"n" doc:"Number of the anchor: 1, 2, 3 …"`
	At      time.Time `json:"at"`
	Settled time.Time `json:"settled" doc:"Every event recorded before is under this anchor or an earlier one"`
	Heads   int       `json:"heads" doc:"Cases under this one anchor"`
	Reads   int64     `json:"reads" doc:"Entries of the log of reads so far"`
	Log     []byte    `json:"log" doc:"Hash of the last of them"`
	Root    []byte    `json:"root" doc:"Root of the Merkle tree"`
	Prev    []byte    `json:"prev" doc:"Hash of the anchor before"`
	Hash    []byte    `json:"hash" doc:"Over n, at, settled, heads, prev and root; docs/audit.md says how"`
	Token   *[]byte   `json:"token" doc:"RFC 3161 time-stamp over hash, in DER; null: it waits for one"`
}

type anchorsAnswer struct {
	Body struct {
		Items []AnchorView `json:"items" nullable:"false"`
	}
}

// anchorsRange is which days to list.
type anchorsRange struct {
	From  string `query:"from" format:"date" doc:"First day; default: thirty days before until"`
	Until string `query:"until" format:"date" doc:"Last day; default: today"`
}

// mostDays is how many days one answer lists.
const mostDays = 366

func (a *api) anchors() {
	add(a, huma.Operation{OperationID: "list-anchors", Method: http.MethodGet, Path: "/anchors", Tags: []string{tagOpen},
		Summary:     "The last anchor of each day, newest first",
		Description: "Hashes over all records of acts and of reads, time-stamped by an authority outside. Whoever keeps some of them can tell later whether the records were made anew. At most 366 days."},
		anybody, a.listAnchors)
}

func (a *api) listAnchors(ctx context.Context, _ agency.Actor, in *anchorsRange) (*anchorsAnswer, error) {
	until := dayOr(in.Until, a.Now().In(calendar.Hanoi))
	from := dayOr(in.From, until.AddDate(0, 0, -30))
	if from.Before(until.AddDate(0, 0, 1-mostDays)) {
		return nil, &site.RequestError{Status: http.StatusBadRequest, Faults: []site.Fault{{At: "/from", Rule: "range",
			VI: "Chọn khoảng thời gian không quá 366 ngày", EN: "Choose no more than 366 days"}}}
	}
	list, err := anchor.Published(ctx, a.DB, from, until)
	if err != nil {
		return nil, err
	}
	out := &anchorsAnswer{}
	out.Body.Items = each(list, func(d anchor.Daily) AnchorView {
		v := AnchorView{Day: d.Day.Format(time.DateOnly), N: d.N, At: *moment(d.At), Settled: *moment(d.Settled), Heads: d.Heads, Reads: d.Reads,
			Log: d.Log, Root: d.Root, Prev: d.Prev, Hash: d.Hash}
		if d.Token != nil {
			v.Token = &d.Token
		}
		return v
	})
	return out, nil
}

// dayOr is the date that was asked for, or that of an instant.
func dayOr(asked string, otherwise time.Time) time.Time {
	if day, err := time.Parse(time.DateOnly, asked); err == nil {
		return day
	}
	return time.Date(otherwise.Year(), otherwise.Month(), otherwise.Day(), 0, 0, 0, 0, time.UTC)
}
