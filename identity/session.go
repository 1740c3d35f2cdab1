package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// secret is a random value of 256 bits, as text.
func secret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func hash(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// cookie names one of ours. Over https a browser takes it from this host alone.
func (i *Identity) cookie(name string) string {
	if i.secure {
		return "__Host-" + name
	}
	return name
}

func (i *Identity) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	c := &http.Cookie{Name: i.cookie(name), Value: value, Path: "/", HttpOnly: true, Secure: i.secure, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	} else if life > 0 {
		c.MaxAge = int(life.Seconds())
	}
	http.SetCookie(w, c)
}

func (i *Identity) readCookie(r *http.Request, name string) string {
	if c, err := r.Cookie(i.cookie(name)); err == nil {
		return c.Value
	}
	return ""
}

const sessionCookie = "hoso"

// open begins a session for a and ends the one that the browser had.
func (i *Identity) open(w http.ResponseWriter, r *http.Request, a agency.Actor) error {
	stored, err := json.Marshal(person{a.Kind, a.ID, a.Name})
	if err != nil {
		return err
	}
	id, now := secret(), i.cfg.Now()
	_, err = i.cfg.DB.Exec(r.Context(), `
		WITH old AS (DELETE FROM sessions WHERE id_hash = @old)
		INSERT INTO sessions (id_hash, actor, level, csrf, created_at, seen_at, expires_at)
		VALUES (@id, @actor, @level, @csrf, @now, @now, @expires)`, pgx.StrictNamedArgs{
		"old": hash(i.readCookie(r, sessionCookie)), "id": hash(id), "actor": stored, "level": a.Level,
		"csrf": []byte(secret()), "now": now, "expires": now.Add(i.cfg.Absolute),
	})
	if err != nil {
		return fmt.Errorf("open session: %w", err)
	}
	i.setCookie(w, sessionCookie, id, 0)
	return nil
}

// person is what a session stores of an actor.
type person struct {
	Kind agency.ActorKind `json:"kind"`
	ID   string           `json:"id"`
	Name string           `json:"name"`
}

type sessionRow struct {
	Actor     []byte
	Level     int
	CSRF      []byte
	SeenAt    time.Time
	ExpiresAt time.Time
}

// load finds the session with an id; nil when there is none any more.
func (i *Identity) load(ctx context.Context, id string) (*Principal, error) {
	now := i.cfg.Now()
	rows, _ := i.cfg.DB.Query(ctx, `
		SELECT actor, level, csrf, seen_at, expires_at
		FROM sessions
		WHERE id_hash = @id AND expires_at > @now AND seen_at > @idle`,
		pgx.StrictNamedArgs{"id": hash(id), "now": now, "idle": now.Add(-i.cfg.Idle)})
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[sessionRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load session: %w", err)
	}
	// To the minute is enough, and spares a write a request.
	if now.Sub(s.SeenAt) > time.Minute {
		if _, err := i.cfg.DB.Exec(ctx, `UPDATE sessions SET seen_at = @now WHERE id_hash = @id AND seen_at < @now`,
			pgx.StrictNamedArgs{"id": hash(id), "now": now}); err != nil {
			return nil, fmt.Errorf("load session: %w", err)
		}
	}
	var stored person
	if err := json.Unmarshal(s.Actor, &stored); err != nil {
		return nil, fmt.Errorf("load session: %w", err)
	}
	a, err := i.actor(ctx, stored, s.Level)
	if errors.Is(err, ErrNotOfficer) {
		return nil, nil // the last seat was taken away
	}
	if err != nil {
		return nil, err
	}
	expires := now.Add(i.cfg.Idle)
	if s.ExpiresAt.Before(expires) {
		expires = s.ExpiresAt
	}
	return &Principal{Actor: a, Subject: a.ID, Expires: expires, csrf: s.CSRF}, nil
}

// actor is a person with what they are now: an officer's seats may have changed.
func (i *Identity) actor(ctx context.Context, p person, level int) (agency.Actor, error) {
	a := agency.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name, Level: level}
	if p.Kind != agency.Officer {
		return a, nil
	}
	officer, found, err := i.cfg.Officer(ctx, p.ID)
	if err != nil {
		return a, fmt.Errorf("look up officer %s: %w", p.ID, err)
	}
	if !found || len(officer.Seats) == 0 {
		return a, fmt.Errorf("officer %s: %w", p.ID, ErrNotOfficer)
	}
	a.Seats = officer.Seats
	if officer.Name != "" {
		a.Name = officer.Name
	}
	return a, nil
}

// Logout ends the session and sends the browser to the front page. It takes POST only.
func (i *Identity) Logout(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	if id := i.readCookie(r, sessionCookie); id != "" {
		if _, err := i.cfg.DB.Exec(r.Context(), `DELETE FROM sessions WHERE id_hash = $1`, hash(id)); err != nil {
			i.fail(w, r, fmt.Errorf("end session: %w", err))
			return
		}
	}
	i.setCookie(w, sessionCookie, "", 0)
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// SignOut ends all sessions of a person, for instance when their identity was
// locked; it returns how many there were.
func (i *Identity) SignOut(ctx context.Context, id string) (int64, error) {
	tag, err := i.cfg.DB.Exec(ctx, `DELETE FROM sessions WHERE actor ->> 'id' = $1`, id)
	if err != nil {
		return 0, fmt.Errorf("sign out: %w", err)
	}
	return tag.RowsAffected(), nil
}

// Sweep removes sessions and sign-ins that are over. Call it every few minutes.
func (i *Identity) Sweep(ctx context.Context) error {
	now := i.cfg.Now()
	_, err := i.cfg.DB.Exec(ctx, `
		WITH s AS (DELETE FROM sessions WHERE expires_at < @now OR seen_at < @idle)
		DELETE FROM sign_ins WHERE created_at < @old`,
		pgx.StrictNamedArgs{"now": now, "idle": now.Add(-i.cfg.Idle), "old": now.Add(-signInLife)})
	if err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	return nil
}
