package diagram

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/procedures"
)

// chart is what an SCXML document says, as far as its structure goes.
type chart struct {
	XMLName   xml.Name `xml:"http://www.w3.org/2005/07/scxml scxml"`
	Version   string   `xml:"version,attr"`
	Datamodel string   `xml:"datamodel,attr"`
	Initial   string   `xml:"initial,attr"`
	States    []struct {
		ID    string `xml:"id,attr"`
		Entry struct {
			Send []send `xml:"send"`
			If   []cond `xml:"if"`
		} `xml:"onentry"`
		Cancel []struct {
			ID string `xml:"sendid,attr"`
		} `xml:"onexit>cancel"`
		Transitions []struct {
			Event  string `xml:"event,attr"`
			Cond   string `xml:"cond,attr"`
			Target string `xml:"target,attr"`
			Send   []send `xml:"send"`
		} `xml:"transition"`
	} `xml:"state"`
	Finals []struct {
		ID          string `xml:"id,attr"`
		Transitions []struct {
			Event string `xml:"event,attr"`
		} `xml:"transition"`
	} `xml:"final"`
}

type send struct {
	ID    string `xml:"id,attr"`
	Event string `xml:"event,attr"`
}

type cond struct {
	Cond string `xml:"cond,attr"`
}

// faults lists what is wrong with the structure of a document, or missing from it.
func faults(p *procedures.Procedure, document []byte) []string {
	var c chart
	if err := xml.Unmarshal(document, &c); err != nil {
		return []string{err.Error()}
	}
	var out []string
	fault := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	ids := map[string]int{}
	for _, s := range c.States {
		ids[s.ID]++
	}
	for _, f := range c.Finals {
		ids[f.ID]++
		if len(f.Transitions) > 0 {
			fault("the end %s is left", f.ID)
		}
	}
	if c.Version != "1.0" || c.Datamodel != "cel" || ids[c.Initial] != 1 {
		fault("version %q, data model %q, initial %q", c.Version, c.Datamodel, c.Initial)
	}
	for id, n := range ids {
		if n != 1 {
			fault("there are %d states %s", n, id)
		}
	}
	if want := len(p.Machine.Order) + 1; len(ids) != want {
		fault("there are %d states, want %d", len(ids), want)
	}
	var conditions, ways []string
	for _, s := range c.States {
		for _, t := range s.Transitions {
			conditions = append(conditions, t.Cond)
			if t.Target != "" {
				ways = append(ways, s.ID+" "+t.Target)
				if ids[t.Target] != 1 {
					fault("%s leads to %s, which does not exist", s.ID, t.Target)
				}
			}
			if strings.HasPrefix(t.Event, "after.") && !slices.ContainsFunc(s.Entry.Send, func(x send) bool { return x.ID == t.Event && x.Event == t.Event }) {
				fault("nothing sets the timer %s", t.Event)
			}
		}
		for _, x := range s.Entry.If {
			conditions = append(conditions, x.Cond)
		}
		for _, x := range s.Entry.Send {
			if x.ID != "" && !slices.ContainsFunc(s.Cancel, func(c struct {
				ID string `xml:"sendid,attr"`
			}) bool {
				return c.ID == x.ID
			}) {
				fault("the timer %s outlives its state", x.ID)
			}
		}
	}
	for _, a := range arrows(p.Machine) {
		from := string(a.from)
		if from == "" {
			from = filing
		}
		if !slices.Contains(ways, from+" "+string(a.to)) {
			fault("no way from %s to %s", from, a.to)
		}
		if a.t != nil && a.t.When != nil && !slices.ContainsFunc(conditions, func(c string) bool { return strings.Contains(c, a.t.When.Source) }) {
			fault("the condition %s is not kept", a.t.When.Source)
		}
	}
	return out
}

// Every SCXML document is sound in itself, and says every way and condition of the machine.
func TestSCXMLIsSound(t *testing.T) {
	for _, p := range all(t) {
		for _, lang := range []string{"vi", "en"} {
			for _, f := range faults(p, written(t, p, FormatSCXML, lang)) {
				t.Errorf("%s: %s", p.ID, f)
			}
		}
	}
}

// The test can fail: each damage to a document is seen.
func TestSCXMLFaultsAreSeen(t *testing.T) {
	p := everything(t)
	document := written(t, p, FormatSCXML, "en")
	for _, change := range [][2]string{
		{`target="recording"`, `target="recorded"`}, {`<cancel sendid="after.fee.3d"/>`, ``}, {`id="weigh"`, `id="board"`}, {`initial="Filing"`, `initial="filing"`},
		{`cond="form.big"`, `cond="form.small"`}, {`event="after.recording.2h" delayexpr`, `event="later" delayexpr`}, {`</final>`, `<transition event="x"/></final>`}, {`</state>`, ``},
	} {
		damaged := bytes.Replace(document, []byte(change[0]), []byte(change[1]), 1)
		if change[0] == `cond="form.big"` {
			damaged = bytes.ReplaceAll(document, []byte("form.big"), []byte("form.small"))
		}
		if bytes.Equal(damaged, document) {
			t.Errorf("%q does not stand in the document", change[0])
		}
		if len(faults(p, damaged)) == 0 {
			t.Errorf("%q for %q is not seen", change[1], change[0])
		}
	}
}
