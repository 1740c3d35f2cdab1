package desk

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hoso-gov/hoso/procedures"
)

// extensible are the shipped procedures, with an extension of up to five working
// days in the registration of residence: no law of theirs knows one.
func extensible(t *testing.T) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(procedures.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(procedures.FS, path)
		if path == "permanent-residence/workflow.yaml" {
			text = append(text, "extend: {by: approver, up-to: 5wd, in: [examine, approve], law: \"Luật thử nghiệm, Điều 7\"}\n"...)
		}
		out[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Who may extend the term finds it on the page of the case, says by how much and
// why, and the history tells the old date and the new one. Others are not offered it.
func TestExtendAtTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouseOf(t, extensible(t))
	code := string(h.examined())
	page := "/can-bo/ho-so/" + code
	h.get(handler, page).want(http.StatusOK).not("Gia hạn thời gian giải quyết")
	h.get(approver, page).want(http.StatusOK).says("Gia hạn thời gian giải quyết")
	act := page + "/viec/extend"
	h.get(approver, act).want(http.StatusOK).says("Gia hạn thêm", "Nhiều nhất 5 ngày làm việc", "Luật thử nghiệm, Điều 7", "Lý do gia hạn", "hồ sơ ở nguyên bước này", "Ký số và phát hành: văn bản xin lỗi có ngày hẹn mới").not("chuyển sang bước")
	h.submit(approver, act, "/extend", url.Values{"days": {"9"}, "note": {""}}).want(http.StatusUnprocessableEntity).
		says("Nhập thời gian gia hạn từ 1 đến 5 ngày làm việc", "Nêu lý do gia hạn")
	h.submit(approver, act, "/extend", url.Values{"days": {"3"}, "note": {"Chờ kết quả xác minh của phường"}}).want(http.StatusSeeOther)
	h.drain()
	h.get(approver, page+"/lich-su").want(http.StatusOK).says("Gia hạn thời hạn giải quyết thêm 3 ngày làm việc", "Chờ kết quả xác minh của phường", "11/11/2026", "16/11/2026")
	h.get(approver, act).want(http.StatusOK).says("Đã dùng hết số lần được phép (1 lần)")
}

// What was done because a task was late is a line of the case's history, with
// the officers whom it reached.
func TestHistoryTellsWarnings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := string(h.examined())
	h.pass(5 * 24 * time.Hour)
	h.drain()
	if got := h.get(handler, "/can-bo/ho-so/"+code+"/lich-su").want(http.StatusOK).Main(); !strings.Contains(got, "Báo quá hạn cho người xử lý: Đang thẩm định") ||
		!strings.Contains(got, "Báo quá hạn cho lãnh đạo cơ quan: Đang thẩm định") || !strings.Contains(got, "Đã gửi thư: ") {
		t.Errorf("the history does not tell it:\n%s", got)
	}
}
