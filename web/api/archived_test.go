package api_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

// A case whose month was archived is answered by 410 to those who might see it,
// with where to ask, and is no case to others; lists go on without it.
func TestArchivedCase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.residence().text("code")
	owner := pgtest.Owner(t, h.db)
	var part string
	must(t, owner.QueryRow(t.Context(), `SELECT tableoid::regclass::text FROM cases WHERE code = $1`, code).Scan(&part))
	for _, sql := range []string{
		`INSERT INTO archived_cases SELECT id, substr('` + part + `', 7), procedure_id, definition, applicant, subject, receiving, competent, filed_at, filed_at, 'granted', false, false, 0, 0, 0, 0, 0 FROM cases`,
		`ALTER TABLE cases DETACH PARTITION ` + part, `ALTER TABLE ` + part + ` SET SCHEMA detached`,
		`UPDATE case_months SET detached_at = now(), manifest = sha256('x'), archived = '{}' WHERE suffix = substr('` + part + `', 7)`,
	} {
		_, err := owner.Exec(t.Context(), sql)
		must(t, err)
	}
	for _, path := range []string{"", "/documents/" + uuid.NewString()} {
		vi := h.call(an, "GET", "/cases/"+code+path, nil).problem(410, "archived")
		if vi.text("title") != "Hồ sơ đã được đưa vào lưu trữ" {
			t.Errorf("%s: title %q", path, vi.text("title"))
		}
	}
	h.call(an, "GET", "/cases/"+code, nil, "Accept-Language", "en").problem(410, "archived")
	h.call(phong, "GET", "/cases/"+code, nil).problem(404, "not-found")
	h.call("ub-26740-thuly", "GET", "/cases/"+code, nil).problem(404, "not-found")
	h.call(an, "GET", "/cases", nil).want(200)
}
