package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/registry"
)

// send has a registry do something, once: by the registry's class it is safe to
// ask again, or the effect's key makes it so, or the registry is asked first
// whether it was done. A registry that offers none of these is not asked at all.
func (j *Jobs) send(ctx context.Context, e *cases.Effect) error {
	m, done, refused, err := j.cfg.Cases.RegistryMessage(ctx, e)
	if err != nil {
		return err
	}
	class := registry.ClassOf(j.cfg.Writers, m.To)
	if class == registry.Manual {
		return byHand{fmt.Errorf("registry %s offers neither a key nor a look-up: a person has to do it", m.To)}
	}
	reply, err := registry.Reply{}, registry.ErrNotDone
	if e.Ambiguous && class == registry.Probed {
		reply, err = registry.Probe(ctx, j.cfg.Writers, m)
	}
	if errors.Is(err, registry.ErrNotDone) {
		reply, err = j.cfg.Writers.Send(ctx, m)
	}
	failpoint.Hit(failpoint.CallAfter)
	switch {
	case err != nil && (registry.IsTransient(err) || ctx.Err() != nil):
		return noAnswer{err, !errors.Is(err, registry.ErrUnavailable)}
	case err != nil:
		if !errors.Is(err, registry.ErrUnknownRegistry) {
			e.Answered()
		}
		return permanent{err}
	}
	e.Answered()
	switch {
	case reply.Outcome == registry.Refused && refused == "":
		return permanent{fmt.Errorf("registry %s refused, and the case does not wait for its answer: %v", m.To, reply.Body["reason"])}
	case reply.Outcome == registry.Refused:
		return j.cfg.Cases.Finish(ctx, e, cases.Result{Refused: true, Signal: refused, Data: reply.Body, Receipt: reply.Receipt})
	}
	return j.cfg.Cases.Finish(ctx, e, cases.Result{Signal: done, Data: reply.Body, Receipt: reply.Receipt})
}
