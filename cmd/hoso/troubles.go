package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
)

// troubles is what --json prints.
type troubles struct {
	Incidents []troubleLine `json:"incidents"`
	Peers     []peerLine    `json:"peers"` // unavailable ones
}

type troubleLine struct {
	ID       uuid.UUID  `json:"id"`
	Case     cases.Code `json:"case"`
	Agency   agency.ID  `json:"agency"`
	Peer     string     `json:"peer"` // empty: our own house
	Effect   string     `json:"effect"`
	Kind     string     `json:"kind"`
	OpenedAt time.Time  `json:"openedAt"`
	Attempts int        `json:"attempts"`
	NextAt   *time.Time `json:"nextAt"` // null: no attempt is made any more, or it waits
	Waits    bool       `json:"waits"`  // for its peer to answer again
	Maybe    bool       `json:"maybeDone"`
	Detail   string     `json:"detail"`
}

type peerLine struct {
	Peer    string    `json:"peer"`
	Since   time.Time `json:"since"`
	ProbeAt time.Time `json:"probeAt"`
	Waiting int       `json:"waiting"`
}

func listIncidents(cmd *cobra.Command, f incidentsFlags) error {
	ctx := cmd.Context()
	s, done, err := service(ctx)
	if err != nil {
		return err
	}
	defer done()
	t, err := readTroubles(ctx, s, f.peer)
	if err != nil {
		return err
	}
	if f.json {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(t)
	} else {
		t.print(cmd.OutOrStdout())
	}
	if err == nil && len(t.Incidents)+len(t.Peers) > 0 {
		err = errOpen
	}
	return err
}

func readTroubles(ctx context.Context, s *cases.Service, peer string) (troubles, error) {
	t := troubles{Incidents: []troubleLine{}, Peers: []peerLine{}}
	outages, err := s.Outages(ctx)
	if err != nil {
		return t, err
	}
	for _, o := range outages {
		if peer == "" || peer == o.Peer {
			t.Peers = append(t.Peers, peerLine{o.Peer, o.Since, o.ProbeAt, o.Waiting})
		}
	}
	var only *string
	if peer != "" {
		only = &peer
	}
	for after := ""; ; {
		list, next, err := s.Incidents(ctx, operator(), only, after, 200)
		if err != nil {
			return t, err
		}
		for _, i := range list {
			line := troubleLine{ID: i.ID, Case: i.Case, Agency: i.Agency, Peer: i.Peer, Effect: i.Type, Kind: i.Kind, OpenedAt: i.OpenedAt, Attempts: i.Attempts, Maybe: i.Ambiguous, Waits: i.Waits, Detail: i.Detail}
			if i.Name != "" {
				line.Effect += " " + i.Name
			}
			if !i.NextAt.IsZero() {
				line.NextAt = &i.NextAt
			}
			t.Incidents = append(t.Incidents, line)
		}
		if after = next; next == "" {
			return t, nil
		}
	}
}

func (t troubles) print(out io.Writer) {
	for _, p := range t.Peers {
		fmt.Fprintf(out, "%s unavailable since %s, %s, next try %s\n", p.Peer, p.Since.Format(time.DateTime), counted(p.Waiting, "effect waits", "effects wait"), p.ProbeAt.Format(time.TimeOnly))
	}
	for _, i := range t.Incidents {
		to := i.Peer
		if to == "" {
			to = "in our own house"
		}
		fmt.Fprintf(out, "%s  %s  %s, %s: %s since %s, %s\n", i.ID, i.Case, i.Effect, to, i.Kind, i.OpenedAt.Format(time.DateTime), count(i.Attempts, "attempt"))
	}
	if len(t.Peers)+len(t.Incidents) == 0 {
		fmt.Fprintln(out, "no incident is open, and every peer answers")
	}
}
