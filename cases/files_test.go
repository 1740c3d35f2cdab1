package cases

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/workflow"
)

var png = append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{0}, 40)...)

// A paper comes into a case only while it is asked for; officers see it once
// the supplement is handed in.
func TestSupplementFiles(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.examined()
	if _, err := o.AddCaseFile(t.Context(), lan, c.Code, "drawing", "ve.png", png); reasonOf(err) != workflow.ReasonNone {
		t.Errorf("before anything is asked for: %v", err)
	}
	o.pass(time.Hour)
	o.act(hand70, c, "ask", Input{Items: []AskedItem{{Item: "stall", Reason: "mờ"}},
		Judgements: []Judgement{{Item: "who", Verdict: Satisfied}, {Item: "stall", Verdict: NotSatisfied, Reason: "mờ"}}})
	o.pass(time.Hour)
	f, err := o.AddCaseFile(t.Context(), lan, c.Code, "drawing", `C:\ảnh\vẽ lại.png`, png)
	o.ok(err)
	if f.Name != "vẽ lại.png" || f.Type != "image/png" {
		t.Errorf("the file is %+v", f)
	}
	if _, err := o.AddCaseFile(t.Context(), lan, c.Code, "evidence", "x.png", png); reasonOf(err) != workflow.ReasonNone {
		t.Errorf("a paper that is not asked for: %v", err)
	}
	if _, err := o.AddCaseFile(t.Context(), hand70, c.Code, "drawing", "x.png", png); reasonOf(err) != workflow.ReasonRole {
		t.Errorf("an officer adds a paper: %v", err)
	}
	if _, err := o.AddCaseFile(t.Context(), lan, c.Code, "drawing", "x.exe", []byte("MZ")); !slices.Equal(rulesOf(err), []string{"format"}) {
		t.Errorf("a program as a paper: %v", err)
	}
	if _, _, err := o.FileContent(t.Context(), hand70, c.Code, f.ID); !errors.Is(err, ErrNotFound) || len(o.get(hand70, c.Code).Files) != 0 {
		t.Errorf("the officer has it before it is handed in: %v", err)
	}
	if _, content, err := o.FileContent(t.Context(), lan, c.Code, f.ID); err != nil || !bytes.Equal(content, png) {
		t.Errorf("the citizen's own look: %v", err)
	}
	o.act(lan, c, "supply", Input{Files: []uuid.UUID{f.ID}})
	if got, content, err := o.FileContent(t.Context(), hand70, c.Code, f.ID); err != nil || !bytes.Equal(content, png) || got.ID != f.ID || got.SHA256 != f.SHA256 {
		t.Errorf("after handing in the officer gets %+v, %v", got, err)
	}
	if files := o.get(hand70, c.Code).Files; len(files) != 1 || files[0].ID != f.ID {
		t.Errorf("the case lists %+v", files)
	}
	if _, _, err := o.FileContent(t.Context(), hand04, c.Code, f.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("another agency: %v", err)
	}
}

// Anybody may check a document by its id and learns nothing personal.
func TestVerify(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00004"})
	paper := uuid.New()
	_, err := o.db.Exec(t.Context(), `
		INSERT INTO case_documents (id, case_id, kind, title, number, sha256, content, issued_at, withdrawn_at, agency, signature)
		VALUES ($1, $2, 'result', '{"vi": "Giấy phép", "en": "Licence"}', '7/GP', 'abc', 'PDF', $3, $4, 'UB-00004', '{}')`, paper, c.ID, o.time, o.time.Add(time.Hour))
	o.ok(err)
	v, err := o.Verify(t.Context(), paper)
	o.ok(err)
	want := Verified{ID: paper, Kind: "result", Title: workflow.Text{VI: "Giấy phép", EN: "Licence"}, Number: "7/GP", Agency: "UB-00004",
		AgencyName: workflow.Text{VI: "UBND phường Ba Đình", EN: "People's Committee of Ba Dinh Ward"},
		Procedure:  workflow.Text{VI: "Mở sạp hàng", EN: "Open a stall"}, IssuedAt: o.time, SHA256: "abc", Signature: []byte("{}"), Withdrawn: o.time.Add(time.Hour)}
	if d := cmp.Diff(want, *v); d != "" {
		t.Errorf("verified (-want +got):\n%s", d)
	}
	if _, err := o.Verify(t.Context(), uuid.New()); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown id: %v", err)
	}
}
