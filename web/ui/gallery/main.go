// Command gallery shows every shared part of the pages with made-up content, to
// look at while changing them. Nothing in it answers a real request.
//
//	go run ./web/ui/gallery -addr 127.0.0.1:8099
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/a-h/templ"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/web/ui"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8099", "where to listen")
	flag.Parse()
	if err := run(*addr); err != nil {
		fmt.Fprintln(os.Stderr, "gallery:", err)
		os.Exit(1)
	}
}

func run(addr string) error {
	h, err := handler()
	if err != nil {
		return err
	}
	if err := ui.CheckAssets(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	server := &http.Server{Addr: addr, Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Printf("http://%s/\n", addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("listen: %w", err)
	}
	return nil
}

// A page of the gallery.
type page struct {
	path string
	draw func(f ui.Frame, units *agency.Units) templ.Component
}

var pages = []page{
	{"/", func(f ui.Frame, _ *agency.Units) templ.Component { return homePage(f) }},
	{"/thu-tuc", func(f ui.Frame, _ *agency.Units) templ.Component { return procedurePage(f) }},
	{"/cau-hoi", func(f ui.Frame, u *agency.Units) templ.Component { return questionPage(f, fields(f.Lang, u, false)) }},
	{"/loi", func(f ui.Frame, u *agency.Units) templ.Component { return questionPage(f, fields(f.Lang, u, true)) }},
	{"/mot-cau", func(f ui.Frame, _ *agency.Units) templ.Component { return onePage(f) }},
	{"/kiem-tra", func(f ui.Frame, _ *agency.Units) templ.Component { return checkPage(f) }},
	{"/da-nop", func(f ui.Frame, _ *agency.Units) templ.Component { return donePage(f) }},
	{"/ho-so", func(f ui.Frame, _ *agency.Units) templ.Component { return casePage(f) }},
	{"/hang-doi", func(f ui.Frame, _ *agency.Units) templ.Component { return queuePage(f) }},
	{"/thu-ly", func(f ui.Frame, _ *agency.Units) templ.Component { return deskPage(f) }},
}

func handler() (http.Handler, error) {
	units, err := agency.DemoUnits()
	if err != nil {
		return nil, fmt.Errorf("read the demo's units: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle(ui.AssetsPath, ui.Assets())
	mux.Handle("GET "+ui.UnitsPath, ui.Units(func() *agency.Units { return units }))
	for _, p := range pages {
		path := p.path
		if path == "/" {
			path = "/{$}"
		}
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			f := frame(r, p.path)
			status := http.StatusOK
			if f.Error {
				status = http.StatusUnprocessableEntity
			}
			if err := ui.Render(w, r, status, p.draw(f, units)); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	return ui.Headers()(ui.Language(mux)), nil
}

func frame(r *http.Request, path string) ui.Frame {
	lang := ui.Lang(r.Context())
	f := ui.Frame{Lang: lang, Path: r.URL.RequestURI(), CSRF: "gallery", Nav: ui.CitizenNav(lang, path), Error: path == "/loi",
		Account: &ui.Account{Name: "Nguyễn Thị An", SignOut: "/auth/logout",
			Links: []ui.Link{{Text: ui.T(lang, "Thông tin của tôi", "My details"), Href: "/toi"}}}}
	switch path {
	case "/":
		f.Account, f.SignIn = nil, "/auth/login"
	case "/hang-doi", "/thu-ly":
		f.Dense = true
		f.Account.Name, f.Account.Role = "Trần Văn Bình", ui.T(lang, "Thụ lý · Công an phường Hoàn Kiếm", "Handler · Hoàn Kiếm Ward Police")
		f.Nav = []ui.Link{
			{Text: ui.T(lang, "Hôm nay", "Today"), Href: "/"},
			{Text: ui.T(lang, "Hàng đợi", "Queue"), Href: "/hang-doi", Current: true, Count: "37"},
			{Text: ui.T(lang, "Tìm kiếm", "Search"), Href: "/tim"},
		}
	case "/da-nop":
		f.SessionEnds = time.Now().Add(4 * time.Minute) // so near that the warning shows at once
		f.Back = "/"
	default:
		f.Back = "/"
	}
	return f
}
