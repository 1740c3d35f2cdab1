package doctor

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/cases"
)

// mail is the mailbox's part of 27: each message to a citizen bears the key of a
// notice that the case prescribes, so none tells of a change that was rolled
// back, and the same message stands there once.
func (x *examiner) mail(ctx context.Context, b *Books, known map[string]booked) error {
	officers, err := x.officerAddresses(ctx)
	if err != nil {
		return err
	}
	sent, err := x.letters(ctx)
	if err != nil {
		return err
	}
	type one struct{ key, to, kind string }
	seen := map[one]int{}
	for _, m := range b.Messages {
		key, _, _ := strings.Cut(m.Key, "@")
		code, ok := sent[key]
		if e, plain := known[key[:min(len(key), 36)]]; plain && e.kind == cases.EffectNotify { // a short message bears the key itself
			code, ok = e.code, true
		}
		switch {
		case !ok && (officers[strings.ToLower(m.To)] || b.Later):
			continue // of their own work; or of what the restored database never knew
		case !ok:
			x.bad(27, "", "a message bears the key %s, which is no notice's", m.Key)
		}
		x.saw(27, 1)
		at := one{m.Key, m.To, m.Kind}
		if seen[at]++; seen[at] == 2 {
			x.bad(27, code, "the same message stands in the mailbox twice under key %s", m.Key)
		}
	}
	return nil
}

// mostRecipients is how many recipients of one notice are looked for.
const mostRecipients = 12

// letters are the Message-IDs that notices may have been sent with, without
// their domain: a hash of the key and the address.
func (x *examiner) letters(ctx context.Context) (map[string]cases.Code, error) {
	rows, err := x.db.Query(ctx, `
		SELECT e.key, c.code, lower(coalesce(r.email, o.email))
		FROM case_effects e
		JOIN cases c ON c.id = e.case_id
		JOIN notices n ON n.case_id = e.case_id
		LEFT JOIN residents r ON r.number = n.to_whom
		LEFT JOIN officers o ON o.id = n.to_whom
		WHERE e.type = 'notify' AND e.attempts > 0 AND coalesce(r.email, o.email) IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	out := map[string]cases.Code{}
	var key uuid.UUID
	var code cases.Code
	var to string
	_, err = pgx.ForEachRow(rows, []any{&key, &code, &to}, func() error {
		for i := range mostRecipients {
			name := key.String()
			if i > 0 {
				name = fmt.Sprintf("%s-%d", key, i)
			}
			sum := sha256.Sum256([]byte(name + "\x00" + to))
			out[fmt.Sprintf("%x", sum[:16])] = code
		}
		return nil
	})
	return out, err
}

func (x *examiner) officerAddresses(ctx context.Context) (map[string]bool, error) {
	rows, err := x.db.Query(ctx, `SELECT lower(email) FROM officers`)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	var to string
	_, err = pgx.ForEachRow(rows, []any{&to}, func() error {
		out[to] = true
		return nil
	})
	return out, err
}
