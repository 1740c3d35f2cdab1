package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/resident/population"
	"github.com/hoso-gov/hoso/sandbox/world"
)

const (
	crashFilings = 200
	crashAfter   = 90 // acknowledged filings before the kill
)

// Nodes that are killed in the middle of filings lose nothing that they
// acknowledged, and do nothing twice: each case is there once, its fee is asked
// for once at the payment platform, and its citizen is told once.
func TestKilledInTheMiddleOfFilings(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and kills programs")
	}
	c := newCrash(t)
	c.start()
	var (
		acked sync.Map // applicant → code
		first sync.Once
		n     atomic.Int32
		all   sync.WaitGroup
		work  = make(chan string)
	)
	for range 12 {
		all.Go(func() {
			for who := range work {
				code, err := c.file(who)
				if err != nil {
					first.Do(func() { t.Logf("the first that was not acknowledged: %v", err) })
					continue
				}
				acked.Store(who, code)
				n.Add(1)
			}
		})
	}
	killed := false
	for i, who := range c.people {
		if !killed && (n.Load() >= crashAfter || i == crashFilings-12) {
			c.kill()
			killed = true
		}
		work <- who
	}
	close(work)
	all.Wait()
	before := int(n.Load())
	if before == 0 || before == crashFilings {
		t.Fatalf("%d of %d filings were acknowledged: the kill was not in the middle", before, crashFilings)
	}
	c.start()
	codes := map[string]string{}
	for _, who := range c.people { // everybody sends the same request again, as after a lost answer
		code, err := c.file(who)
		if err != nil {
			t.Fatalf("after the restart: %v", err)
		}
		codes[code] = who
		if old, ok := acked.Load(who); ok && old != code {
			t.Errorf("%s was acknowledged as %s and is %s now", who, old, code)
		}
	}
	if len(codes) != crashFilings {
		t.Errorf("%d cases for %d filings", len(codes), crashFilings)
	}
	c.settle()
	c.verify()
	t.Logf("%d filings, %d acknowledged before both nodes were killed, %d cases after it, every effect once", crashFilings, before, len(codes))
}

// crash is a whole installation: database, sandbox, a serving and a working node.
type crash struct {
	t            *testing.T
	db           *pgxpool.Pool
	dir          string
	env          []string
	portal, sand string
	people       []string
	keys, tokens map[string]string
	nodes        []*exec.Cmd
}

func newCrash(t *testing.T) *crash {
	c := &crash{t: t, dir: t.TempDir(), keys: map[string]string{}, tokens: map[string]string{}}
	url := pgtest.URL(t)
	var err error
	if c.db, err = pgxpool.New(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.db.Close)
	c.must(agency.LoadDemo(t.Context(), c.db))
	c.must(resident.LoadDemo(t.Context(), c.db))
	c.populate()
	for _, name := range []string{"hoso", "sandbox"} {
		build := exec.Command("go", "build", "-o", filepath.Join(c.dir, name), "./cmd/"+name)
		build.Dir = "../.."
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", name, err, out)
		}
	}
	portal, sand, smtp := freePort(t), freePort(t), freePort(t)
	c.portal, c.sand = "http://"+portal, "http://"+sand
	keys := filepath.Join(c.dir, "keys")
	c.must(os.MkdirAll(keys, 0o700))
	signer, err := signed.ReadOrCreate("hoso", filepath.Join(keys, "hoso.jwk"))
	c.must(err)
	public, err := json.Marshal(signer.Public())
	c.must(err)
	clients := filepath.Join(c.dir, "clients.json")
	c.must(os.WriteFile(clients, public, 0o600))
	c.run("sandbox", nil, "-http", sand, "-smtp", smtp, "-dir", filepath.Join(c.dir, "world"), "-clients", clients)
	c.await(c.sand + "/healthz")
	played, err := world.Shipped()
	c.must(err)
	var registries []string
	for _, name := range played.Registries() {
		registries = append(registries, name+"="+c.sand+"/registries/"+name)
	}
	c.env = append(os.Environ(), "DATABASE_URL="+url, "HOSO_ADDR="+portal, "HOSO_BASE_URL="+c.portal, "HOSO_ISSUER="+c.sand+"/idp", "HOSO_CLIENT_ID=hoso-portal",
		"HOSO_REGISTRIES="+strings.Join(registries, ","), "HOSO_PAY_URL="+c.sand+"/pay", "HOSO_SMTP="+smtp, "HOSO_SMS_URL="+c.sand+"/sms",
		"HOSO_MAIL_FROM=Hoso <no-reply@hoso.example>", "HOSO_KEYS="+keys, "HOSO_TREASURY=7111")
	for _, who := range c.people {
		c.keys[who], c.tokens[who] = uuid.NewString(), c.token(who)
	}
	return c
}

// populate makes people up and picks those who will file.
func (c *crash) populate() {
	units, err := agency.DemoUnits()
	c.must(err)
	_, err = population.Generate(c.t.Context(), c.db, population.Config{People: 1200, Seed: 7, Units: units.Communes("01")})
	c.must(err)
	rows, err := c.db.Query(c.t.Context(), `
		SELECT r.number
		FROM residents r
		JOIN household_members m ON m.resident = r.number
		JOIN households h ON h.id = m.household AND h.head = r.number
		WHERE r.birth_date BETWEEN '1970-01-01' AND '2000-01-01' AND r.alive AND upper_inf(m.valid) AND h.closed_at IS NULL
		ORDER BY r.number
		LIMIT $1`, crashFilings)
	c.must(err)
	c.people, err = pgx.CollectRows(rows, pgx.RowTo[string])
	c.must(err)
	if len(c.people) < crashFilings {
		c.t.Fatalf("only %d heads of household were made up", len(c.people))
	}
}

func (c *crash) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// run starts one of the programs; it is killed when the test ends.
func (c *crash) run(name string, env []string, args ...string) *exec.Cmd {
	c.t.Helper()
	cmd := exec.Command(filepath.Join(c.dir, name), args...)
	cmd.Env, cmd.Dir = env, c.dir
	log, err := os.Create(filepath.Join(c.dir, name+"-"+uuid.NewString()+".log"))
	c.must(err)
	cmd.Stdout, cmd.Stderr = log, log
	c.must(cmd.Start())
	c.t.Cleanup(func() {
		_ = cmd.Process.Kill() // may be gone already
		_ = cmd.Wait()
		if c.t.Failed() {
			if out, err := os.ReadFile(log.Name()); err == nil && len(out) > 0 {
				c.t.Logf("%s %v said:\n%s", name, args, out[max(0, len(out)-4000):])
			}
		}
		log.Close()
	})
	return cmd
}

func (c *crash) start() {
	c.nodes = []*exec.Cmd{c.run("hoso", c.env, "serve"), c.run("hoso", c.env, "work")}
	c.await(c.portal + "/readyz")
}

// kill ends both nodes at once, as a power cut does.
func (c *crash) kill() {
	for _, n := range c.nodes {
		c.must(n.Process.Kill())
	}
}

func (c *crash) await(url string) {
	c.t.Helper()
	for range 600 {
		if r, err := http.Get(url); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.t.Fatalf("%s does not answer", url)
}

func (c *crash) token(who string) string {
	r, err := http.PostForm(c.sand+"/token", url.Values{"grant_type": {"urn:hoso:sandbox"}, "subject": {who}})
	c.must(err)
	defer r.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
	}
	c.must(json.NewDecoder(r.Body).Decode(&answer))
	return answer.Token
}

// file sends a person's filing: a rented dwelling, a paper, a fee to pay.
func (c *crash) file(who string) (string, error) {
	body, err := json.Marshal(map[string]any{
		"procedure": "permanent-residence",
		"answers": map[string]any{
			"applicant": map[string]any{"phone": "0912345678"}, // not everybody has one in the register
			"dwelling":  map[string]any{"title": "rented", "address": map[string]any{"province": "01", "commune": "00004", "line": "40 phố Kim Mã"}, "area": 50},
			"household": map[string]any{"mode": "new"}, "delivery": map[string]any{"result": "electronic"}},
		"attachments": []map[string]any{{"attachment": "lease", "name": "lease.pdf", "content": []byte("%PDF-1.4\n%%EOF\n")}},
	})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.portal+"/api/v1/cases", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.tokens[who])
	req.Header.Set("Idempotency-Key", c.keys[who])
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	answer, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	if r.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("%s: %s", r.Status, answer)
	}
	var filed struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(answer, &filed); err != nil {
		return "", err
	}
	return filed.Code, nil
}

// settle waits until nothing more follows. What the killed worker had in hand
// comes free when its lease ends, after 90 seconds; the test ends it now.
func (c *crash) settle() {
	c.t.Helper()
	_, err := c.db.Exec(c.t.Context(), `
		UPDATE case_effects SET lease_until = now() - interval '1 second', next_at = least(next_at, now() - interval '2 minutes')
		WHERE lease_until IS NOT NULL AND status IN (0, 1)`)
	c.must(err)
	open := 0
	for range 1800 {
		// A payment that was asked for stays open until the citizen pays.
		c.must(c.db.QueryRow(c.t.Context(), `
			SELECT count(*) FROM case_effects e
			WHERE e.status IN (0, 1) AND NOT EXISTS (SELECT FROM case_payments p WHERE p.order_id = e.key AND p.pay_url <> '')`).Scan(&open))
		if open == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.t.Fatalf("%d effects are still open", open)
}

// verify holds the database against the books of the payment platform and the
// mailbox, and each case's history against itself.
func (c *crash) verify() {
	c.t.Helper()
	ctx := c.t.Context()
	count := func(sql string) (n int) {
		c.t.Helper()
		c.must(c.db.QueryRow(ctx, sql).Scan(&n))
		return n
	}
	for _, q := range []struct {
		what, sql string
		want      int
	}{
		{"cases", `SELECT count(*) FROM cases`, crashFilings},
		{"applicants", `SELECT count(DISTINCT applicant) FROM cases`, crashFilings},
		{"codes", `SELECT count(DISTINCT code) FROM cases`, crashFilings},
		{"cases whose papers are there", `SELECT count(DISTINCT owner_id) FROM case_files`, crashFilings},
		{"cases whose state is that of their last event", `SELECT count(*) FROM cases c JOIN case_events e ON e.case_id = c.id AND e.seq = c.revision AND e.to_state = c.state AND e.hash = c.head_hash`, crashFilings},
		{"cases with a gap in their history", `SELECT count(*) FROM cases c WHERE c.revision <> (SELECT count(*) FROM case_events e WHERE e.case_id = c.id)`, 0},
		{"payments asked for", `SELECT count(*) FROM case_payments WHERE pay_url <> ''`, count(`SELECT count(*) FROM cases WHERE fee > 0`)}, // digital citizens are exempt
		{"cases asked for their fee twice", `SELECT count(*) FROM (SELECT FROM case_payments GROUP BY case_id HAVING count(*) > 1) AS x`, 0},
		{"notices", `SELECT count(*) FROM notices`, crashFilings},
		{"cases that wait for nothing", `SELECT count(*) FROM cases c WHERE c.closed_at IS NULL AND NOT EXISTS (SELECT FROM case_tasks t WHERE t.case_id = c.id)
			AND NOT EXISTS (SELECT FROM case_timers t WHERE t.case_id = c.id)`, 0},
	} {
		if n := count(q.sql); n != q.want {
			c.t.Errorf("%d %s, want %d", n, q.what, q.want)
		}
	}
	if c.t.Failed() {
		var states string
		c.must(c.db.QueryRow(ctx, `SELECT string_agg(x, E'\n') FROM (SELECT format('%s × %s %s: status %s, %s', count(*), type, name, status, error) AS x FROM case_effects GROUP BY type, name, status, error) AS y`).Scan(&states))
		c.t.Log("the effects: " + states)
	}
	keys := map[string]bool{}
	rows, err := c.db.Query(ctx, `SELECT order_id::text FROM case_payments`)
	c.must(err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	c.must(err)
	for _, k := range list {
		keys[k] = true
	}
	orders := map[string]bool{}
	var book struct {
		Orders map[string]json.RawMessage `json:"orders"`
	}
	text, err := os.ReadFile(filepath.Join(c.dir, "world", "pay.json"))
	c.must(err)
	c.must(json.Unmarshal(text, &book))
	for id := range book.Orders {
		orders[id] = true
	}
	if !maps.Equal(keys, orders) {
		c.t.Errorf("we asked for %d payments, the platform has %d orders, or others", len(keys), len(orders))
	}
}
