package jobs

import (
	"context"
	"errors"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/message"
)

// passOn sends what a case tells another one. The effect is done when the
// receiver's signed receipt is stored, not when the call returns.
func (j *Jobs) passOn(ctx context.Context, e *cases.Effect) error {
	err := j.cfg.Cases.PassOn(ctx, e)
	refused, ok := errors.AsType[*message.RefusedError](err)
	switch {
	case errors.Is(err, cases.ErrDeclined), ok && refused.Reason == "oversized":
		return permanent{err} // it will be so again
	case err != nil:
		return err
	}
	return j.cfg.Cases.Finish(ctx, e, cases.Result{Receipt: "message " + e.Key.String()})
}
