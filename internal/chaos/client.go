package chaos

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/doctor"
	"github.com/hoso-gov/hoso/workflow"
)

// client speaks with the portal as one person.
type client struct {
	c    *chaos
	who  string
	kind agency.ActorKind

	mu    sync.Mutex
	token string
}

// view is what of a case robots look at.
type view struct {
	Code      cases.Code              `json:"code"`
	Procedure string                  `json:"procedure"`
	State     string                  `json:"state"`
	Outcome   *string                 `json:"outcome"`
	Revision  int                     `json:"revision"`
	Applicant struct{ Number string } `json:"applicant"`
	Pay       *struct {
		State  string `json:"state"`
		PayURL string `json:"pay_url"`
	} `json:"payment"`
	Allowed []struct {
		Event   workflow.Event `json:"event"`
		Needs   []string       `json:"needs"`
		Enabled bool           `json:"enabled"`
	} `json:"allowed"`
	Checklist []struct {
		Item string `json:"item"`
	} `json:"checklist"`
	Asked []struct {
		Item string `json:"item"`
	} `json:"asked"`
}

// bearer is the person's token, fetched when there is none.
func (p *client) bearer(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.token != "" {
		return p.token, nil
	}
	form := url.Values{"grant_type": {"urn:hoso:sandbox"}, "subject": {p.who}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.c.site.sand+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r, err := httpClient.Do(req)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || answer.Token == "" {
		return "", fmt.Errorf("no token for %s: %s", p.who, r.Status)
	}
	p.token = answer.Token
	return p.token, nil
}

// call makes one request; status 0 means that no answer came.
func (p *client) call(ctx context.Context, method, path string, body []byte, headers map[string]string) (status int, answer []byte, header http.Header) {
	token, err := p.bearer(ctx)
	if err != nil {
		return 0, nil, nil
	}
	req, err := http.NewRequestWithContext(ctx, method, p.c.site.base+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	r, err := httpClient.Do(req)
	if err != nil {
		return 0, nil, nil
	}
	defer r.Body.Close()
	if answer, err = io.ReadAll(r.Body); err != nil {
		return 0, nil, nil // cut off in the middle: that is no answer
	}
	if r.StatusCode == http.StatusUnauthorized {
		p.mu.Lock()
		p.token = ""
		p.mu.Unlock()
	}
	return r.StatusCode, answer, r.Header
}

// look reads a case, and writes the look down.
func (p *client) look(ctx context.Context, code cases.Code) (*view, bool) {
	sent := time.Now()
	status, answer, _ := p.call(ctx, http.MethodGet, "/cases/"+url.PathEscape(string(code)), nil, nil)
	answered := time.Now()
	var v view
	if status == http.StatusOK && json.Unmarshal(answer, &v) != nil {
		return nil, false
	}
	p.c.log.read(doctor.Read{Reader: p.who, Kind: p.kind, Case: code, Sent: sent, Answered: answered, Status: status, Revision: v.Revision})
	return &v, status == http.StatusOK
}

// send sends a command once, written down before and after.
func (p *client) send(ctx context.Context, cmd doctor.Command, path string, body any) doctor.Command {
	text, err := json.Marshal(body)
	if err != nil {
		return cmd
	}
	cmd.Body = fmt.Sprintf("%x", sha256.Sum256(text))[:16]
	headers := map[string]string{"Idempotency-Key": cmd.ID.String()}
	if cmd.Expected > 0 {
		headers["If-Match"] = strconv.Quote(strconv.Itoa(cmd.Expected))
	}
	cmd.Sent, cmd.Answered, cmd.Status = time.Now(), time.Time{}, 0
	at := p.c.log.before(cmd)
	status, answer, _ := p.call(ctx, http.MethodPost, path, text, headers)
	if status != 0 {
		cmd.Answered, cmd.Status = time.Now(), status
	}
	var v view
	if cmd.Status/100 == 2 && json.Unmarshal(answer, &v) == nil {
		cmd.Got, cmd.Revision = v.Code, v.Revision
	}
	p.c.log.after(at, cmd)
	return cmd
}

// insist sends a command until it is answered, as a client does that got no
// answer; some give up. Now and then it is sent again although it was accepted,
// or its id is used for something else, which has to be refused.
func (p *client) insist(ctx context.Context, cmd doctor.Command, path string, body any) doctor.Command {
	cmd.ID = uuid.New()
	for try := 0; ; try++ {
		done := p.send(ctx, cmd, path, body)
		if done.Status == http.StatusUnauthorized && try < 20 {
			continue
		}
		if done.Status != 0 && done.Status < 500 && done.Status != http.StatusTooManyRequests {
			cmd = done
			break
		}
		if ctx.Err() != nil || p.c.rand.chance(0.04) || try > 40 {
			return done
		}
		nap(ctx, p.c.rand.between(50*time.Millisecond, 600*time.Millisecond))
	}
	if cmd.Status/100 != 2 {
		return cmd
	}
	if p.c.rand.chance(0.05) {
		p.send(ctx, cmd, path, body)
	}
	if p.c.rand.chance(0.03) {
		p.send(ctx, cmd, path, altered(body))
	}
	return cmd
}

// altered is a request with the same id and another content.
func altered(body any) any {
	m, ok := body.(map[string]any)
	if !ok {
		return body
	}
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	if _, filing := m["procedure"]; filing {
		out["variant"] = "another"
	} else {
		out["input"] = map[string]any{"note": "nội dung khác"}
	}
	return out
}

// get reads a list.
func (p *client) get(ctx context.Context, path string, into any) bool {
	status, answer, _ := p.call(ctx, http.MethodGet, path, nil, nil)
	return status == http.StatusOK && json.Unmarshal(answer, into) == nil
}
