package desk

import (
	"mime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/cases"
)

// A list's address is read as that list; an address that is not of the queue is refused.
func TestParseList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address string
		want    list
		ok      bool
	}{
		{"/hang-doi", list{Tab: cases.TabUnassigned}, true},
		{"/hang-doi/permanent-residence?muc=cua-toi&buoc=examine", list{Procedure: "permanent-residence", Tab: cases.TabMine, State: "examine"}, true},
		{"/hang-doi?co-quan=CA-00004&gap=qua-han", list{Tab: cases.TabUnassigned, Agency: "CA-00004", Urgent: overdue}, true},
		{"/hang-doi?muc=khac&gap=khac", list{Tab: cases.TabUnassigned}, true},
		{"", list{}, false},
		{"/hang-doi-khac", list{}, false},
		{"/dang-xuat", list{}, false},
		{"https://evil.example/hang-doi", list{}, false},
		{"//evil.example/hang-doi", list{}, false},
		{"javascript:alert(1)", list{}, false},
	} {
		got, ok := parseList(c.address)
		if ok != c.ok {
			t.Errorf("%q: got %t, want %t", c.address, ok, c.ok)
			continue
		}
		if diff := cmp.Diff(c.want, got); ok && diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.address, diff)
		}
	}
}

// Any address is refused, or leads to a list of ours that has one address.
func FuzzParseList(f *testing.F) {
	for _, s := range []string{"/hang-doi", "/hang-doi/x?muc=tat-ca&tiep=abc", "//x/hang-doi", "/hang-doi/%2F%2Fx?gap=moi", "/hang-doi?muc=%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		l, ok := parseList(address)
		if !ok {
			return
		}
		path := l.path()
		if path != "/hang-doi" && !strings.HasPrefix(path, "/hang-doi/") && !strings.HasPrefix(path, "/hang-doi?") {
			t.Fatalf("%q leads to %q", address, path)
		}
		again, ok := parseList(path)
		if !ok || again != l {
			t.Fatalf("%q is %+v, read back as %+v, %t", address, l, again, ok)
		}
	})
}

// The name of a paper goes into the header whole, whatever its letters, and
// cannot add a header.
func TestDisposition(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"giay.pdf", "hợp đồng thuê nhà.pdf", "a\"b\r\nX-Evil: 1", "", "a;b=c.png"} {
		got := disposition("inline", name)
		if strings.ContainsAny(got, "\r\n") {
			t.Errorf("%q breaks the header: %q", name, got)
		}
		how, params, err := mime.ParseMediaType(got)
		if err != nil || how != "inline" || params["filename"] != name {
			t.Errorf("%q is written %q and read back as %s %q, %v", name, got, how, params["filename"], err)
		}
	}
}
