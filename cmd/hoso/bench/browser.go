package bench

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/web/site"
)

// browser is somebody who is signed in: it keeps cookies and sends forms with
// everything that they carry, as a browser does.
type browser struct {
	base   string
	client *http.Client
}

// page is an answer.
type page struct {
	status int
	at     *url.URL
	body   []byte
	wire   int // bytes of the body as they came
	took   time.Duration
}

// errPage reports an answer that was not expected.
var errPage = errors.New("unexpected answer")

func newBrowser(base string) *browser {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &browser{base: base, client: &http.Client{Jar: jar, Timeout: time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: 4, DisableCompression: true}}}
}

// signIn signs in by way of the identity provider: an officer, or a citizen of
// any number and name.
func signIn(ctx context.Context, base string, who agency.Actor) (*browser, error) {
	b := newBrowser(base)
	p, err := b.get(ctx, site.SignInPath+"?level=2&to=/")
	if err != nil {
		return nil, fmt.Errorf("sign in %s: %w", who.ID, err)
	}
	form := url.Values{"id": {p.at.Query().Get("id")}, "level": {"level2"}, "subject": {who.ID}}
	if who.Kind == agency.Citizen {
		form = url.Values{"id": {p.at.Query().Get("id")}, "level": {"level2"}, "number": {who.ID}, "name": {who.Name}}
	}
	if p, err = b.post(ctx, p.at.Scheme+"://"+p.at.Host+p.at.Path, form); err != nil {
		return nil, fmt.Errorf("sign in %s: %w", who.ID, err)
	}
	if !strings.HasPrefix(p.at.String(), base) {
		return nil, fmt.Errorf("sign in %s: %w: it ends at %s", who.ID, errPage, p.at)
	}
	return b, nil
}

// get fetches a page and follows redirections; another status than 200 is an error.
func (b *browser) get(ctx context.Context, path string) (*page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.address(path), nil)
	if err != nil {
		return nil, err
	}
	return b.do(req)
}

// post sends a form and follows redirections; another status than 200 at the end is an error.
func (b *browser) post(ctx context.Context, path string, form url.Values) (*page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.address(path), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(req)
}

func (b *browser) address(path string) string {
	if strings.HasPrefix(path, "/") {
		return b.base + path
	}
	return path
}

func (b *browser) do(req *http.Request) (*page, error) {
	req.Header.Set("Accept-Language", "vi")
	req.Header.Set("Accept-Encoding", "gzip")
	start := time.Now()
	resp, err := b.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	p := &page{status: resp.StatusCode, at: resp.Request.URL, body: body, wire: len(body), took: time.Since(start)}
	if resp.Header.Get("Content-Encoding") == "gzip" {
		plain, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		if p.body, err = io.ReadAll(plain); err != nil {
			return nil, err
		}
	}
	if p.status != http.StatusOK {
		return p, fmt.Errorf("%w: %d at %s", errPage, p.status, p.at)
	}
	return p, nil
}

// form finds the form whose action ends so, and returns its address and hidden values.
func (p *page) form(ending string) (action string, hidden url.Values, err error) {
	root, err := html.Parse(bytes.NewReader(p.body))
	if err != nil {
		return "", nil, err
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || !strings.HasSuffix(attribute(n, "action"), ending) {
			continue
		}
		hidden = url.Values{}
		for in := range n.Descendants() {
			if in.Data == "input" && attribute(in, "type") == "hidden" {
				hidden.Add(attribute(in, "name"), attribute(in, "value"))
			}
		}
		return attribute(n, "action"), hidden, nil
	}
	return "", nil, fmt.Errorf("%w: no form %s at %s", errPage, ending, p.at)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
