package guide

import (
	"html"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/sandbox/world"
)

func pages(t *testing.T) (func(path string) (int, string), *procedures.Catalogue) {
	t.Helper()
	c := shipped.WithScenarios()
	w, err := world.New(time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC), nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(Config{Definitions: func() *procedures.Catalogue { return c }, Portal: "http://portal.example", Read: func(registry, kind, key string) map[string]any {
		values, _, _, _ := w.Read(registry, kind, key, "2026-11-26")
		return values
	}})
	if err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	r.Route(Path, g.Routes)
	return func(path string) (int, string) {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code, html.UnescapeString(w.Body.String())
	}, c
}

// The page of a service says of each scenario as whom to sign in, what to answer in
// the words of the form, who acts next and as whom, and what comes out.
func TestService(t *testing.T) {
	get, _ := pages(t)
	status, text := get(Path + "/permanent-residence?lang=en")
	if status != 200 {
		t.Fatal(status)
	}
	start := strings.Index(text, `id="wife-joins-husband"`)
	end := strings.Index(text, `id="own-dwelling-with-a-co-owner"`)
	story := text[start:end]
	for _, want := range []string{
		"Nguyễn Thị An", "001196000101", // who
		"12 phố Lê Lợi, Ba Dinh Ward, Hanoi City", // an address in words
		"Trần Văn Bình", "001090000102",           // who consents
		"ca-00004-tiepnhan", "ca-00004-pheduyet", // the officers of the commune that the answers name
		"To be paid", "0 đồng", "It ends as",
	} {
		if !strings.Contains(story, want) {
			t.Errorf("the story does not say %q:\n%s", want, story)
		}
	}
	for _, not := range []string{"Not to be played", "wife-joins-husband/", "<dd></dd>"} {
		if strings.Contains(story, not) {
			t.Errorf("the story says %q", not)
		}
	}
	own, _, _ := strings.Cut(text[end:], "</section>")
	for _, want := range []string{"7 ngõ 10 phố Đội Cấn", "ca-00004-thuly"} { // what the land database says of the dwelling that is chosen
		if !strings.Contains(own, want) {
			t.Errorf("the story does not say %q:\n%s", want, own)
		}
	}
	if status, _ := get(Path + "/consent"); status != 404 {
		t.Errorf("a part that nobody files has a page: %d", status)
	}
}

// Every scenario of every service is on its page, in both languages; one that rests
// on other records, or on time that passes, says so.
func TestEveryScenario(t *testing.T) {
	get, c := pages(t)
	_, index := get(Path + "/")
	obstructed := 0
	for _, p := range c.Services() {
		if len(p.Scenarios) == 0 {
			continue
		}
		if !strings.Contains(index, `href="/thu/`+string(p.ID)+`"`) {
			t.Errorf("%s is not in the list", p.ID)
		}
		for _, lang := range []string{"vi", "en"} {
			_, text := get(Path + "/" + string(p.ID) + "?lang=" + lang)
			for _, s := range p.Scenarios {
				if !strings.Contains(text, `id="`+s.ID+`"`) || !strings.Contains(text, s.Title.VI) && !strings.Contains(text, s.Title.EN) {
					t.Errorf("%s in %s: %s is missing", p.ID, lang, s.ID)
				}
			}
		}
		for _, s := range p.Scenarios {
			if len(obstacles(s)) > 0 {
				obstructed++
			}
		}
	}
	if obstructed == 0 {
		t.Error("no scenario is marked as not to be played by hand")
	}
}
