package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
)

// owner is the demonstration's owner of 40 phố Kim Mã: whoever rents there asks
// for their agreement.
const owner = "001060000106"

// people are those who act, and what the registries have to know of them.
type people struct {
	officers []officer
	movers   []string
	payers   []person
	couples  []couple

	mu                sync.Mutex
	move, pay, parent int // the next one who has not filed yet
}

type person struct{ number, name string }

type couple struct{ husband, wife person }

type officer struct {
	id, name, agency string
	roles            []string
}

// findPeople picks who will act from the made-up population.
func findPeople(ctx context.Context, db *pgxpool.Pool) (*people, error) {
	p := &people{}
	rows, err := db.Query(ctx, `
		SELECT o.id, o.name, r.agency_id, array_agg(r.role)
		FROM officers o
		JOIN officer_roles r ON r.officer_id = o.id
		WHERE r.agency_id LIKE '%-00004' OR r.agency_id LIKE '%-00070' OR r.agency_id LIKE 'GT-01'
		GROUP BY o.id, o.name, r.agency_id
		ORDER BY o.id`)
	if err != nil {
		return nil, err
	}
	var o officer
	if _, err := pgx.ForEachRow(rows, []any{&o.id, &o.name, &o.agency, &o.roles}, func() error {
		p.officers = append(p.officers, o)
		o.roles = nil
		return nil
	}); err != nil {
		return nil, err
	}
	rows, err = db.Query(ctx, `
		SELECT r.number
		FROM residents r
		JOIN household_members m ON m.resident = r.number
		JOIN households h ON h.id = m.household AND h.head = r.number
		WHERE r.birth_date BETWEEN '1966-01-01' AND '2004-01-01' AND r.alive AND upper_inf(m.valid) AND h.closed_at IS NULL AND NOT r.restricted
		ORDER BY md5(r.number)`)
	if err != nil {
		return nil, err
	}
	if p.movers, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return nil, err
	}
	rows, err = db.Query(ctx, `
		SELECT number, full_name
		FROM residents
		WHERE alive AND birth_date < '2005-01-01'
		ORDER BY md5(number || 'pays')`)
	if err != nil {
		return nil, err
	}
	var one person
	if _, err := pgx.ForEachRow(rows, []any{&one.number, &one.name}, func() error {
		p.payers = append(p.payers, one)
		return nil
	}); err != nil {
		return nil, err
	}
	rows, err = db.Query(ctx, `
		SELECT h.number, h.full_name, w.number, w.full_name
		FROM residents h
		JOIN residents w ON w.number = h.spouse_number
		JOIN residences rh ON rh.resident = h.number AND rh.kind = 'permanent' AND upper_inf(rh.valid)
		JOIN residences rw ON rw.resident = w.number AND rw.kind = 'permanent' AND upper_inf(rw.valid)
		WHERE h.sex = 'male' AND w.sex = 'female' AND h.alive AND w.alive AND w.birth_date BETWEEN '1984-01-01' AND '2004-01-01'
		ORDER BY md5(h.number || 'child')`)
	if err != nil {
		return nil, err
	}
	var two couple
	_, err = pgx.ForEachRow(rows, []any{&two.husband.number, &two.husband.name, &two.wife.number, &two.wife.name}, func() error {
		p.couples = append(p.couples, two)
		return nil
	})
	if err == nil && (len(p.movers) < 100 || len(p.couples) < 50 || len(p.officers) == 0) {
		err = fmt.Errorf("the made-up population is too small: %d heads of household, %d couples, %d officers", len(p.movers), len(p.couples), len(p.officers))
	}
	return p, err
}

// identities are the officers as the identity provider has to know them.
func (p *people) identities() []map[string]any {
	var out []map[string]any
	for _, o := range p.officers {
		out = append(out, map[string]any{"subject": o.id, "kind": string(agency.Officer), "name": o.name, "roles": o.roles, "agency": o.agency})
	}
	return out
}

// register adds a fine for every payer and a marriage for every couple to what
// the registries hold.
func (p *people) register(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var state map[string]any
	if err := json.Unmarshal(text, &state); err != nil {
		return err
	}
	fines, _ := state["fines"].([]any)
	today := time.Now()
	for i, who := range p.payers {
		fines = append(fines, map[string]any{"number": fineOf(i), "issuedOn": today.AddDate(0, 0, -8).Format(time.DateOnly), "issuer": "Phòng Cảnh sát giao thông Công an thành phố Hà Nội",
			"issuerAgency": "GT-01", "offenderNumber": who.number, "offenderName": who.name, "plate": fmt.Sprintf("29A-%05d", i), "behaviour": "Dừng xe, đỗ xe nơi có biển cấm",
			"clause": "Nghị định 168/2024/NĐ-CP, Điều 6 khoản 3 điểm e", "amount": 900000, "servedOn": today.AddDate(0, 0, -6).Format(time.DateOnly),
			"dueOn": today.AddDate(0, 0, 4).Format(time.DateOnly), "points": 0, "withheld": []any{}, "treasuryAccount": "7111.1.1056743.KB-HN", "status": "unpaid"})
	}
	marriages, _ := state["marriages"].([]any)
	for i, c := range p.couples {
		marriages = append(marriages, map[string]any{"number": fmt.Sprintf("%d/2020", 1000+i), "registeredOn": "2020-05-20", "place": "UBND phường Ba Đình, thành phố Hà Nội",
			"husbandNumber": c.husband.number, "husbandName": c.husband.name, "wifeNumber": c.wife.number, "wifeName": c.wife.name})
	}
	state["fines"], state["marriages"] = fines, marriages
	if text, err = json.Marshal(state); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func fineOf(i int) string { return fmt.Sprintf("%d/QĐ-CHAOS", 5000+i) }

// filing is what somebody files, as the API takes it.
type filing struct {
	who  string
	body map[string]any
}

// nextFiling is a filing of somebody who has not filed before; false when there
// is nobody left.
func (p *people) nextFiling(d *dice) (filing, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch n := d.n(20); {
	case n < 11 && p.move < len(p.movers):
		p.move++
		return moving(p.movers[p.move-1]), true
	case n < 17 && p.pay < len(p.payers):
		p.pay++
		return paying(p.payers[p.pay-1].number, fineOf(p.pay-1)), true
	case p.parent < len(p.couples):
		p.parent++
		return bearing(p.couples[p.parent-1], p.parent), true
	case p.pay < len(p.payers):
		p.pay++
		return paying(p.payers[p.pay-1].number, fineOf(p.pay-1)), true
	}
	return filing{}, false
}
