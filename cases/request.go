package cases

import (
	"context"
	"fmt"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
)

// Request is what a sub-case asks of whom it is addressed to, in the words of
// its receipt: the same that the paper holds, for the page that people with a
// screen reader use. Errors to act upon: ErrNotFound, also for a case that asks
// nobody.
func (s *Service) Request(ctx context.Context, a agency.Actor, code Code, lang string) (procedures.Rendered, error) {
	c, err := s.visible(ctx, a, code)
	if err != nil {
		return procedures.Rendered{}, fmt.Errorf("request of case %s: %w", code, err)
	}
	def := c.Procedure.Documents["receipt"]
	if def == nil || c.ParentID == nil {
		return procedures.Rendered{}, fmt.Errorf("request of case %s: %w", code, ErrNotFound)
	}
	v := variables{c: c, now: c.FiledAt}
	if v.b, v.files, err = s.bodyAndFiles(ctx, c); err != nil {
		return procedures.Rendered{}, fmt.Errorf("request of case %s: %w", code, err)
	}
	out, err := def.Render(s.in(v, lang), lang, 0)
	if err != nil {
		return out, fmt.Errorf("request of case %s: %w", code, err)
	}
	return out, nil
}
