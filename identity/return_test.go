package identity

import (
	"net/url"
	"strings"
	"testing"
)

// Wherever a link says that the browser goes after signing in, it goes to a page
// of this portal, and not back into the sign-in.
func FuzzReturnTo(f *testing.F) {
	i := &Identity{cfg: Config{SignIn: "/auth/login", Callback: "/auth/callback"}}
	for _, s := range []string{"", "/", "/ho-so/H01?x=1#y", "//evil.example", `/\evil.example`, "/\t/evil.example", "https://evil.example", "/%2f/evil.example", "/auth/login?to=/", "/auth/../auth/login",
		"/.//evil.example", "/x/..//evil.example", "/a\u2028b", "/%0d%0aLocation:%20x", "/auth/Login", "/%2f", "/%61uth/login"} {
		f.Add(s)
	}
	base, err := url.Parse("https://hoso.example/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, to string) {
		got := i.returnTo(to)
		u, err := base.Parse(got)
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme || u.User != nil || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(got, "\r\n\t\\") || !strings.HasPrefix(got, "/") {
			t.Errorf("%q leads to %q: %v", to, got, u)
		}
		if u != nil && (strings.HasPrefix(u.Path, i.cfg.SignIn) || strings.HasPrefix(u.Path, i.cfg.Callback)) {
			t.Errorf("%q leads back into the sign-in: %q", to, got)
		}
	})
}
