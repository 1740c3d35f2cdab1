package studio

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/web/site"
)

// Only authors find the studio. To citizens, and to officers without the role,
// it does not exist; who is not signed in is asked to sign in.
func TestOnlyAuthors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct {
		name string
		who  *agency.Actor
		want int
	}{
		{"nobody", nil, http.StatusSeeOther},
		{"a citizen", &agency.Actor{Kind: agency.Citizen, ID: "001196000101", Level: 2}, http.StatusNotFound},
		{"an approver", &agency.Actor{Kind: agency.Officer, ID: "ca-00004-pheduyet", Level: 2, Seats: []agency.Seat{{Agency: "CA-00004", Role: agency.Approver}}}, http.StatusNotFound},
		{"a citizen who says to be an author", &agency.Actor{Kind: agency.Citizen, ID: "001196000101", Level: 2, Seats: []agency.Seat{{Agency: "UB-01", Role: agency.Author}}}, http.StatusNotFound},
		{"the author", h.author, http.StatusOK},
	} {
		for _, path := range []string{site.StudioPath, link("permanent-residence", ""), link("permanent-residence", previewPage)} {
			if got := h.as(c.who, http.MethodGet, path, nil); got.Code != c.want {
				t.Errorf("%s at %s: got %d, want %d", c.name, path, got.Code, c.want)
			}
		}
	}
	begun := h.get(link("camera-fine-payment", previewPage)).press("Bắt đầu xem thử", map[string][]string{variantName: {"own-fine-on-time"}}).want(http.StatusOK)
	other := *h.author
	other.ID = "another-author"
	h.as(&other, http.MethodGet, strings.SplitN(begun.Path, "?", 2)[0], nil).want(http.StatusNotFound).not("Đang khai, chưa nộp")
}

// The library has every folder, and finds one by words without diacritics.
func TestLibrary(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.get(site.StudioPath).want(http.StatusOK).says("permanent-residence", "camera-fine-payment", "consent", "chỉ mở từ hồ sơ khác")
	h.get(site.StudioPath + "?q=thuong+tru").want(http.StatusOK).says("permanent-residence").not("camera-fine-payment")
	h.get(site.StudioPath + "?q=xyzzy").want(http.StatusOK).says("Không có thủ tục nào khớp")
}

// A sound definition is told to be sound, with its proofs and tables.
func TestReport(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.get(link("permanent-residence", "")).want(http.StatusOK).says("Chỉ khai một lần", "phải hỏi và đều có lý do", "Luồng xử lý", "Chờ tiếp nhận", "Bảng lệ phí và thời hạn", "7 ngày làm việc", "wife-joins-husband").not("Chưa chạy được")
	h.get(link("no-such-procedure", "")).want(http.StatusNotFound)
	h.get(link("consent", "")).want(http.StatusOK).not("Xem thử")
	h.get(link("consent", previewPage)).want(http.StatusNotFound)
}

// A broken definition shows each mistake with its line and remedy; it cannot be
// walked, and is sound again once it is mended.
func TestBrokenDefinition(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	h := newHouseOf(t, os.DirFS(dir), dir)
	file := filepath.Join(dir, "camera-fine-payment", "workflow.yaml")
	sound, err := os.ReadFile(file)
	h.ok(err)
	h.get(link("camera-fine-payment", "")).want(http.StatusOK).not("Chưa chạy được")

	h.ok(os.WriteFile(file, []byte(strings.Replace(string(sound), "to: ", "to: nowhere-", 1)), 0o644))
	h.get(link("camera-fine-payment", "")).want(http.StatusOK).says("Chưa chạy được", "REF", "procedures/camera-fine-payment/workflow.yaml:", "nowhere-", "Cách sửa:").not("Xem thử")
	h.get(link("camera-fine-payment", previewPage)).want(http.StatusNotFound)
	h.get(site.StudioPath).says("lỗi")
	h.get(link("permanent-residence", "")).not("Chưa chạy được")

	h.ok(os.WriteFile(file, []byte("states: [\n"), 0o644))
	h.get(link("camera-fine-payment", "")).want(http.StatusOK).says("Chưa chạy được", "YAML")

	h.ok(os.WriteFile(file, sound, 0o644))
	h.get(link("camera-fine-payment", "")).want(http.StatusOK).not("Chưa chạy được")
}

// The scenarios are played from the report, and what they cover is shown there
// and in the library.
func TestCoverage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.get(link("camera-fine-payment", "")).want(http.StatusOK).not("Lần chạy gần nhất")
	p = p.press("Chạy các tình huống", nil).want(http.StatusOK)
	for until := time.Now().Add(5 * time.Minute); strings.Contains(p.Main(), "Đang chạy:") && time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		p = h.get(link("camera-fine-payment", ""))
	}
	p.says("Lần chạy gần nhất lúc", "tình huống đạt", "Bước chuyển", "Điều kiện, cả hai phía").not("Không đạt")
	h.get(site.StudioPath).says("bước chuyển đã đi")
}

// The workflow is a picture that carries no script and no style.
func TestDiagram(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.get(link("permanent-residence", diagramPage)).want(http.StatusOK)
	if kind := p.Header().Get("Content-Type"); !strings.HasPrefix(kind, "image/svg+xml") {
		t.Errorf("it comes as %s", kind)
	}
	for _, bad := range []string{"<script", "<style", " style="} {
		if strings.Contains(p.Body.String(), bad) {
			t.Errorf("the picture holds %s", bad)
		}
	}
	h.get(link("no-such-procedure", diagramPage)).want(http.StatusNotFound)
}

// What was changed in the folder is told against the version that runs, part by part.
func TestCompare(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	h := newHouseOf(t, os.DirFS(dir), dir)
	h.get(link("permanent-residence", comparePage)).want(http.StatusOK).says("Mới có một phiên bản")
	file := filepath.Join(dir, "permanent-residence", "procedure.yaml")
	text, err := os.ReadFile(file)
	h.ok(err)
	h.ok(os.WriteFile(file, []byte(strings.Replace(string(text), "amount: 10000", "amount: 12000", 1)), 0o644))
	h.get(link("permanent-residence", comparePage)).want(http.StatusOK).says("1 khác biệt", "Phí, lệ phí", "10000", "12000", "(đang chạy)", "(trong thư mục)")
	h.get(site.StudioPath).says("chưa chạy")
}
