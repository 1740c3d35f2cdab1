package cases

import (
	"testing"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
)

// A record whose key would have come from a registry that does not answer is as
// little verified as that registry's own, at any distance; one whose key the
// citizen has not typed yet is only not there.
func TestSilenced(t *testing.T) {
	t.Parallel()
	have := map[string]subjectRecord{
		"notices": {Record: forms.Record{State: "unavailable"}},
		"notice":  {Record: forms.Record{State: "unknown", Silent: true}},
		"mother":  {Record: forms.Record{State: "fetched"}},
	}
	for _, tt := range []struct {
		refs []string
		want bool
	}{
		{[]string{"subjects.notices.list"}, true},
		{[]string{"sources.notices", "form.birth.notice"}, true},
		{[]string{"form.birth.kind", "subjects.notice.hospital"}, true},
		{[]string{"subjects.mother.number"}, false},
		{[]string{"subjects.father.number"}, false}, // not read yet
		{[]string{"form.notices.number"}, false},
		{nil, false},
	} {
		if got := silenced(&procedures.Subject{Key: &expr.Program{Refs: tt.refs}}, have); got != tt.want {
			t.Errorf("a key that reads %v: got %t, want %t", tt.refs, got, tt.want)
		}
	}
}
