package resident

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// An Invariant is true of every sound resident database, whatever changes were
// made in whatever order.
type Invariant struct {
	Rule   string // kebab-case
	VI, EN string
	// SQL finds who breaks it: one column of text, personal numbers or
	// "household " and an id; a row each.
	SQL string
}

// Broken is an invariant that does not hold.
type Broken struct {
	Invariant
	Count int64
	First string // one of those who break it
}

// Invariants are all of them. `hoso doctor` and the tests hold a database
// against the list, and `hoso bench grants` after every run.
var Invariants = []Invariant{
	{"one-address", "Mỗi người có một nơi thường trú, một nơi tạm trú, một nơi ở hiện tại", "Nobody has two addresses of a kind at a time", `
		SELECT resident FROM (
			SELECT resident, valid, lag(valid) OVER (PARTITION BY resident, kind ORDER BY valid) AS last
			FROM residences WHERE NOT isempty(valid)) r
		WHERE last && valid`},
	{"one-household", "Mỗi người thuộc một hộ", "Nobody belongs to two households at a time", `
		SELECT resident FROM (
			SELECT resident, valid, lag(valid) OVER (PARTITION BY resident ORDER BY valid) AS last
			FROM household_members WHERE NOT isempty(valid)) m
		WHERE last && valid`},
	{"one-absence", "Các thời gian tạm vắng không chồng nhau", "The absences of one person do not overlap", `
		SELECT resident FROM (
			SELECT resident, valid, lag(valid) OVER (PARTITION BY resident ORDER BY valid) AS last
			FROM absences WHERE NOT isempty(valid)) a
		WHERE last && valid`},
	{"one-stay", "Các thời gian lưu trú không chồng nhau và dưới 30 ngày", "The stays of one person do not overlap, and each is shorter than 30 days", `
		SELECT resident FROM (
			SELECT resident, valid, lag(valid) OVER (PARTITION BY resident ORDER BY valid) AS last
			FROM stays WHERE NOT isempty(valid)) s
		WHERE last && valid OR upper(valid) - lower(valid) >= 30`},
	{"one-card", "Mỗi loại giấy tờ có một bản còn giá trị", "Nobody has two valid papers of a kind", `
		SELECT resident FROM identity_documents
		WHERE revoked_on IS NULL
		GROUP BY resident, kind HAVING count(*) > 1`},
	{"marriage-symmetric", "Vợ chồng là của nhau", "A marriage is of two who name each other", `
		SELECT a.number FROM residents a
		LEFT JOIN residents b ON b.number = a.spouse_number
		WHERE a.spouse_number IS NOT NULL AND b.spouse_number IS DISTINCT FROM a.number
			OR (a.spouse_number IS NOT NULL) <> (a.marital_status = 'married')`},
	{"marriage-of-age", "Nam kết hôn từ 20 tuổi, nữ từ 18 tuổi; vợ chồng là nam và nữ", "A marriage is of a man of 20 and a woman of 18 at least", `
		SELECT a.number FROM residents a
		JOIN residents b ON b.number = a.spouse_number
		LEFT JOIN marriages m ON a.number IN (m.husband, m.wife) AND upper_inf(m.valid)
		WHERE a.sex = b.sex
			OR a.birth_date + CASE a.sex WHEN 'male' THEN interval '20 years' ELSE interval '18 years' END > coalesce(lower(m.valid), greatest(current_date, a.updated_at::date))`},
	{"one-marriage", "Mỗi lúc một vợ một chồng, và sổ kết hôn khớp với hai người", "Nobody is married to two at a time, and the book of marriages says who is married", `
		SELECT who FROM (
			SELECT who, valid, lag(valid) OVER (PARTITION BY who ORDER BY valid) AS last
			FROM (SELECT husband AS who, valid FROM marriages UNION ALL SELECT wife, valid FROM marriages) b
			WHERE NOT isempty(valid)) m
		WHERE last && valid
		UNION ALL
		SELECT m.husband FROM marriages m
		LEFT JOIN residents r ON r.number = m.husband
		WHERE upper_inf(m.valid) AND r.spouse_number IS DISTINCT FROM m.wife`},
	{"no-kin-married", "Vợ chồng không có họ trong phạm vi ba đời", "Spouses are not kin within three generations", `
		WITH up0 AS (SELECT number AS who, spouse_number AS spouse, number AS elder, father_number, mother_number FROM residents WHERE spouse_number IS NOT NULL),
		up1 AS (SELECT u.who, u.spouse, r.number AS elder, r.father_number, r.mother_number FROM up0 u JOIN residents r ON r.number IN (u.father_number, u.mother_number)),
		up2 AS (SELECT u.who, u.spouse, r.number AS elder FROM up1 u JOIN residents r ON r.number IN (u.father_number, u.mother_number)),
		up AS MATERIALIZED (SELECT who, spouse, elder FROM up0 UNION ALL SELECT who, spouse, elder FROM up1 UNION ALL SELECT who, spouse, elder FROM up2)
		SELECT a.who FROM up a JOIN up b ON b.who = a.spouse AND b.elder = a.elder`},
	{"living-head", "Chủ hộ còn sống và là thành viên của hộ", "The head of a household is alive and its member", `
		SELECT 'household ' || h.id FROM households h
		LEFT JOIN residents r ON r.number = h.head AND r.alive
		LEFT JOIN household_members m ON m.resident = h.head AND m.household = h.id AND upper_inf(m.valid) AND m.relation = 'head'
		WHERE h.closed_at IS NULL AND (r.number IS NULL OR m.resident IS NULL)`},
	{"one-head", "Mỗi hộ có một chủ hộ", "A household has one head", `
		SELECT 'household ' || household FROM household_members
		WHERE upper_inf(valid) AND relation = 'head'
		GROUP BY household HAVING count(*) > 1`},
	{"closed-empty", "Hộ đã đóng không có thành viên", "A closed household has no members", `
		SELECT m.resident FROM household_members m
		JOIN households h ON h.id = m.household
		WHERE upper_inf(m.valid) AND h.closed_at IS NOT NULL`},
	{"lives-with-household", "Thành viên hộ thường trú tại địa chỉ của hộ", "Members are registered where their household is", `
		SELECT m.resident FROM household_members m
		JOIN households h ON h.id = m.household
		LEFT JOIN residences a ON a.resident = m.resident AND a.kind = 'permanent' AND upper_inf(a.valid)
		WHERE upper_inf(m.valid) AND a.address_key IS DISTINCT FROM h.address_key`},
	{"dead-at-rest", "Người chết không còn cư trú, hộ, hôn nhân, giấy tờ còn giá trị", "Nobody dead is registered, a member, married, away, or has a valid paper", `
		SELECT number FROM residents r
		WHERE NOT alive AND (spouse_number IS NOT NULL
			OR EXISTS (SELECT FROM residences a WHERE a.resident = r.number AND (upper_inf(a.valid) OR upper(a.valid) > greatest(r.updated_at::date + 1, current_date)))
			OR EXISTS (SELECT FROM household_members m WHERE m.resident = r.number AND upper_inf(m.valid))
			OR EXISTS (SELECT FROM absences a WHERE a.resident = r.number AND upper_inf(a.valid))
			OR EXISTS (SELECT FROM identity_documents d WHERE d.resident = r.number AND d.revoked_on IS NULL))`},
	{"life-in-order", "Không ai chết trước khi sinh, kết hôn hay đăng ký cư trú trước khi sinh", "Nobody dies, marries or is registered anywhere before birth", `
		SELECT number FROM residents WHERE died_on < birth_date
		UNION ALL
		SELECT r.number FROM residents r JOIN residences a ON a.resident = r.number WHERE lower(a.valid) < r.birth_date
		UNION ALL
		SELECT r.number FROM residents r JOIN marriages m ON r.number IN (m.husband, m.wife)
		WHERE lower(m.valid) < r.birth_date + CASE r.sex WHEN 'male' THEN interval '20 years' ELSE interval '18 years' END OR lower(m.valid) > r.died_on`},
	{"parents-older", "Cha là nam, mẹ là nữ, hơn con ít nhất 12 tuổi", "A father is male, a mother female, and both 12 years older at least", `
		SELECT c.number FROM residents c
		JOIN residents p ON p.number = c.father_number AND (p.sex <> 'male' OR p.birth_date + interval '12 years' > c.birth_date)
		UNION ALL
		SELECT c.number FROM residents c
		JOIN residents p ON p.number = c.mother_number AND (p.sex <> 'female' OR p.birth_date + interval '12 years' > c.birth_date)`},
	{"parents-alive", "Mẹ còn sống khi sinh con, cha còn sống trong 300 ngày trước", "A mother was alive at the birth, a father within 300 days before it", `
		SELECT c.number FROM residents c
		JOIN residents p ON p.number = c.mother_number AND p.died_on < c.birth_date OR p.number = c.father_number AND p.died_on < c.birth_date - 300
		WHERE p.died_on IS NOT NULL`},
	{"own-ancestor", "Không ai là tổ tiên của chính mình", "Nobody is an ancestor of themself", `
		-- In every ring somebody is not younger than a parent: only those are followed.
		WITH RECURSIVE up (who, elder) AS (
			SELECT c.number, p.number FROM residents c
			JOIN residents p ON p.number IN (c.father_number, c.mother_number) AND p.birth_date >= c.birth_date
			UNION
			SELECT u.who, e.number FROM up u
			JOIN residents r ON r.number = u.elder
			CROSS JOIN LATERAL (VALUES (r.father_number), (r.mother_number)) AS e (number)
			WHERE e.number IS NOT NULL)
		SELECT who FROM up WHERE who = elder`},
	{"number-fits", "Số định danh khớp với giới tính và năm sinh", "The personal number says sex and year of birth", `
		SELECT number FROM residents
		WHERE (substr(number, 4, 1)::int % 2 = 1) <> (sex = 'female')
			OR 1900 + substr(number, 4, 1)::int / 2 * 100 + substr(number, 5, 2)::int <> extract(year FROM birth_date)`},
	{"history-complete", "Mỗi thay đổi có một nguyên nhân, và lần gần nhất khớp với dữ liệu", "What the last change of a person left is what the record says", `
		SELECT r.number FROM (
			SELECT DISTINCT ON (n) n AS number, c.after -> n AS last, c.at
			FROM resident_changes c, unnest(c.people) AS n
			ORDER BY n, c.id DESC) l
		JOIN residents r ON r.number = l.number
		WHERE l.last ? 'alive' AND (r.full_name, r.birth_date::text, r.marital_status, coalesce(r.spouse_number, ''), coalesce(r.father_number, ''), coalesce(r.mother_number, ''))
			IS DISTINCT FROM (l.last ->> 'fullName', l.last ->> 'birthDate', l.last ->> 'maritalStatus', coalesce(l.last ->> 'spouseNumber', ''),
				coalesce(l.last ->> 'fatherNumber', ''), coalesce(l.last ->> 'motherNumber', ''))`},
}

// Check holds a database against the invariants and returns those that do not
// hold. It is many whole reads of the tables: minutes for a million people. It
// gives nothing out but one number for each, and is no read of anybody in the
// sense of the log.
func Check(ctx context.Context, db *pgxpool.Pool) ([]Broken, error) {
	var list []Broken
	err := pgx.BeginTxFunc(ctx, db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
		list, err = CheckTx(ctx, tx)
		return err
	})
	return list, err
}

// CheckTx is [Check] in the caller's transaction.
func CheckTx(ctx context.Context, tx pgx.Tx) ([]Broken, error) {
	var list []Broken
	for _, inv := range Invariants {
		b := Broken{Invariant: inv}
		if err := tx.QueryRow(ctx, "SELECT count(*), coalesce(min(k), '') FROM ("+inv.SQL+") AS q (k)").Scan(&b.Count, &b.First); err != nil {
			return nil, fmt.Errorf("examine the invariant %s: %w", inv.Rule, err)
		}
		if b.Count > 0 {
			list = append(list, b)
		}
	}
	return list, nil
}
