package cases

import (
	"context"

	"github.com/hoso-gov/hoso/procedures"
)

// StandingOf is how one case stands under a version, for tests of other packages.
func (s *Service) StandingOf(ctx context.Context, id ID, new *procedures.Procedure) (Standing, error) {
	c, err := s.snapshot(ctx, id, ID{})
	if err != nil {
		return "", err
	}
	p, err := s.prospect(ctx, c, new)
	if err != nil {
		return "", err
	}
	return p.standing, nil
}

// Evaluated are the variables of a case as a version finds them, for an oracle.
func (s *Service) Evaluated(ctx context.Context, id ID, p *procedures.Procedure) (map[string]any, error) {
	c, err := s.snapshot(ctx, id, ID{})
	if err != nil {
		return nil, err
	}
	c.Procedure = p
	e, files, err := s.bodyAndFiles(ctx, c)
	if err != nil {
		return nil, err
	}
	v := variables{c: c, b: e, files: files, now: s.now()}
	if v.kids, err = s.children(ctx, id); err != nil {
		return nil, err
	}
	return v.vars(), nil
}

// StartAgain makes sure of all versions as a program does that starts.
func (s *Service) StartAgain(ctx context.Context) error {
	again := &Service{cfg: s.cfg, archived: map[procedures.Hash]*procedures.Procedure{}}
	return again.keepDefinitions(ctx)
}
