package chaos

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/procedures"
)

// zones are wrong ones for a node in Vietnam.
var zones = []string{"America/New_York", "Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"}

// disturbed is how a node is started during the storm: with fail-points, a clock
// that is off or will jump, a wrong time zone, an earlier release, or newer
// definitions; several at a time.
func (c *chaos) disturbed(n *node) plan {
	p := plan{program: c.site.programs.hoso}
	if c.site.programs.old != "" && c.rand.chance(0.2) {
		p.program, p.old = c.site.programs.old, true
		c.broke("earlier release")
	}
	if points := c.points(n); points != "" {
		p.env = append(p.env, failpoint.Points+"="+points)
	}
	if c.rand.chance(0.12) {
		off := c.rand.between(75*time.Minute, 3*time.Hour).Round(time.Second)
		if c.rand.chance(0.5) {
			off = -off
		}
		p.env = append(p.env, fmt.Sprintf("%s=%s@%dms", failpoint.Offset, off, c.rand.n(4000)))
		c.broke("clock jump")
	}
	if c.rand.chance(0.15) {
		p.env = append(p.env, "TZ="+pick(c.rand, zones))
		c.broke("wrong time zone")
	}
	if !p.old && c.rand.chance(0.2) { // an earlier release brings its own
		p.env = append(p.env, "HOSO_PROCEDURES="+c.newer())
		c.broke("newer definition")
	}
	return p
}

// points are the fail-points that a node gets; empty: none. It is to die at a
// place that its kind passes, soon, or a little later at any of them.
func (c *chaos) points(n *node) string {
	if !c.rand.chance(0.85) {
		return ""
	}
	var passed []failpoint.Place
	for _, p := range failpoint.Places {
		kind, _, _ := strings.Cut(string(p), ".")
		if serves := slices.Contains([]string{"filing", "callback"}, kind); kind == "case" || serves == (n.addr != "") {
			passed = append(passed, p)
		}
	}
	points := fmt.Sprintf("%s=kill@%d", pick(c.rand, passed), 1+c.rand.n(4))
	switch c.rand.n(6) {
	case 0:
		points += ";*=error:0.03"
	case 1:
		points += ";effect.*=sleep(300ms):0.1"
	case 2:
		points += fmt.Sprintf(";%s=kill@%d", pick(c.rand, passed), 1+c.rand.n(12))
	case 3:
		points = "*=kill:0.01"
	}
	return points
}

func (c *chaos) newer() string { return filepath.Join(c.dir, "newer") }

// prepare writes the newer definitions: each service that is filed for with the next version
// number and another name, which does not change what it does.
func (c *chaos) prepare(context.Context) error {
	if err := os.CopyFS(c.newer(), justDefinitions{procedures.FS}); err != nil {
		return err
	}
	services, err := filed()
	if err != nil {
		return err
	}
	for _, id := range services {
		file := filepath.Join(c.newer(), id, "procedure.yaml")
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		next := strings.Replace(string(text), "\nversion: 1\n", "\nversion: 2\n", 1)
		if next == string(text) {
			return fmt.Errorf("%s has no version 1 any more", file)
		}
		if err := os.WriteFile(file, []byte(next), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// justDefinitions is the catalogue's folder as a tree that can be copied.
type justDefinitions struct{ fs.FS }
