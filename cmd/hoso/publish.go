package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
)

// exitVersions is the exit code of a program that lacks a version of a procedure
// which open cases rest on: starting it again does not help.
const exitVersions = 3

// publishing is how `hoso publish` is called.
type publishing struct {
	dir, from string
	by        []string
	dry, move bool
	json      bool
}

// publishCommand is `hoso publish`: versions of procedures come into force.
func publishCommand() *cobra.Command {
	var p publishing
	c := &cobra.Command{
		Use:   "publish [ID…]",
		Short: "Publish versions of procedures, and see what that means to open cases",
		Long: `Publish checks the definitions, stores those that differ from what is in force with all their files, and records from which day
filings fall under them and who approved it. Running nodes take them over within seconds. It first holds every open case of an
older version against the new one: unchanged, movable, needs the citizen, or blocked, with the reasons. Publishing moves no
case: each ends on the version that it was filed under, unless --move is given and the procedure's migrate.yaml says how;
then two persons must have approved. Moving may be stopped and called again.

Exit code 1: a definition or a plan has mistakes, or a version cannot be published.`,
		Example: `  hoso publish --procedures my-procedures --dry-run
  hoso publish marriage-extract --procedures my-procedures --from 2027-01-01 --by "Trần Văn Bình"
  hoso publish marriage-extract --move --by "Trần Văn Bình" --by "Nguyễn Thị An"`,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, ids []string) error {
			return p.run(cmd.Context(), cmd.OutOrStdout(), ids)
		},
	}
	c.Flags().StringVar(&p.dir, "procedures", "", proceduresHelp)
	c.Flags().StringVar(&p.from, "from", "", "first day of filing, as 2027-01-01 (default: valid.from of the definition, else today)")
	c.Flags().StringArrayVar(&p.by, "by", nil, "name of who approved it; may be given several times")
	c.Flags().BoolVar(&p.dry, "dry-run", false, "show what would happen, write nothing")
	c.Flags().BoolVar(&p.move, "move", false, "move open cases as migrate.yaml says")
	c.Flags().BoolVar(&p.json, "json", false, "print an array, one object a procedure")
	return c
}

// published is what publish says of one procedure.
type published struct {
	cases.Impact
	Publication *cases.Publication `json:"publication,omitempty"` // absent: a dry run, or it was in force already
	Moved       *cases.Standings   `json:"moved,omitempty"`
}

func (p *publishing) run(ctx context.Context, out io.Writer, ids []string) error {
	if !p.dry && len(p.by) == 0 {
		return errors.New("name who approved it: --by NAME; or look first with --dry-run")
	}
	if p.dir == "" {
		p.dir = authorsFolder()
	}
	next, err := loadDefinitions(p.dir)
	if err != nil {
		return err
	}
	s, done, err := service(ctx)
	if err != nil {
		return err
	}
	defer done()
	chosen, err := p.choose(ctx, s, next, ids)
	if err != nil {
		return err
	}
	reports := []*published{}
	for _, v := range chosen {
		r, err := p.one(ctx, s, next, v)
		if err != nil {
			return err
		}
		reports = append(reports, r)
		if !p.json {
			p.print(out, r)
		}
	}
	if p.json {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(reports)
	}
	if len(reports) == 0 {
		fmt.Fprintln(out, "nothing differs from what is in force")
	}
	return nil
}

// choose finds what is to be published: what is named, else whatever differs from what was published last.
func (p *publishing) choose(ctx context.Context, s *cases.Service, next *procedures.Catalogue, ids []string) ([]*procedures.Procedure, error) {
	var out []*procedures.Procedure
	for _, id := range ids {
		v := slices.IndexFunc(next.Versions(), func(v *procedures.Procedure) bool { return v.ID == procedures.ID(id) })
		if v < 0 {
			return nil, fmt.Errorf("there is no procedure %q among the definitions", id)
		}
		out = append(out, next.Versions()[v])
	}
	if len(ids) > 0 {
		return out, nil
	}
	list, err := s.Publications(ctx, "")
	if err != nil {
		return nil, err
	}
	last := map[procedures.ID]procedures.Hash{}
	for _, q := range list {
		last[q.Procedure] = q.Hash
	}
	return slices.DeleteFunc(next.Versions(), func(v *procedures.Procedure) bool { return last[v.ID] == v.Hash }), nil
}

// one publishes a version, or shows what that would mean.
func (p *publishing) one(ctx context.Context, s *cases.Service, next *procedures.Catalogue, v *procedures.Procedure) (*published, error) {
	impact, err := s.Impact(ctx, v)
	if err != nil {
		return nil, err
	}
	r := &published{Impact: *impact}
	if len(impact.Findings) > 0 {
		return nil, fmt.Errorf("the plan of %s is wrong: %s", v.ID, filepath.Join(p.dir, impact.Findings[0].String()))
	}
	if p.dry {
		return r, nil
	}
	inForce, err := p.inForce(ctx, s, v)
	if err != nil {
		return nil, err
	}
	if !inForce {
		if r.Publication, err = s.Publish(ctx, cases.Proposal{Procedure: v, Files: next.Files(v.Hash), From: p.from, ApprovedBy: p.by, Impact: impact.Counts}); err != nil {
			return nil, err
		}
	}
	if p.move {
		moved, err := s.Migrate(ctx, v.ID, nil)
		if err != nil {
			return nil, err
		}
		r.Moved = &moved
	}
	return r, nil
}

// inForce tells whether the version was published last, with this plan and by as
// many: then only what is left to move is to be done.
func (p *publishing) inForce(ctx context.Context, s *cases.Service, v *procedures.Procedure) (bool, error) {
	list, err := s.Publications(ctx, v.ID)
	if err != nil || len(list) == 0 {
		return false, err
	}
	last, plan := list[len(list)-1], ""
	if v.Plan != nil {
		plan = v.Plan.Text
	}
	return last.Hash == v.Hash && last.Plan == plan && (p.from == "" || p.from == last.From) && slices.Equal(last.ApprovedBy, p.by), nil
}

func (p *publishing) print(out io.Writer, r *published) {
	fmt.Fprintf(out, "%s, version %d (%.12s): ", r.Procedure, r.Version, r.Hash)
	if len(r.Changes) == 0 {
		fmt.Fprintln(out, "no other version to compare it with")
	} else {
		fmt.Fprintf(out, "%s, %s\n", count(len(r.Changes), "change"), procedures.Worst(r.Changes))
	}
	for _, d := range r.Changes {
		was, is := d.Before.VI, d.After.VI
		fmt.Fprintf(out, "  %-11s %s:%d:%d  %s: %s\n", d.Class, d.File, d.Line, d.Column, d.Title.VI, strings.TrimSpace(short(was)+" → "+short(is)))
	}
	n := r.Counts
	fmt.Fprintf(out, "  open cases of older versions: %d; unchanged %d, movable %d, needs the citizen %d, blocked %d\n", n.All(), n.Unchanged, n.Movable, n.NeedsCitizen, n.Blocked)
	for _, why := range r.Reasons {
		fmt.Fprintf(out, "    %d × %s in %s: %s (%s)\n", why.Cases, why.Standing, why.State, why.Text.VI, why.Some[0])
	}
	switch q := r.Publication; {
	case p.dry:
		fmt.Fprintln(out, "  nothing was written")
	case q == nil:
		fmt.Fprintln(out, "  it was published before")
	default:
		fmt.Fprintf(out, "  published as %d, for filings from %s, approved by %s\n", q.ID, q.From, strings.Join(q.ApprovedBy, ", "))
	}
	if m := r.Moved; m != nil {
		fmt.Fprintf(out, "  moved %d cases; %d need the citizen, %d stay\n", m.Unchanged+m.Movable, m.NeedsCitizen, m.Blocked)
	}
}

// short is the beginning of a long text.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "…"
	}
	if s == "" {
		return "–"
	}
	return s
}

// publications keeps the node's catalogue at what is published until it is closed, and says where
// its own definitions are others.
func (a *app) publications(ctx context.Context) error {
	ctx, a.unfollow = context.WithCancel(ctx)
	behind, err := a.cases.Behindhand(ctx, a.catalogue.Versions())
	if err != nil {
		return err
	}
	for _, p := range behind {
		a.log.WarnContext(ctx, "this program holds another version than was published; the published one is in force", "procedure", p.ID, "own", string(p.Hash[:12]))
	}
	a.following.Go(func() { a.cases.FollowPublications(ctx) })
	return nil
}
