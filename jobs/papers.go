package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
)

// issue prints, signs and stores a paper.
func (j *Jobs) issue(ctx context.Context, e *cases.Effect) error {
	p, err := j.cfg.Cases.Paper(ctx, e)
	if err != nil {
		return err
	}
	printed, err := j.cfg.Papers.Print(sheet(p))
	var lacks *document.IncompleteError
	var letter *document.RuneError
	if errors.As(err, &lacks) || errors.As(err, &letter) {
		return permanent{err}
	}
	if err != nil {
		return err
	}
	if err := j.cfg.Cases.KeepPaper(ctx, e, p, printed.PDF, printed.SHA256, printed.Signature); err != nil {
		return err
	}
	return j.cfg.Cases.Finish(ctx, e, *e.Result)
}

// sheet puts a paper into the words of its form.
func sheet(p *cases.Paper) document.Paper {
	d := document.Paper{
		ID: p.ID.String(), Kind: document.Kind(p.Kind), Lang: "vi",
		Agency: document.Agency{ID: string(p.Agency.ID), Parent: p.Parent, Name: p.Agency.NameVI}, Place: p.Place,
		IssuedAt: p.IssuedAt, Number: p.Text.Number, Title: p.Text.Title, Procedure: p.Procedure.Official.VI, CaseCode: string(p.Code),
		Recipient: p.Recipient, Body: p.Text.Body, Validity: p.Text.Validity,
		Signatory: document.Signatory{Role: p.Role, Name: p.Signatory},
	}
	if d.Procedure == "" {
		d.Procedure = p.Procedure.Name.VI
	}
	for _, it := range p.Items {
		d.Items = append(d.Items, document.Item{Title: it.Title.VI, Reason: it.Reason, Law: it.Law})
	}
	if p.Note != "" {
		d.Body = append(d.Body, p.Note)
	}
	if !p.Due.IsZero() {
		d.Due = &document.Due{On: dayAndTime(p.Due), Term: term(p.Term)}
		if !p.Was.IsZero() {
			d.Due.Was = dayAndTime(p.Was)
		}
		for _, l := range p.Because {
			d.Due.Why = append(d.Due.Why, l.VI)
		}
	}
	if p.Kind == "receipt" {
		receipt(&d, p)
	}
	return d
}

// receipt adds what was handed in, what it costs and what registers told.
func receipt(d *document.Paper, p *cases.Paper) {
	d.Facts = append(d.Facts, document.Fact{Label: "Số định danh cá nhân", Value: p.Person},
		document.Fact{Label: "Thời điểm nộp hồ sơ", Value: dayAndTime(p.FiledAt)})
	for _, f := range p.Files {
		title := f.Name
		for _, at := range p.Procedure.Attachments {
			if at.ID == f.Attachment {
				title = at.Title.VI
			}
		}
		d.Files = append(d.Files, document.File{Title: title, Note: "bản điện tử"})
	}
	for _, t := range p.Provenance {
		d.Provenance = append(d.Provenance, document.Source{Label: t.Label, Value: t.Value,
			From: t.Registry + ", " + t.AsOf.In(calendar.Hanoi).Format("02/01/2006 15:04")})
	}
	d.Fee = &document.Fee{Amount: p.Fee}
	switch {
	case p.Fee == 0:
	case p.Paid:
		d.Fee.State = "đã nộp"
	default:
		d.Fee.State = "chưa nộp"
	}
}

var weekdays = [...]string{"Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"}

// dayAndTime is an instant as papers write it: 17 giờ 00, thứ Năm ngày 03/12/2026.
func dayAndTime(t time.Time) string {
	t = t.In(calendar.Hanoi)
	return fmt.Sprintf("%02d giờ %02d, %s ngày %s", t.Hour(), t.Minute(), weekdays[t.Weekday()], t.Format("02/01/2006"))
}

// term is a legal term in words: 07 ngày làm việc.
func term(d calendar.Duration) string {
	if d == calendar.SameDay {
		return "trong ngày làm việc"
	}
	switch d.Unit {
	case calendar.WorkingDays:
		return fmt.Sprintf("%02d ngày làm việc", d.N)
	case calendar.Days:
		return fmt.Sprintf("%02d ngày", d.N)
	case calendar.WorkingHours:
		return fmt.Sprintf("%02d giờ làm việc", d.N)
	}
	return ""
}
