package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

// Whoever follows docs/authors/tutorial.md word for word, in an empty folder and
// with nothing but the program, has a 26th procedure in the portal, and a
// case of it is filed, paid and decided there over HTTP. The one thing that the
// test adds to the page is free ports for `hoso dev`.
func TestTutorial(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	t.Parallel()
	a := newAuthor(t, "tutorial.md", pgtest.Empty(t))
	served := false
	for _, b := range guideBlocks(t, a.page) {
		if b.kind == "console" && strings.Contains(b.body, "$ hoso dev") {
			a.at = b
			(&visitor{author: a}).visit(b.body)
			served = true
			continue
		}
		a.follow(b)
	}
	if !served {
		t.Error("the page does not get to hoso dev")
	}
}

// A visitor is the author at the portal that `hoso dev` serves.
type visitor struct {
	*author
	portal, sandbox string
}

func (v *visitor) visit(body string) {
	t := v.t
	command, rest, _ := strings.Cut(strings.TrimPrefix(body, "$ "), "\n")
	portal, sandbox, smtp := freePort(t), freePort(t), freePort(t)
	v.portal, v.sandbox = "http://"+portal, "http://"+sandbox
	cmd := exec.Command("bash", "-c", "exec "+command+" --addr "+portal+" --sandbox "+sandbox+" --smtp "+smtp)
	out := &locked{}
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = v.dir, v.env, out, out
	if err := cmd.Start(); err != nil {
		v.fail("%v", err)
	}
	defer func() {
		_ = cmd.Process.Kill() // may be gone already
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said\n%s", command, out)
		}
	}()
	v.until("the portal answers", func() bool { return v.status(v.portal+"/readyz") == http.StatusOK })
	// What the program has written may still be in the pipe when it answers.
	last := lastLine(rest)
	v.until("it says "+last, func() bool { return strings.Contains(out.String(), last) })
	v.shows(command, out.String(), rest)
	v.catalogue()
	v.decide()
}

// catalogue: the procedure is listed and has its page.
func (v *visitor) catalogue() {
	_, list := v.get(v.portal + "/")
	if !strings.Contains(list, "marriage-extract") {
		_, list = v.get(v.portal + "/thu-tuc")
	}
	if !strings.Contains(list, "Xin bản sao trích lục kết hôn") {
		v.fail("the procedure is not in the catalogue")
	}
	status, page := v.get(v.portal + "/thu-tuc/marriage-extract")
	if status != http.StatusOK || !strings.Contains(page, "8.000 đồng mỗi bản sao") {
		v.fail("the page of the procedure: %d\n%s", status, page)
	}
}

// decide files a case, pays, and lets the officers of the tutorial decide it.
func (v *visitor) decide() {
	const citizen = "001090000102"
	filed := v.call(citizen, "POST", "/cases", map[string]any{"procedure": "marriage-extract", "answers": map[string]any{"request": map[string]any{"copies": 2}}})
	code, _ := filed["code"].(string)
	if filed["state"] != "payment" || filed["fee"] != float64(16000) {
		v.fail("filed: %v", filed)
	}
	var page string
	v.until("there is a page to pay on", func() bool {
		payment, _ := v.call(citizen, "GET", "/cases/"+code, nil)["payment"].(map[string]any)
		page, _ = payment["pay_url"].(string)
		return page != ""
	})
	if r, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).PostForm(page, url.Values{"choice": {"pay"}}); err != nil {
		v.fail("pay: %v", err)
	} else {
		r.Body.Close()
	}
	v.reaches(citizen, code, "examine")
	v.call("ub-00004-thuly", "POST", "/cases/"+code+"/events", map[string]any{"event": "propose", "input": map[string]any{"findings": "Khớp với sổ đăng ký"}})
	v.call("ub-00004-pheduyet", "POST", "/cases/"+code+"/events", map[string]any{"event": "grant"})
	v.reaches(citizen, code, "granted")
}

func (v *visitor) reaches(who, code, state string) {
	v.until("the case is in state "+state, func() bool { return v.call(who, "GET", "/cases/"+code, nil)["state"] == state })
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// until waits for what the program does by itself; it gives up after a minute.
func (v *visitor) until(what string, done func() bool) {
	v.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if done() {
			return
		}
	}
	v.fail("it does not come true that %s", what)
}

func (v *visitor) status(address string) int {
	r, err := http.Get(address)
	if err != nil {
		return 0
	}
	defer r.Body.Close()
	return r.StatusCode
}

func (v *visitor) get(address string) (int, string) {
	r, err := http.Get(address)
	if err != nil {
		v.fail("%v", err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		v.fail("%v", err)
	}
	return r.StatusCode, string(text)
}

// call asks the API as somebody who is signed in at the sandbox.
func (v *visitor) call(who, method, path string, in any) map[string]any {
	v.t.Helper()
	r, err := http.PostForm(v.sandbox+"/token", url.Values{"grant_type": {"urn:hoso:sandbox"}, "subject": {who}})
	if err != nil {
		v.fail("sign in: %v", err)
	}
	defer r.Body.Close()
	var signed struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(r.Body).Decode(&signed); err != nil {
		v.fail("sign in as %s: %v", who, err)
	}
	body, err := json.Marshal(in)
	if err != nil {
		v.fail("%v", err)
	}
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.portal+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		v.fail("%v", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+signed.Token)
	req.Header.Set("Idempotency-Key", uuid.NewString())
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		v.fail("%v", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	var out map[string]any
	if err != nil || answer.StatusCode >= 300 || json.Unmarshal(text, &out) != nil {
		v.fail("%s %s as %s: %s\n%s", method, path, who, answer.Status, text)
	}
	return out
}

// locked collects what a program prints.
type locked struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}
