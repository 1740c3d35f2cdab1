package resident

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

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

// cardValues are the values of an issue-card.
type cardValues struct {
	Person string `json:"person"`
	Until  string `json:"until"` // day on which it expires, ISO; empty: never
}

// issueCard issues an identity card today. The card before it is revoked: one
// card is valid at a time. Its number is the personal number.
//
// Source: Law on Identification 26/2023/QH15, Art. 18, 21 and 24.
func (a *applier) issueCard(ctx context.Context, v cardValues) (map[string]any, error) {
	l, err := lock(ctx, a.tx, []string{v.Person})
	if err != nil {
		return nil, err
	}
	if err := l.living([]string{v.Person}); err != nil {
		return nil, err
	}
	p := l.people[v.Person]
	expires := CardExpiry(p.BirthDate, a.today)
	lawful := ""
	if !expires.IsZero() {
		lawful = expires.Format(iso)
	}
	switch {
	case v.Until != lawful && lawful == "":
		return nil, refuse("wrong-expiry", "Thẻ cấp hôm nay cho %s không xác định thời hạn, không phải %s", "a card issued to %s today never expires: not on %s", p.name, v.Until)
	case v.Until != lawful:
		return nil, refuse("wrong-expiry", "Thẻ cấp hôm nay cho %s có giá trị đến %s", "a card issued to %s today is valid until %s", p.name, vn(expires))
	}
	var last *time.Time
	if err := a.tx.QueryRow(ctx, `
		SELECT max(issued_on) FROM identity_documents
		WHERE resident = $1 AND kind = 'identity-card'`, v.Person).Scan(&last); err != nil {
		return nil, err
	}
	if last != nil && !last.Before(a.today) {
		return nil, refuse("issued-already", "Thẻ của %s đã được cấp ngày %s", "a card was issued to %s on %s", p.name, vn(*last))
	}
	out := map[string]any{"cardNumber": v.Person, "issuedOn": a.today.Format(iso)}
	if lawful != "" {
		out["expiresOn"] = lawful
	}
	return out, a.pictured(ctx, []string{v.Person}, func() error {
		if _, err := a.tx.Exec(ctx, `
			UPDATE identity_documents
			SET revoked_on = @today
			WHERE resident = @resident AND kind = 'identity-card' AND revoked_on IS NULL`, pgx.StrictNamedArgs{"resident": v.Person, "today": a.today}); err != nil {
			return err
		}
		return a.insertCard(ctx, v.Person, card{Number: v.Person, IssuedOn: a.today.Format(iso), ExpiresOn: lawful})
	})
}

func (a *applier) insertCard(ctx context.Context, number string, c card) error {
	_, err := a.tx.Exec(ctx, `
		INSERT INTO identity_documents (resident, kind, number, issued_on, expires_on)
		VALUES (@resident, 'identity-card', @number, @issued::text::date, nullif(@expires::text, '')::date)`,
		pgx.StrictNamedArgs{"resident": number, "number": c.Number, "issued": c.IssuedOn, "expires": c.ExpiresOn})
	return err
}
