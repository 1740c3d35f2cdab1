package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/notice"
)

// SweepTerms apologises for cases that will be late, and tells officers and
// their heads of tasks that end soon or are late.
func (j *Jobs) SweepTerms(ctx context.Context) error {
	apologies := whole(ctx, j.cfg.Cases.Apologise)
	// A task may be several steps behind: its next sweep takes the next one.
	watched := whole(ctx, func(ctx context.Context, limit int) (int, error) {
		n, err := j.cfg.Cases.Watch(ctx, limit)
		if n > 0 {
			n = limit
		}
		return n, err
	})
	return errors.Join(apologies, watched, j.tellWarnings(ctx))
}

// Redate counts open terms by the calendar that this node carries.
func (j *Jobs) Redate(ctx context.Context) error { return whole(ctx, j.cfg.Cases.Redate) }

// whole sweeps until there is less than a page left. What failed is left for
// the next sweep, so it ends here.
func whole(ctx context.Context, sweep func(context.Context, int) (int, error)) error {
	for {
		if n, err := sweep(ctx, atOnce); err != nil || n < atOnce {
			return err
		}
	}
}

// tellWarnings sends the warnings that were not told yet. One that cannot be
// sent now is tried again by a later sweep, under the same key.
func (j *Jobs) tellWarnings(ctx context.Context) error {
	for {
		list, err := j.cfg.Cases.Untold(ctx, atOnce)
		if err != nil {
			return err
		}
		var errs []error
		for _, w := range list {
			errs = append(errs, j.warn(ctx, w))
		}
		if err := errors.Join(errs...); err != nil || len(list) < atOnce {
			return err
		}
	}
}

// warn writes to the officers of a warning, and notes whom it reached.
func (j *Jobs) warn(ctx context.Context, w cases.Warning) error {
	var told []cases.Recipient
	for _, to := range w.To {
		e := warningMail(w)
		e.Key, e.To, e.Link = w.Key(to), to.Email, j.cfg.DeskURL(w.Code)
		switch err := j.cfg.Notices.Email(ctx, e); {
		case errors.Is(err, notice.ErrNoAddress): // the next one may have one
		case err != nil:
			return fmt.Errorf("warn %s of case %s: %w", to.ID, w.Code, err)
		default:
			told = append(told, to)
		}
	}
	return j.cfg.Cases.Told(ctx, w, told)
}

// warningMail is a warning in words. It names the case by its code alone: mail
// carries no personal data.
func warningMail(w cases.Warning) notice.Email {
	due := w.DueAt.In(calendar.Hanoi).Format("15:04 02/01/2006")
	e := notice.Email{Lang: "vi", Button: "Mở hồ sơ"}
	switch w.Step {
	case cases.StepReminder:
		e.Subject = fmt.Sprintf("Sắp đến hạn xử lý hồ sơ %s", w.Code)
		e.Text = fmt.Sprintf("Việc của Ông/Bà trong hồ sơ %s đến hạn lúc %s.\n\nYour task in case %s is due at %s.", w.Code, due, w.Code, due)
	case cases.StepOwner:
		e.Subject = fmt.Sprintf("Hồ sơ %s đã quá hạn xử lý", w.Code)
		e.Text = fmt.Sprintf("Việc của Ông/Bà trong hồ sơ %s đã quá hạn lúc %s. Đề nghị xử lý ngay hoặc chuyển cho người khác.\n\nYour task in case %s was due at %s. Please do it now, or pass it on.", w.Code, due, w.Code, due)
	case cases.StepHead:
		e.Subject = fmt.Sprintf("Hồ sơ %s của cơ quan Ông/Bà quá hạn xử lý", w.Code)
		e.Text = fmt.Sprintf("Một việc trong hồ sơ %s quá hạn từ %s và vẫn chưa được xử lý. Đề nghị Ông/Bà chỉ đạo.\n\nA task in case %s of your agency has been overdue since %s and is still not done. Please see to it.", w.Code, due, w.Code, due)
	default:
		e.Subject = fmt.Sprintf("Hồ sơ %s của cơ quan cấp dưới quá hạn xử lý", w.Code)
		e.Text = fmt.Sprintf("Một việc trong hồ sơ %s của cơ quan cấp dưới quá hạn từ %s và vẫn chưa được xử lý. Đề nghị Ông/Bà chỉ đạo.\n\nA task in case %s of an agency below yours has been overdue since %s and is still not done. Please see to it.", w.Code, due, w.Code, due)
	}
	return e
}
