package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/failpoint"
	"github.com/hoso-gov/hoso/notice"
)

// notify tells people: in the portal, and by e-mail or else by SMS. The
// message bears the effect's key, so a second attempt is the same message.
func (j *Jobs) notify(ctx context.Context, e *cases.Effect) error {
	n, err := j.cfg.Cases.Notify(ctx, e)
	if err != nil {
		return err
	}
	by := "portal"
	for i, r := range n.To {
		if by = r.SentBy; by != "" { // by an earlier attempt that was cut off afterwards
			continue
		}
		key := e.Key.String()
		if i > 0 {
			key = fmt.Sprintf("%s-%d", key, i)
		}
		if by, err = j.write(ctx, e, n, r, key); err != nil {
			return err
		}
		if err := j.cfg.Cases.NoticeSent(ctx, r, by); err != nil {
			return err
		}
	}
	failpoint.Hit(failpoint.CallAfter)
	return j.cfg.Cases.Finish(ctx, e, cases.Result{Receipt: by})
}

// unconfirmed is how a mail was sent that the server may have taken.
const unconfirmed = "e-mail-unconfirmed"

// write sends one message and tells by which way. Who has no address that works
// finds it in the portal. A mail that the server may have taken counts as sent:
// mail knows no keys, the portal has the same words, and two mails worry more
// than they help.
func (j *Jobs) write(ctx context.Context, e *cases.Effect, n *cases.Notification, r cases.Recipient, key string) (string, error) {
	if r.Email != "" {
		text := n.Text.VI
		if n.Text.EN != "" {
			text += "\n\n" + n.Text.EN
		}
		err := j.cfg.Notices.Email(ctx, notice.Email{Key: key, To: r.Email, Subject: "Thông báo về hồ sơ " + string(n.Code), Text: text,
			Link: j.cfg.CaseURL(n.Code), Button: "Xem hồ sơ", Lang: "vi"})
		if errors.Is(err, notice.ErrMaybeSent) {
			j.cfg.Log.WarnContext(ctx, "a mail may have been sent, and counts as sent", "effect", e.String())
			return unconfirmed, nil
		}
		if !errors.Is(err, notice.ErrNoAddress) {
			return "e-mail", answered(e, err)
		}
		e.Answered()
	}
	if r.Phone != "" {
		err := j.cfg.Notices.SMS(ctx, key, r.Phone, n.Text.VI)
		if !errors.Is(err, notice.ErrNoAddress) {
			return "sms", answered(e, err)
		}
	}
	return "portal", nil
}

// answered notes what a message service's answer says of it.
func answered(e *cases.Effect, err error) error {
	switch {
	case errors.Is(err, notice.ErrBusy):
		return noAnswer{err, false}
	case err == nil:
		e.Answered()
	}
	return err
}
