package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
)

// Card is a citizen's identity card as the resident database has it.
type Card struct {
	State     registry.State // fetched; empty: they hold none; unavailable: it could not be asked
	Number    string
	IssuedOn  time.Time // day, UTC
	ExpiresOn time.Time // day, UTC; zero: never
	AsOf      time.Time
}

// Card reads the citizen's own card; the read is in the log that the citizen
// sees. A database that does not answer is a state of the card. Errors to act
// upon: ErrForbidden for who is no citizen.
func (s *Service) Card(ctx context.Context, a agency.Actor) (Card, error) {
	if a.Kind != agency.Citizen {
		return Card{}, fmt.Errorf("card of a citizen: %w", ErrForbidden)
	}
	rec, err := s.cfg.Records.Fetch(ctx, registry.Request{Kind: resident.CardKind, Key: a.ID, Purpose: registry.Purpose{
		Reader: a.ID, ReaderKind: string(a.Kind), Text: "Xem giấy tờ của mình", Basis: "self"}})
	if err != nil {
		// A fault of ours is to the citizen what a silent registry is.
		s.cfg.Log.ErrorContext(ctx, "a registry could not be asked", "kind", resident.CardKind, "error", err)
		return Card{State: registry.Unavailable}, nil
	}
	c := Card{State: rec.State, AsOf: rec.AsOf}
	c.Number, _ = rec.Values["number"].(string)
	c.IssuedOn, c.ExpiresOn = dayIn(rec.Values["issuedOn"]), dayIn(rec.Values["expiresOn"])
	return c, nil
}

// dayIn is a date of a record; zero when there is none.
func dayIn(v any) time.Time {
	text, _ := v.(string)
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}
	}
	return day
}
