package portal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/vietnamese"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// homeView is the catalogue, with what waits for who is signed in.
type homeView struct {
	Lang   string
	Query  string
	Found  string // how many procedures a search found; empty: none was made
	Events []homeEvent
	Tasks  []ui.Card
	Papers bool      // leads to the citizen's papers
	Offers []ui.Card // what can be done now
	More   []ui.Card // of the offers, behind a summary
}

// homeEvent is a life event with its procedures.
type homeEvent struct {
	Title string
	Cards []ui.Card
}

const (
	tasksShown  = 3 // how many cases and drafts the home page names
	offersShown = 6 // how many offers stand open
)

// home is the catalogue by life event, or what a search finds.
func (p *portal) home(w http.ResponseWriter, r *http.Request) error {
	lang := site.Lang(r)
	v := homeView{Lang: lang, Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	services := p.Procedures.Services()
	if v.Query != "" {
		services = search(services, v.Query)
		n := ui.Count(int64(len(services)))
		v.Found = ui.T(lang, "Tìm thấy "+n+" thủ tục", "Procedures found: "+n)
	}
	v.Events = eventsOf(services, lang)
	if a := site.Actor(r); a.Kind == agency.Citizen && v.Query == "" {
		var err error
		v.Papers = true
		if v.Tasks, err = p.tasks(r, a, lang); err != nil {
			return err
		}
		v.Offers, v.More = firstOffers(p.offers(r, a, lang))
	}
	title := ui.T(lang, "Ông/Bà cần làm thủ tục gì?", "What do you need to do?")
	return p.Render(w, r, http.StatusOK, homePage(p.Frame(r, title), v))
}

// tasks are the cases that wait for the citizen, and the drafts.
func (p *portal) tasks(r *http.Request, a agency.Actor, lang string) ([]ui.Card, error) {
	waiting, _, err := p.Cases.Mine(r.Context(), a, cases.MineNeedsMe, "", tasksShown)
	if err != nil {
		return nil, err
	}
	var out []ui.Card
	for _, s := range waiting {
		out = append(out, p.caseCard(s, lang))
	}
	drafts, err := p.Cases.Drafts(r.Context(), a)
	if err != nil {
		return nil, err
	}
	return append(out, p.draftCards(drafts[:min(len(drafts), tasksShown)], lang)...), nil
}

// offers are what the citizen can do now, in the order of the catalogue. The
// page goes without them when they cannot be told.
func (p *portal) offers(r *http.Request, a agency.Actor, lang string) []ui.Card {
	list, err := p.Cases.Offers(r.Context(), a)
	if err != nil {
		p.Log.ErrorContext(r.Context(), "the home page goes without offers", "error", err)
		return nil
	}
	at := func(o cases.Offer) int {
		return slices.IndexFunc(procedures.Groups, func(e procedures.Group) bool { return e.ID == o.Procedure.Group })
	}
	slices.SortStableFunc(list, func(a, b cases.Offer) int { return at(a) - at(b) })
	var out []ui.Card
	for _, o := range list {
		out = append(out, ui.Card{Title: o.Procedure.Name.In(lang), Href: proceduresPath + "/" + string(o.Procedure.ID), Text: o.Text.In(lang)})
	}
	return out
}

// firstOffers are those that stand open, and the others.
func firstOffers(all []ui.Card) (open, more []ui.Card) {
	n := min(len(all), offersShown)
	return all[:n], all[n:]
}

func eventsOf(services []*procedures.Procedure, lang string) []homeEvent {
	var out []homeEvent
	add := func(group, title string) {
		e := homeEvent{Title: title}
		for _, p := range services {
			if p.Group == group {
				e.Cards = append(e.Cards, procedureCard(p, lang))
			}
		}
		if len(e.Cards) > 0 {
			out = append(out, e)
		}
	}
	named := map[string]bool{}
	for _, e := range procedures.Groups {
		named[e.ID] = true
		add(e.ID, e.Title.In(lang))
	}
	for _, p := range services {
		if !named[p.Group] {
			named[p.Group] = true
			add(p.Group, p.Group)
		}
	}
	return out
}

func procedureCard(p *procedures.Procedure, lang string) ui.Card {
	c := ui.Card{Title: p.Name.In(lang), Href: proceduresPath + "/" + string(p.ID), Text: p.Summary.In(lang)}
	if len(p.Limits) > 0 {
		last := p.Limits[len(p.Limits)-1]
		c.Meta = append(c.Meta, ui.T(lang, "Thời hạn ", "Term: ")+lowerFirst(termWords(last.Limit, lang)))
	}
	return c
}

// search finds procedures whose words begin with each word of the text, with
// or without diacritics; those that match by name come first.
func search(services []*procedures.Procedure, text string) []*procedures.Procedure {
	want := strings.Fields(vietnamese.FoldWords(text, "."))
	type hit struct {
		p    *procedures.Procedure
		rank int
	}
	var hits []hit
	for _, p := range services {
		names := []string{p.Name.VI, p.Name.EN, p.Official.VI, p.Official.EN, p.Code}
		switch {
		case matches(names, want):
			hits = append(hits, hit{p, 0})
		case matches(append(names, p.Summary.VI, p.Summary.EN, p.Gives.VI, p.Gives.EN, p.Who.VI, p.Who.EN, groupTitle(p.Group)), want):
			hits = append(hits, hit{p, 1})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return a.rank - b.rank })
	var out []*procedures.Procedure
	for _, h := range hits {
		out = append(out, h.p)
	}
	return out
}

func groupTitle(group string) string {
	for _, e := range procedures.Groups {
		if e.ID == group {
			return e.Title.VI + " " + e.Title.EN
		}
	}
	return group
}

func matches(texts, want []string) bool {
	words := strings.Fields(vietnamese.FoldWords(strings.Join(texts, " "), "."))
	for _, w := range want {
		if !slices.ContainsFunc(words, func(have string) bool { return strings.HasPrefix(have, w) }) {
			return false
		}
	}
	return len(want) > 0
}
