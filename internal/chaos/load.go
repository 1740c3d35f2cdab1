package chaos

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/doctor"
	"github.com/hoso-gov/hoso/workflow"
)

// mostOpen is how many cases are open at a time: what is filed should also be
// decided.
const mostOpen = 400

// crowd is everybody who acts.
type crowd struct {
	c       *chaos
	stage   grounds
	clients map[string]*client

	mu   sync.Mutex
	open []cases.Code // that were filed and may not have ended
	of   map[cases.Code]string
}

// act starts the people; they act until ctx ends.
func (c *chaos) act(ctx context.Context, all *sync.WaitGroup) error {
	stage, err := loadGrounds()
	if err != nil {
		return err
	}
	w := &crowd{c: c, stage: stage, clients: map[string]*client{}, of: map[cases.Code]string{}}
	for range c.cfg.Users {
		all.Go(func() {
			for ctx.Err() == nil {
				w.turn(ctx)
				nap(ctx, c.rand.between(0, 40*time.Millisecond))
			}
		})
	}
	return nil
}

// turn lets somebody do something.
func (w *crowd) turn(ctx context.Context) {
	switch n := w.c.rand.n(20); {
	case n < 4:
		w.file(ctx)
	case n < 12:
		w.decide(ctx)
	case n < 14:
		w.agree(ctx)
	default:
		w.follow(ctx)
	}
}

// as is the client of a person.
func (w *crowd) as(who string, kind agency.ActorKind) *client {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.clients[who]
	if p == nil {
		p = &client{c: w.c, who: who, kind: kind}
		w.clients[who] = p
	}
	return p
}

func (w *crowd) file(ctx context.Context) {
	w.mu.Lock()
	full := len(w.open) >= mostOpen
	w.mu.Unlock()
	f, ok := w.c.site.people.nextFiling(w.c.rand)
	if full || !ok {
		return
	}
	done := w.as(f.who, agency.Citizen).insist(ctx, doctor.Command{Event: "file", Applicant: f.who}, "/cases", f.body)
	if done.Status/100 != 2 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = append(w.open, done.Got)
	w.of[done.Got] = f.who
}

// follow lets a citizen look at a case of theirs and do what it waits for.
func (w *crowd) follow(ctx context.Context) {
	w.mu.Lock()
	if len(w.open) == 0 {
		w.mu.Unlock()
		return
	}
	code := w.open[w.c.rand.n(len(w.open))]
	who := w.of[code]
	w.mu.Unlock()
	p := w.as(who, agency.Citizen)
	v, ok := p.look(ctx, code)
	if !ok {
		return
	}
	if v.Outcome != nil {
		w.mu.Lock()
		w.open = slices.DeleteFunc(w.open, func(c cases.Code) bool { return c == code })
		w.mu.Unlock()
		return
	}
	if v.Pay != nil && v.Pay.State == "ready" && v.Pay.PayURL != "" && strings.HasPrefix(v.State, "payment") && !w.c.rand.chance(0.1) {
		w.pay(ctx, v.Pay.PayURL)
		return
	}
	w.choose(ctx, p, v, 0.04)
}

// pay pays at the platform, or declines.
func (w *crowd) pay(ctx context.Context, at string) {
	choice := "pay"
	if w.c.rand.chance(0.08) {
		choice = "refuse"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(url.Values{"choice": {choice}}.Encode()))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	stay := *httpClient
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if r, err := stay.Do(req); err == nil {
		r.Body.Close()
	}
}

// agree lets the owner of the rented dwelling answer what they were asked.
func (w *crowd) agree(ctx context.Context) {
	p := w.as(owner, agency.Citizen)
	if w.c.rand.chance(0.5) { // or one of the citizens whose agreement a part asks for
		if who := w.asked(ctx); who != "" {
			p = w.as(who, agency.Citizen)
		}
	}
	var list struct {
		Items []struct {
			Code cases.Code `json:"code"`
		} `json:"items"`
	}
	if !p.get(ctx, "/cases?filter=needs-me", &list) || len(list.Items) == 0 {
		return
	}
	if v, ok := p.look(ctx, pick(w.c.rand, list.Items).Code); ok {
		w.choose(ctx, p, v, 0.05)
	}
}

// asked is a citizen to whom an open sub-case is addressed.
func (w *crowd) asked(ctx context.Context) string {
	var who string
	if err := w.c.site.db.QueryRow(ctx, `
		SELECT addressed FROM case_children k JOIN cases c ON c.id = k.child_id
		WHERE c.closed_at IS NULL AND k.addressed <> $1
		ORDER BY random() LIMIT 1`, owner).Scan(&who); err != nil {
		return "" // none, or the database is away
	}
	return who
}

// decide lets an officer take something from their queue and act on it. Two of
// them may do so at once: one wins.
func (w *crowd) decide(ctx context.Context) {
	o := pick(w.c.rand, w.c.site.people.officers)
	p := w.as(o.id, agency.Officer)
	var list struct {
		Items []struct {
			Code cases.Code `json:"code"`
		} `json:"items"`
	}
	if !p.get(ctx, "/worklist?tab=unassigned&limit=20", &list) || len(list.Items) == 0 {
		return
	}
	for range min(3, len(list.Items)) {
		v, ok := p.look(ctx, pick(w.c.rand, list.Items).Code)
		if !ok {
			continue
		}
		if w.c.rand.chance(0.05) {
			var race sync.WaitGroup
			race.Go(func() { w.choose(ctx, p, v, 0.5) })
			race.Go(func() { w.choose(ctx, p, v, 0.5) })
			race.Wait()
			continue
		}
		w.choose(ctx, p, v, 0.12)
	}
}

// choose does one of what a person may do with a case; contrary is the chance
// that it is not what the case would like.
func (w *crowd) choose(ctx context.Context, p *client, v *view, contrary float64) {
	var wanted, unwanted []int
	for i, a := range v.Allowed {
		if !a.Enabled {
			continue
		}
		if w.stage.unwanted(v.Procedure, workflow.State(v.State), a.Event) {
			unwanted = append(unwanted, i)
		} else {
			wanted = append(wanted, i)
		}
	}
	from := wanted
	if len(unwanted) > 0 && w.c.rand.chance(contrary) {
		from = unwanted
	}
	if len(from) == 0 {
		return
	}
	a := v.Allowed[pick(w.c.rand, from)]
	in, ok := w.input(ctx, p, v, a.Event, a.Needs)
	if !ok {
		return
	}
	cmd := doctor.Command{Case: v.Code, Event: a.Event, Expected: v.Revision}
	p.insist(ctx, cmd, "/cases/"+url.PathEscape(string(v.Code))+"/events", map[string]any{"event": a.Event, "input": in})
}

// input is what an act needs.
func (w *crowd) input(ctx context.Context, p *client, v *view, event workflow.Event, needs []string) (map[string]any, bool) {
	in := map[string]any{}
	for _, need := range needs {
		switch need {
		case "note":
			in["note"] = "Theo quy định"
		case "findings":
			in["findings"] = "Thực tế đúng như kê khai"
		case "days":
			in["days"] = 1
		case "grounds":
			g := w.stage.grounds(v.Procedure)
			if len(g) == 0 {
				return nil, false
			}
			in["grounds"] = []string{pick(w.c.rand, g)}
		case "judgements":
			in["judgements"] = judged(v, "")
		case "items":
			if len(v.Checklist) == 0 {
				return nil, false
			}
			item := v.Checklist[w.c.rand.n(len(v.Checklist))].Item
			in["judgements"] = judged(v, item)
			in["items"] = []map[string]any{{"item": item, "reason": "Chưa rõ, đề nghị bổ sung"}}
		}
	}
	if event == "supply" {
		file, ok := w.upload(ctx, p, v)
		if !ok {
			return nil, false
		}
		in["files"] = []string{file}
	}
	return in, true
}

// judged are verdicts on every item: all satisfied but one.
func judged(v *view, but string) []map[string]any {
	out := []map[string]any{}
	for _, c := range v.Checklist {
		j := map[string]any{"item": c.Item, "verdict": "satisfied"}
		if c.Item == but {
			j = map[string]any{"item": c.Item, "verdict": "not-satisfied", "reason": "Chưa rõ"}
		}
		out = append(out, j)
	}
	return out
}

// upload hands in a paper that a supplement asks for, whatever its name.
func (w *crowd) upload(ctx context.Context, p *client, v *view) (string, bool) {
	for _, name := range w.stage.attachments(v.Procedure) {
		body := fmt.Appendf(nil, `{"attachment":%q,"name":"bo-sung.pdf","content":"JVBERi0xLjQKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZz4+ZW5kb2JqCnRyYWlsZXI8PC9Sb290IDEgMCBSPj4KJSVFT0YK"}`, name)
		status, answer, _ := p.call(ctx, http.MethodPost, "/cases/"+url.PathEscape(string(v.Code))+"/files", body, nil)
		if status == http.StatusCreated {
			return idOf(answer), true
		}
	}
	return "", false
}
