package ui

import (
	"net/url"
	"strconv"
	"time"
)

// Frame is what surrounds every page.
type Frame struct {
	Lang    string // vi or en; empty: vi
	Title   string // of the page, without the name of the service
	Path    string // of the request, with its query: the language switch leads back to it
	Account *Account
	SignIn  string // where to sign in, when Account is nil; empty: no such link
	CSRF    string // of the session, for the button that signs out
	Back    string // where the back link leads; empty: none
	Nav     []Link // main pages; empty: none
	Error   bool   // the page shows problems of its form: the title says so
	Dense   bool   // officers: full width, smaller type
	Home    string // where the name of the service leads; empty: /
	Notices []Banner
	// SessionEnds is when the session ends unless it is used. The script warns
	// five minutes before; zero: no warning.
	SessionEnds time.Time
	// Footer are links before the fixed ones: help, privacy, accessibility.
	Footer []Link
}

// Account is who is signed in.
type Account struct {
	Name    string
	Role    string // of an officer, with the agency; for whom a citizen acts; may be empty
	Links   []Link
	SignOut string // path that takes a POST
}

// CitizenNav are the main pages of a citizen; current is the path of one of them.
func CitizenNav(lang, current string) []Link {
	links := []Link{
		{Text: T(lang, "Trang chủ", "Home"), Href: "/"},
		{Text: T(lang, "Hồ sơ của tôi", "My cases"), Href: "/ho-so"},
		{Text: T(lang, "Giấy tờ", "Papers"), Href: "/giay-to"},
		{Text: T(lang, "Tin báo", "Messages"), Href: "/tin-bao"},
		{Text: T(lang, "Ai đã xem dữ liệu", "Who read my data"), Href: "/ai-da-xem"},
	}
	for i := range links {
		links[i].Current = links[i].Href == current
	}
	return links
}

func (f Frame) lang() string {
	if f.Lang == "en" {
		return "en"
	}
	return "vi"
}

func (f Frame) t(vi, en string) string { return T(f.Lang, vi, en) }

func (f Frame) home() string {
	if f.Home == "" {
		return "/"
	}
	return f.Home
}

func (f Frame) title() string {
	title := f.Title
	if f.Error {
		title = f.t("Lỗi: ", "Error: ") + title
	}
	if title == "" {
		return ServiceName
	}
	return title + " – " + ServiceName
}

// ServiceName is the name of the service; it is not translated.
const ServiceName = "Hồ sơ"

// in is the link to the same page in another language.
func (f Frame) in(lang string) string {
	u, err := url.Parse(f.Path)
	if err != nil || u.Path == "" || u.Host != "" {
		u = &url.URL{Path: "/"}
	}
	q := u.Query()
	q.Set("lang", lang)
	u.RawQuery = q.Encode()
	return u.String()
}

func (f Frame) sessionEnds() string { return strconv.FormatInt(f.SessionEnds.Unix(), 10) }

func (f Frame) body() string {
	if f.Dense {
		return "hs-dense"
	}
	return "hs-citizen"
}
