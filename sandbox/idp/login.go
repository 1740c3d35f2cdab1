package idp

import (
	_ "embed"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/sandbox/page"
)

var personalNumber = regexp.MustCompile(`^[0-9]{12}$`)

//go:embed login.html
var loginHTML string

var loginPage = page.Parse(loginHTML)

type loginView struct {
	ID       string
	Level    string // asked for
	Query    string
	Citizens []Identity
	Officers []Identity
	Problem  string // key of what is wrong with the other number
	Number   string
	Name     string
}

func (p *Provider) showLogin(w http.ResponseWriter, r *http.Request) {
	req, err := p.storage.request(r.URL.Query().Get("id"))
	if err != nil || req.done {
		page.Sorry(w, r, http.StatusNotFound, "Phiên đăng nhập này đã kết thúc. Xin quay lại Cổng dịch vụ công và đăng nhập lại.", "This sign-in is over. Go back to the portal and sign in again.")
		return
	}
	level := req.wanted()
	if l := r.URL.Query().Get("level"); l == level1 || l == level2 {
		level = l
	}
	p.render(w, r, http.StatusOK, loginView{ID: req.id, Level: level, Query: r.URL.Query().Get("q")})
}

func (p *Provider) render(w http.ResponseWriter, r *http.Request, status int, v loginView) {
	words := strings.Fields(strings.ToLower(v.Query))
	for _, i := range p.cfg.Identities {
		text := strings.ToLower(strings.Join(append([]string{i.Subject, i.Name, i.Agency, i.Note.VI, i.Note.EN}, i.Roles...), " "))
		if slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
			continue
		}
		if i.Kind == "officer" {
			v.Officers = append(v.Officers, i)
		} else {
			v.Citizens = append(v.Citizens, i)
		}
	}
	page.Write(w, r, status, loginPage, [2]string{"Định danh điện tử quốc gia", "National electronic identity"}, v)
}

// login takes one of the demo people, or any number with a name.
func (p *Provider) login(w http.ResponseWriter, r *http.Request) {
	id, level := r.PostFormValue("id"), r.PostFormValue("level")
	if level != level1 {
		level = level2
	}
	who, ok := p.find(r.PostFormValue("subject"))
	if !ok {
		who = Identity{Subject: strings.TrimSpace(r.PostFormValue("number")), Kind: "citizen", Name: strings.TrimSpace(r.PostFormValue("name"))}
		v := loginView{ID: id, Level: level, Number: who.Subject, Name: who.Name}
		switch known, ok := p.find(who.Subject); {
		case ok:
			who = known
		case !personalNumber.MatchString(who.Subject):
			v.Problem = "number"
		case who.Name == "" || len(who.Name) > 100:
			v.Problem = "name"
		}
		if v.Problem != "" {
			p.render(w, r, http.StatusUnprocessableEntity, v)
			return
		}
	}
	if err := p.storage.signIn(id, who, level); err != nil {
		page.Sorry(w, r, http.StatusNotFound, "Phiên đăng nhập này đã kết thúc. Xin quay lại Cổng dịch vụ công và đăng nhập lại.", "This sign-in is over. Go back to the portal and sign in again.")
		return
	}
	target := p.callback(r.Context(), id)
	if u, err := url.Parse(target); err != nil || u.Host == "" {
		http.Error(w, "issuer is not set", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}
