package document

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	update = flag.Bool("update", false, "rewrite the golden files")
	pdfs   = flag.String("pdf", "", "directory to leave the sample papers in, for eyes")
)

// testKey signs the samples, so that their key's id is the same in each run.
const testKey = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n"

func newPrinter(t testing.TB) (*Printer, *Keyring) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "CA-00070.key"), []byte(testKey), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := OpenKeyring(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Config{BaseURL: "http://127.0.0.1:8080/", Signer: k})
	if err != nil {
		t.Fatal(err)
	}
	return p, k
}

// Each kind of paper says what its golden file says, row by row.
func TestPapers(t *testing.T) {
	t.Parallel()
	for name, paper := range samples() {
		t.Run(name, func(t *testing.T) {
			_, ms := plain(t, paper)
			got, path := lay(ms), filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Error("paper differs (-golden +got), rewrite with -update:\n", d)
			}
			if *pdfs != "" {
				p, _ := newPrinter(t)
				out, err := p.Print(paper)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(*pdfs, name+".pdf"), out.PDF, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// The same paper gives the same bytes and the same signature: from another
// printer, with its time written in another zone, and with others printed at
// the same time.
func TestPrintIsDeterministic(t *testing.T) {
	t.Parallel()
	p, _ := newPrinter(t)
	q, _ := newPrinter(t)
	var wg sync.WaitGroup
	for name, paper := range samples() {
		first, err := p.Print(paper)
		if err != nil {
			t.Fatal(err)
		}
		paper.IssuedAt = paper.IssuedAt.UTC()
		wg.Go(func() {
			again, err := q.Print(paper)
			if err != nil {
				t.Error(err)
			} else if !cmp.Equal(first, again) {
				t.Errorf("%s printed again differs (sha256 %s, then %s)", name, first.SHA256, again.SHA256)
			}
		})
	}
	wg.Wait()
}

// A file is a PDF whose every cross-reference points at its object, in the
// language, with title and author.
func TestFileIsSound(t *testing.T) {
	t.Parallel()
	p, _ := newPrinter(t)
	out, err := p.Print(samples()["receipt"])
	if err != nil {
		t.Fatal(err)
	}
	f := out.PDF
	if !bytes.HasPrefix(f, []byte("%PDF-1.")) || !bytes.HasSuffix(bytes.TrimSpace(f), []byte("%%EOF")) {
		t.Errorf("file begins %q and ends %q", f[:8], f[len(f)-8:])
	}
	start := regexp.MustCompile(`startxref\n(\d+)\n`).FindSubmatch(f)
	at, _ := strconv.Atoi(string(start[1]))
	entries := regexp.MustCompile(`(\d{10}) 00000 n`).FindAllSubmatch(f[at:], -1)
	if !bytes.HasPrefix(f[at:], []byte("xref")) || len(entries) == 0 {
		t.Fatalf("no cross-reference at %d", at)
	}
	for i, e := range entries {
		at, _ := strconv.Atoi(string(e[1]))
		if want := fmt.Sprintf("%d 0 obj", i+1); !bytes.HasPrefix(f[at:], []byte(want)) {
			t.Errorf("object %d: %q at %d", i+1, f[at:at+10], at)
		}
	}
	for _, want := range []string{"/Lang (vi-VN)", "/Title", "/Author", "/CreationDate (D:20261126023012)", "/MediaBox [0 0 595.28 841.89]"} {
		if !bytes.Contains(f, []byte(want)) {
			t.Errorf("file has no %s", want)
		}
	}
	if out.Pages != 2 {
		t.Errorf("got %d pages, want 2", out.Pages)
	}
}

// The QR code on the paper is the one of its page of verification.
func TestCodeIsDrawn(t *testing.T) {
	t.Parallel()
	paper := samples()["refusal"]
	out, _ := plain(t, paper)
	if want := "http://127.0.0.1:8080/verify/" + paper.ID; out.VerifyURL != want {
		t.Errorf("got address %s, want %s", out.VerifyURL, want)
	}
	want, err := modules(out.VerifyURL)
	if err != nil {
		t.Fatal(err)
	}
	got := make([][]bool, len(want))
	for i := range got {
		got[i] = make([]bool, len(want))
	}
	// The first rectangle begins with the upper left finder, seven modules wide.
	var unit, x0, y0 float64
	for _, m := range fills.FindAllStringSubmatch(pages(t, out.PDF)[0], -1) {
		x, y, w := number(t, m[1]), number(t, m[2]), number(t, m[3])
		if unit == 0 {
			unit, x0, y0 = w/7, x, y
		}
		row, col := int(math.Round((y0-y)/unit)), int(math.Round((x-x0)/unit))
		for i := range int(math.Round(w / unit)) {
			got[row][col+i] = true
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error("modules (-want +got):\n", d)
	}
}

// A long paper goes on over pages: no word is lost, none leaves the margins,
// the role and name of the signatory stay together, and pages are numbered
// above from the second on.
func TestLongPaper(t *testing.T) {
	t.Parallel()
	paper := samples()["receipt"]
	long := strings.Repeat("Nơi thường trú ", 900)
	paper.Body = nil
	for i := range 60 {
		paper.Body = append(paper.Body, fmt.Sprintf("Đoạn-%d ", i)+strings.Repeat("nội dung của đoạn văn này ", 25))
	}
	for i := range 50 {
		paper.Provenance = append(paper.Provenance, Source{fmt.Sprintf("Dòng-%d", i), "giá trị", "CSDL quốc gia về dân cư"})
	}
	paper.Provenance = append(paper.Provenance, Source{"Dài hơn một trang", long, "hết-dòng"})
	paper.Facts = append(paper.Facts, Fact{"Không ngắt", strings.Repeat("x", 400)})
	out, ms := plain(t, paper)

	counts, page := map[string]int{}, map[string]int{}
	for _, m := range ms {
		w := strings.TrimSpace(m.text)
		counts[w]++
		page[w] = m.page
		if m.x < (leftMargin-1)/point || m.x > (pageWidth-rightMargin)/point || m.y < 10/point || m.y > (pageHeight-9)/point {
			t.Errorf("page %d: %q at %.0f, %.0f is off the text", m.page, m.text, m.x, m.y)
		}
		if m.y < (bottom-1)/point && m.y > 13/point {
			t.Errorf("page %d: %q at %.0f runs into the margin below", m.page, m.text, m.y)
		}
	}
	for i := range 60 {
		if w := fmt.Sprintf("Đoạn-%d", i); counts[w] != 1 {
			t.Errorf("%s stands %d times, want once", w, counts[w])
		}
	}
	for i := range 50 {
		if w := fmt.Sprintf("Dòng-%d", i); counts[w] != 1 {
			t.Errorf("%s stands %d times, want once", w, counts[w])
		}
	}
	if counts["thường"] < 900 || counts["hết-dòng"] != 1 {
		t.Errorf("the long row has %d of 900 words and %d ends", counts["thường"], counts["hết-dòng"])
	}
	if got := counts[paper.CaseCode]; got < out.Pages {
		t.Errorf("the case code stands on %d of %d pages", got, out.Pages)
	}
	for n := 2; n <= out.Pages; n++ {
		if page[strconv.Itoa(n)] == 0 {
			t.Errorf("page %d has no number", n)
		}
	}
	if page["NHẬN"] > page["Hà"] || page["Hà"] != out.Pages {
		t.Errorf("role on page %d, name on page %d of %d", page["NHẬN"], page["Hà"], out.Pages)
	}
}

// What a paper cannot do without is asked for by name.
func TestIncompletePapers(t *testing.T) {
	t.Parallel()
	p, _ := newPrinter(t)
	for field, spoil := range map[string]func(*Paper){
		"id":              func(p *Paper) { p.ID = "" },
		"agency id":       func(p *Paper) { p.Agency.ID = "" },
		"agency name":     func(p *Paper) { p.Agency.Name = "" },
		"place":           func(p *Paper) { p.Place = "" },
		"title":           func(p *Paper) { p.Kind, p.Title = Result, "" },
		"case code":       func(p *Paper) { p.CaseCode = "" },
		"recipient":       func(p *Paper) { p.Recipient = "" },
		"date of issue":   func(p *Paper) { p.IssuedAt = time.Time{} },
		"date in due":     func(p *Paper) { p.Due = &Due{Term: "05 ngày"} },
		"title of item 2": func(p *Paper) { p.Items = []Item{{Title: "a"}, {Reason: "b"}} },
	} {
		paper := samples()["supplement"]
		spoil(&paper)
		_, err := p.Print(paper)
		if e, ok := errors.AsType[*IncompleteError](err); !ok || e.Field != field {
			t.Errorf("without %s: got %v", field, err)
		}
	}
	for _, spoil := range []func(*Paper){
		func(p *Paper) { p.Kind = "letter" },
		func(p *Paper) { p.Lang = "fr" },
		func(p *Paper) { p.Fee = &Fee{Amount: -1} },
		func(p *Paper) { p.Agency.ID = "../CA-00070" },
		func(p *Paper) { p.Copies = strings.Split(strings.Repeat("Ủy ban;", 90), ";") },
	} {
		paper := samples()["supplement"]
		spoil(&paper)
		if _, err := p.Print(paper); err == nil {
			t.Errorf("printed kind %q, language %q, agency %q, fee %v, %d copies", paper.Kind, paper.Lang, paper.Agency.ID, paper.Fee, len(paper.Copies))
		}
	}
}

// Days under 10 and the months 1 and 2 are written with a 0.
func TestLongDate(t *testing.T) {
	t.Parallel()
	for month, want := range map[int]string{0: "ngày 26 tháng 11 năm 2026", 2: "ngày 26 tháng 01 năm 2027", 4: "ngày 26 tháng 3 năm 2027"} {
		if got := longDate(morning.AddDate(0, month, 0)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got, want := longDate(morning.AddDate(0, 0, 6)), "ngày 02 tháng 12 năm 2026"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDong(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 đồng", 999: "999 đồng", 1000: "1.000 đồng", 10000: "10.000 đồng", 1250000: "1.250.000 đồng"} {
		if got := dong(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func BenchmarkPrint(b *testing.B) {
	p, _ := newPrinter(b)
	paper := samples()["receipt"]
	for b.Loop() {
		if _, err := p.Print(paper); err != nil {
			b.Fatal(err)
		}
	}
}
