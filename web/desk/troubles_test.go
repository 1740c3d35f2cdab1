package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
)

// broken leaves a case whose message to the citizen failed for good, with its incident.
func (h *house) broken() (id string) {
	h.t.Helper()
	code := h.filed()
	h.exec(`UPDATE case_effects SET status = 4, next_at = NULL, error = 'mailbox full' WHERE case_id = (SELECT id FROM cases WHERE code = $1) AND type = 'notify'`, code)
	h.exec(`INSERT INTO incidents (case_id, seq, idx, kind, code, agency, receiving, peer, type, name, opened_at, detail)
		SELECT e.case_id, e.seq, e.idx, 'permanent', c.code, c.competent, c.receiving, 'notices', e.type, e.name, now(), e.error
		FROM case_effects e JOIN cases c ON c.id = e.case_id WHERE c.code = $1 AND e.type = 'notify' LIMIT 1`, code)
	h.ok(h.db.QueryRow(h.t.Context(), `SELECT id::text FROM incidents WHERE code = $1`, code).Scan(&id))
	return id
}

// Operators see the troubles of their agencies with every attempt, and settle
// them with a reason; other officers are told that the page is not for them.
func TestOperatorsPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.broken()
	h.exec(`INSERT INTO peers (name, failures, failing_since, opened_at, probe_at) VALUES ('notices', 5, $1, $1, $1)`, h.clock())
	page := site.TroublesPath + "/" + id
	for _, path := range []string{site.TroublesPath, page, page + "/" + verbRetry, peerPath("notices", verbResume)} {
		h.get(reception, path).want(http.StatusForbidden)
	}
	h.get(reception, site.QueuePath).says("Dịch vụ thư điện tử và tin nhắn không trả lời từ 09:00 02/11/2026")
	h.seat(handler, agency.Operator)
	h.get(handler, site.TroublesPath).want(http.StatusOK).says("Vướng mắc kỹ thuật", "Gửi tin cho người dân", "Nơi nhận từ chối", "Dịch vụ thư điện tử và tin nhắn không trả lời từ")
	h.get(handler, site.TroublesPath+"?lang=en").says("Technical troubles", "A message to the citizen", "E-mail and SMS service is unavailable since")
	h.get(handler, site.TroublesPath+"?noi=registry_land").says("Không có vướng mắc nào")
	one := h.get(handler, page).want(http.StatusOK).says("mailbox full", "Các lần thử", "Đã thực hiện", "sửa nguyên nhân rồi thử lại")
	ask := h.get(handler, one.Link("Kết thúc, có lý do")).want(http.StatusOK).says("phải được làm bằng tay")
	ask.submit(handler, "/"+verbWriteOff, nil).want(http.StatusUnprocessableEntity).says("Nêu lý do")
	ask.submit(handler, "/"+verbWriteOff, url.Values{"reason": {"đã gọi điện cho người dân"}}).want(http.StatusSeeOther)
	h.get(handler, page).says("Đã khép lại", "Người vận hành đã kết thúc: "+handler)
	h.get(handler, site.TroublesPath+"?xong="+verbWriteOff).says("Đã kết thúc, lý do đã được ghi", "Không có vướng mắc nào")
	resume := h.get(handler, peerPath("notices", verbResume)).want(http.StatusOK)
	resume.submit(handler, "/"+verbResume, url.Values{"reason": {"máy chủ thư hoạt động lại"}}).want(http.StatusSeeOther)
	var actor string
	h.ok(h.db.QueryRow(t.Context(), `SELECT actor FROM peer_events WHERE event = 'resumed'`).Scan(&actor))
	if actor != handler {
		t.Errorf("resumed by %q", actor)
	}
}

// Whatever an effect does, officers and operators read it in words, in both
// languages, and never as the name that the engine has for it.
func TestEveryEffectHasWords(t *testing.T) {
	for _, kind := range []string{cases.EffectNotify, cases.EffectReceipt, cases.EffectLetter, cases.EffectResult, cases.EffectPayment, cases.EffectResident, cases.EffectSend,
		cases.EffectOpen, cases.EffectReport, cases.EffectCancel, cases.EffectRemind,
		cases.EffectUndoPayment, cases.EffectUndoResident, cases.EffectUndoSend, cases.EffectUndoResult} {
		for _, lang := range []string{"vi", "en"} {
			if got := effectText(kind, "name", "CSDL", lang); got == "" || strings.Contains(got, kind) || strings.Contains(got, "name") {
				t.Errorf("%s in %s: %q", kind, lang, got)
			}
		}
	}
}
