package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/doctor"
	"github.com/hoso-gov/hoso/registry/signed"

	"github.com/jackc/pgx/v5"
)

// faults are those that come and go. What kills a program, a back-end or the
// server is not among them: that happens all the time.
var faults = []fault{
	{"registries down", peers(map[string]any{"down": true}, "civil-status", "fines", "health-insurance", "land")},
	{"registry slow", peers(map[string]any{"slow": 3000}, "fines", "land")},
	{"registry answers garbage", peers(map[string]any{"wrong": true}, "civil-status", "fines")},
	{"registry does the work and reports an error", peers(map[string]any{"doneButError": true}, "fines", "health-insurance", "civil-status")},
	{"registry hears twice", peers(map[string]any{"repeat": true}, "fines", "health-insurance")},
	{"payment platform down", peers(map[string]any{"down": true}, "pay")},
	{"payment platform answers garbage", peers(map[string]any{"wrong": true}, "pay")},
	{"payment platform takes the order and reports an error", peers(map[string]any{"doneButError": true}, "pay")},
	{"callbacks lost", peers(map[string]any{"down": true}, "pay-callback")},
	{"callbacks repeated", peers(map[string]any{"repeat": true}, "pay-callback")},
	{"callbacks forged", peers(map[string]any{"wrong": true}, "pay-callback")},
	{"callbacks sent again though they were heard", peers(map[string]any{"doneButError": true}, "pay-callback")},
	{"callbacks out of order", staleCallbacks},
	{"mail down", peers(map[string]any{"down": true}, "mail", "sms")},
	{"mail slow", peers(map[string]any{"slow": 2000}, "mail")},
	{"mail taken and an error reported", peers(map[string]any{"doneButError": true}, "mail", "sms")},
	{"cases locked", blockRows},
	{"table locked", blockTable},
	{"snapshot held", longSnapshot},
	{"no connection left", noConnections},
	{"database read-only", readOnly},
	{"disk full", diskFull},
}

// events are those that happen once.
var events = []fault{
	{"an agency is merged into another", mergeAgency},
	{"the database is copied for the restore", copyDatabase},
}

// peers switches parts of the sandbox.
func peers(state map[string]any, parts ...string) func(context.Context, *chaos, time.Duration) error {
	return func(ctx context.Context, c *chaos, d time.Duration) error {
		for _, part := range parts {
			state := map[string]any{"part": part, "slow": state["slow"], "down": state["down"], "wrong": state["wrong"], "repeat": state["repeat"], "doneButError": state["doneButError"]}
			for name, v := range state {
				if v == nil {
					delete(state, name)
				}
			}
			if err := c.turn(ctx, state); err != nil {
				return err
			}
		}
		nap(ctx, d)
		for _, part := range parts {
			if err := insist(ctx, func(ctx context.Context) error { return c.turn(ctx, map[string]any{"part": part}) }); err != nil {
				return err
			}
		}
		return nil
	}
}

func (c *chaos) turn(ctx context.Context, state map[string]any) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.site.sand+"/switch", bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	r, err := httpClient.Do(req)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("switch %v: %s", state["part"], r.Status)
	}
	return nil
}

// staleCallbacks reports of orders what was true before, after what is true now,
// and once more what is true, with the platform's own signature.
func staleCallbacks(ctx context.Context, c *chaos, d time.Duration) error {
	signer, err := signed.ReadOrCreate("pay", filepath.Join(c.dir, "world", "pay.jwk"))
	if err != nil {
		return err
	}
	books, err := doctor.ReadBooks(ctx, c.site.sand)
	if err != nil {
		return err
	}
	end := time.Now().Add(d)
	for i := len(books.Orders) - 1; i >= 0 && time.Now().Before(end); i-- {
		o := books.Orders[c.rand.n(len(books.Orders))]
		if o.Status == "pending" {
			continue
		}
		for _, status := range []string{"failed", o.Status} {
			if status == "failed" && o.Status != "paid" {
				continue
			}
			body, err := json.Marshal(map[string]any{"event": uuid.NewString(), "order": o.ID, "status": status, "amount": o.Amount, "receipt": o.Receipt, "reason": "declined-by-payer",
				"at": time.Now().Add(-time.Hour).UTC()})
			if err != nil {
				return err
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.CallbackURL, bytes.NewReader(body))
			if err != nil {
				return err
			}
			req.Header.Set("Content-Type", "application/json")
			if _, err := signer.Request(req, body); err != nil {
				return err
			}
			if r, err := httpClient.Do(req); err == nil {
				r.Body.Close()
			}
		}
		nap(ctx, 20*time.Millisecond)
	}
	return nil
}

// mergeAgency ends one agency in the middle of its cases: another takes over
// what it has.
func mergeAgency(ctx context.Context, c *chaos, _ time.Duration) error {
	return pgx.BeginFunc(ctx, c.site.db, func(tx pgx.Tx) error {
		return agency.Succeed(ctx, tx, "BH-00004", "BH-00070", time.Now())
	})
}
