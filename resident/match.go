package resident

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/vietnamese"
)

// mostMatched bounds how many persons one request may ask about.
const mostMatched = 200

// IdentityMatch reads the record of kind identityMatch: for each person of a
// list, whether a name and a day of birth go with their number, and whether they
// are registered at an address. The key is "NUMBER:NAME:BIRTHDATE|…|ADDRESS", the
// address as [agency.Address.Key] or empty. The answer is yes or no: who asks
// learns nothing of the person that they did not write, not even which of the
// two is wrong or whether the number exists. Capitals, spaces and diacritics of
// the name do not count, since registers were kept without them. A key of
// another shape is an empty record. Each person who is found sees in the log of
// reads that they were asked about.
func IdentityMatch(ctx context.Context, tx pgx.Tx, p registry.Purpose, key string, now time.Time) (registry.Record, error) {
	rec := record("identityMatch", key, now)
	rows := strings.Split(key, "|")
	place, claims := rows[len(rows)-1], rows[:len(rows)-1]
	if len(claims) == 0 || len(claims) > mostMatched {
		return rec, nil
	}
	home, _ := agency.ParseAddressKey(place)
	list := make([]any, 0, len(claims))
	var entries []audit.Entry
	for _, claim := range claims {
		number, rest, _ := strings.Cut(claim, ":")
		i := strings.LastIndex(rest, ":")
		if i < 0 {
			continue
		}
		values, _, asOf, err := personValues(ctx, tx, number, now)
		if err != nil {
			return rec, fmt.Errorf("match an identity: %w", err)
		}
		same := values != nil && values["alive"] == true && values["birthDate"] == rest[i+1:] &&
			vietnamese.Fold(fmt.Sprint(values["fullName"])) == vietnamese.Fold(rest[:i])
		list = append(list, map[string]any{"number": number, "matches": same, "livesThere": same && home.Line != "" && livesAt(values, home)})
		if values != nil {
			rec.AsOf = later(rec.AsOf, asOf)
			entries = append(entries, entry(p, number, now, "number", "fullName", "birthDate"))
		}
	}
	if err := fill(&rec, map[string]any{"list": list}); err != nil {
		return rec, err
	}
	return rec, audit.Read(ctx, tx, entries...)
}

// livesAt tells whether a person is registered at an address, for good or for a time.
func livesAt(values map[string]any, at agency.Address) bool {
	for _, name := range []string{"permanentAddress", "temporaryAddress"} {
		if m, ok := values[name].(map[string]any); ok {
			line, _ := m["line"].(string)
			if (agency.Address{Province: fmt.Sprint(m["province"]), Commune: fmt.Sprint(m["commune"]), Line: line}).Key() == at.Key() {
				return true
			}
		}
	}
	return false
}
