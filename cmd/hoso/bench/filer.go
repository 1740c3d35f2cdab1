package bench

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
)

// filer is a citizen who moves into a rented dwelling and files for it, again
// and again: the case is withdrawn before the next.
type filer struct {
	node    *Node
	who     agency.Actor
	browser *browser
	officer *browser // of whoever has the queue
	rents   filing   // the dwelling is in the sandbox's land registry, which names its owner
	draft   string   // address of a draft that is ready to be filed; empty: there is none
}

// emptyPaper is a paper without a page.
var emptyPaper = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")

// visit opens a page of the portal; filing sends the declaration and ends at the confirmation.
func (f *filer) visit(ctx context.Context, name string) (*page, error) {
	switch name {
	case "catalogue":
		return f.browser.get(ctx, "/")
	case "procedure":
		return f.browser.get(ctx, "/thu-tuc/"+f.rents.Procedure)
	case "home":
		return f.browser.get(ctx, "/ho-so")
	case "queue":
		p, err := f.officer.get(ctx, site.QueuePath)
		if err == nil && len(codesOn(p, caseLink)) < fullPage {
			err = fmt.Errorf("%w: the queue shows %d cases, want %d", errPage, len(codesOn(p, caseLink)), fullPage)
		}
		return p, err
	}
	if err := f.fillIn(ctx); err != nil {
		return nil, err
	}
	switch name {
	case "form":
		return f.browser.get(ctx, f.draft+"/"+f.rents.Question)
	case "check":
		return f.browser.get(ctx, f.draft+"/kiem-tra")
	}
	check, err := f.browser.get(ctx, f.draft+"/kiem-tra")
	if err != nil {
		return nil, err
	}
	action, hidden, err := check.form("/nop")
	if err != nil {
		return nil, err
	}
	done, err := f.browser.post(ctx, action, hidden)
	if err != nil {
		return nil, err
	}
	code, ok := strings.CutSuffix(strings.TrimPrefix(done.at.Path, "/ho-so/"), "/da-nop")
	if !ok {
		return nil, fmt.Errorf("%w: filing ends at %s", errPage, done.at)
	}
	f.draft = ""
	if _, err := f.node.Cases.Act(ctx, f.who, cases.Command{Code: cases.Code(code), ID: uuid.New(), Event: "withdraw"}); err != nil {
		return nil, err
	}
	return done, nil
}

// leave files a case that stays where it is.
func (f *filer) leave(ctx context.Context) error {
	if err := f.fillIn(ctx); err != nil {
		return err
	}
	id, err := uuid.Parse(strings.TrimPrefix(f.draft, "/ho-so/"))
	if err != nil {
		return err
	}
	r, err := f.node.Cases.Review(ctx, f.who, id)
	if err != nil {
		return err
	}
	_, err = f.node.Cases.FileDraft(ctx, f.who, id, r.Digest)
	return err
}

// fillIn makes a draft with all answers, if there is none. The way through the
// form is the service's: what is measured is its pages.
func (f *filer) fillIn(ctx context.Context) error {
	if f.draft != "" {
		return nil
	}
	d, err := f.node.Cases.StartDraft(ctx, f.who, procedures.ID(f.rents.Procedure), "")
	if err != nil {
		return err
	}
	for _, section := range d.Procedure.Form.Sections {
		answers, ok := f.rents.Answers[section.Name]
		if !ok {
			continue
		}
		if d, _, err = f.node.Cases.SaveSection(ctx, f.who, d.ID, d.Revision, section.Pointer, answers, true); err != nil {
			return err
		}
	}
	for _, name := range f.rents.Papers {
		if _, err := f.node.Cases.AddFile(ctx, f.who, d.ID, name, name+".pdf", emptyPaper); err != nil {
			return err
		}
	}
	r, err := f.node.Cases.Review(ctx, f.who, d.ID)
	if err != nil {
		return err
	}
	if len(r.Problems)+len(r.Missing) > 0 {
		return fmt.Errorf("the draft of %s cannot be filed: %v, %d papers missing", f.who.ID, r.Problems, len(r.Missing))
	}
	f.draft = "/ho-so/" + d.ID.String()
	return nil
}
