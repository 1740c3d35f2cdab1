package cases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// reviewed is a check page that a citizen was shown.
type reviewed struct {
	Digest  string                          `json:"digest"`
	Answers map[forms.Pointer]workflow.Text `json:"answers"` // in words
}

// reviewsKept is how many check pages of a draft are remembered, so that a
// difference can be told to each tab that is open.
const reviewsKept = 4

// Review is what the check page shows: problems, papers, fee, agency and term.
func (s *Service) Review(ctx context.Context, a agency.Actor, draft uuid.UUID) (*Review, error) {
	var r *Review
	_, err := s.change(ctx, a, draft, 0, func(d *Draft) (err error) {
		if _, err = s.settleDraft(ctx, d, false); err != nil {
			return err
		}
		if r, err = s.review(d); err != nil {
			return err
		}
		if err = s.dueIfToday(r); err != nil {
			return err
		}
		d.reviewed = slices.DeleteFunc(d.reviewed, func(x reviewed) bool { return x.Digest == r.Digest })
		d.reviewed = append(d.reviewed, reviewed{r.Digest, s.inWords(d)})
		d.reviewed = d.reviewed[max(0, len(d.reviewed)-reviewsKept):]
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	return r, nil
}

// inWords is everything that the check page shows of a draft.
func (s *Service) inWords(d *Draft) map[forms.Pointer]workflow.Text {
	out := map[forms.Pointer]workflow.Text{}
	for _, section := range d.State.Sections {
		for _, a := range section.Answers {
			out[a.Field.Pointer] = workflow.Text{VI: a.Print("vi", s.cfg.Agencies.AddressText("vi")), EN: a.Print("en", s.cfg.Agencies.AddressText("en"))}
		}
	}
	for _, f := range d.Files {
		out[forms.Pointer("/attachments/"+f.Attachment+"/"+f.ID.String())] = workflow.Text{VI: f.Name, EN: f.Name}
	}
	return out
}

func (s *Service) review(d *Draft) (*Review, error) {
	p, today := d.Procedure, dayOf(s.now())
	r := &Review{Draft: d}
	_, r.Problems = p.Form.Validate(s.formContext(d))
	var err error
	if d.Variant == "" && len(p.Variants) > 0 {
		if _, err = p.VariantOf(d.vars); err != nil && !hasErrors(r.Problems) {
			return nil, err
		}
		return r, nil // what is missing is among the problems
	}
	// What follows from answers that have to be corrected first may not be computable.
	wrong := hasErrors(r.Problems)
	if r.Attachments, err = p.AttachmentsFor(d.vars); err != nil && !wrong {
		return nil, err
	}
	have := attachmentsOf(d.Files)
	for _, at := range r.Attachments {
		if !at.Optional && !slices.Contains(have, at.ID) {
			r.Missing = append(r.Missing, at)
		}
	}
	if r.Values, err = p.Results(d.vars, true); err != nil && !wrong {
		return nil, err
	}
	if r.FeeRow, r.Fee, err = p.Fee(d.vars, today); err != nil && !wrong {
		return nil, err
	}
	if r.Limit, err = p.LimitOf(d.vars, today); err != nil && !wrong {
		return nil, err
	}
	if r.Receiving, err = s.seat(p.ReceivingAt(d.vars)); err != nil && !wrong {
		return nil, err
	}
	r.Digest = digestOf(d, r.Fee, r.Values)
	return r, nil
}

// dueIfToday says when the case would be due, and why then. Filing does without.
func (s *Service) dueIfToday(r *Review) error {
	if r.Limit == nil {
		return nil
	}
	now := s.now()
	due, err := s.cfg.Calendar.Due(calendar.Clock{Start: now, Limit: r.Limit.Limit, CutOff: r.Limit.CutOff}, now)
	r.DueIfToday, r.Because = due.At, due.Because
	return err
}

func hasErrors(problems []forms.Problem) bool {
	return slices.ContainsFunc(problems, func(p forms.Problem) bool { return !p.Warning })
}

// digestOf names everything that the check page shows.
func digestOf(d *Draft, fee int64, values []procedures.Result) string {
	h := sha256.New()
	form := forms.Digest(d.State)
	fmt.Fprintf(h, "%s\n%s\n%s\n%d\n%x\n", d.Procedure.Hash, d.Subject, d.Variant, fee, form)
	for _, v := range values {
		if v.Show {
			fmt.Fprintf(h, "%s=%v\n", v.Name, v.Is)
		}
	}
	for _, f := range d.Files {
		fmt.Fprintf(h, "%s %s %q\n", f.Attachment, f.SHA256, f.Name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// differences tells what changed since the check page with the digest was shown.
func (s *Service) differences(d *Draft, digest string) []Change {
	i := slices.IndexFunc(d.reviewed, func(x reviewed) bool { return x.Digest == digest })
	if i < 0 {
		return nil
	}
	before, now := d.reviewed[i].Answers, s.inWords(d)
	title := func(at forms.Pointer) workflow.Text {
		if f := d.Procedure.Form.Field(at); f != nil {
			return f.Title
		}
		return workflow.Text{VI: "Giấy tờ kèm theo", EN: "Attached paper"}
	}
	var out []Change
	for at, was := range before {
		if now[at] != was {
			out = append(out, Change{What: title(at), Before: was, After: now[at]})
		}
	}
	for at, is := range now {
		if _, ok := before[at]; !ok {
			out = append(out, Change{What: title(at), After: is})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.What.VI, b.What.VI) })
	return out
}
