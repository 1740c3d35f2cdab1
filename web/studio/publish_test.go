package studio

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A version is published in two steps, with its first day and who approved it,
// and not at all when the files changed between them.
func TestPublish(t *testing.T) {
	t.Parallel()
	dir := copied(t)
	h := newHouseOf(t, os.DirFS(dir), dir)
	h.utc() // nodes run in UTC: the day is Hanoi's all the same
	page := h.get(link("camera-fine-payment", publishPage)).want(http.StatusOK).says("Không có hồ sơ nào đang giải quyết theo phiên bản cũ")
	page.press("Xem lại trước khi công bố", url.Values{fromName + "-day": {"x"}}).want(http.StatusUnprocessableEntity).says("Nhập ngày bắt đầu áp dụng", "Nhập họ tên người phê duyệt")
	ask := page.press("Xem lại trước khi công bố", url.Values{byName: {"Trần Văn Bình"}}).want(http.StatusOK).says("Công bố phiên bản này?", "Trần Văn Bình", "26/11/2026")
	if n := h.published(); n != 0 {
		t.Fatalf("%d versions were published before it was confirmed", n)
	}
	file := filepath.Join(dir, "camera-fine-payment", "procedure.yaml")
	text, err := os.ReadFile(file)
	h.ok(err)
	h.ok(os.WriteFile(file, []byte(strings.Replace(string(text), "version: 1", "version: 2", 1)), 0o644))
	ask.press("Công bố phiên bản này", nil).want(http.StatusUnprocessableEntity).says("Tệp trong thư mục đã thay đổi")
	if n := h.published(); n != 0 {
		t.Fatalf("%d versions were published though the files had changed", n)
	}
	again := h.get(link("camera-fine-payment", publishPage)).press("Xem lại trước khi công bố", url.Values{byName: {"Trần Văn Bình"}})
	again.press("Công bố phiên bản này", nil).want(http.StatusOK).says("Đã công bố", "phiên bản 2", "chính là phiên bản đã công bố gần nhất", "Trần Văn Bình")
	if n := h.published(); n != 1 {
		t.Errorf("%d versions are published, want 1", n)
	}
}

// utc sets the clock to an hour at which it is yet the day before in London.
func (h *house) utc() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = time.Date(2026, time.November, 25, 18, 0, 0, 0, time.UTC)
}

func (h *house) published() int {
	h.t.Helper()
	var n int
	h.ok(h.db.QueryRow(h.t.Context(), `SELECT count(*) FROM publications`).Scan(&n))
	return n
}
