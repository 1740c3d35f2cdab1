package agency

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// post is how agencies of a kind are made: one for each unit of the level.
type post struct {
	kind    Kind
	level   Level
	letters string // of the id
	parent  Kind   // of the province; empty: none
	vi, en  func(Unit) string
	seat    string // code of the one unit that has it, for the whole country; empty: each unit of the level has one
}

// at tells whether a unit has an agency of p's kind.
func (p post) at(u Unit) bool { return u.Level == p.level && (p.seat == "" || p.seat == u.Code) }

// posts stand so that a parent comes before its children.
var posts = []post{
	{kind: MinistryPolice, level: Province, letters: "C06", seat: "01",
		vi: func(Unit) string {
			return "Cục Cảnh sát quản lý hành chính về trật tự xã hội, Bộ Công an"
		},
		en: func(Unit) string {
			return "Police Department for Administrative Management of Social Order, Ministry of Public Security"
		}},
	{kind: ImmigrationDepartment, level: Province, letters: "A08", seat: "01",
		vi: func(Unit) string { return "Cục Quản lý xuất nhập cảnh, Bộ Công an" },
		en: func(Unit) string { return "Immigration Department, Ministry of Public Security" }},
	{kind: ProvinceCommittee, level: Province, letters: "UB",
		vi: func(u Unit) string { return "UBND " + u.Text("vi") },
		en: func(u Unit) string { return "People's Committee of " + u.Text("en") }},
	{kind: ProvincePolice, level: Province, letters: "CA",
		vi: func(u Unit) string { return "Công an " + u.Text("vi") },
		en: func(u Unit) string { return u.Text("en") + " Police" }},
	{kind: ProvinceSocialInsurance, level: Province, letters: "BH",
		vi: func(u Unit) string { return "Bảo hiểm xã hội " + u.Text("vi") },
		en: func(u Unit) string { return u.Text("en") + " Social Insurance" }},
	{kind: ProvinceTax, level: Province, letters: "TH",
		vi: func(u Unit) string { return "Thuế " + u.Text("vi") },
		en: func(u Unit) string { return u.Text("en") + " Tax Department" }},
	{kind: PowerCompany, level: Province, letters: "DL",
		vi: func(u Unit) string { return "Công ty Điện lực " + u.Text("vi") },
		en: func(u Unit) string { return u.Text("en") + " Power Company" }},
	{kind: HomeAffairs, level: Province, letters: "NV", parent: ProvinceCommittee,
		vi: func(u Unit) string { return "Sở Nội vụ " + u.Text("vi") },
		en: func(u Unit) string { return u.Text("en") + " Department of Home Affairs" }},
	{kind: EmploymentService, level: Province, letters: "VL", parent: HomeAffairs,
		vi: func(u Unit) string { return "Trung tâm Dịch vụ việc làm " + u.Text("vi") },
		en: func(u Unit) string { return u.Text("en") + " Employment Service Centre" }},
	{kind: EducationDepartment, level: Province, letters: "GD", parent: ProvinceCommittee,
		vi: func(u Unit) string { return "Sở Giáo dục và Đào tạo " + u.Text("vi") },
		en: func(u Unit) string { return u.Text("en") + " Department of Education and Training" }},
	{kind: JusticeDepartment, level: Province, letters: "TP", parent: ProvinceCommittee,
		vi: func(u Unit) string { return "Sở Tư pháp " + u.Text("vi") },
		en: func(u Unit) string { return u.Text("en") + " Department of Justice" }},
	{kind: ProvinceLandOffice, level: Province, letters: "DD", parent: ProvinceCommittee,
		vi: func(u Unit) string { return "Văn phòng Đăng ký đất đai " + u.Text("vi") },
		en: func(u Unit) string { return u.Text("en") + " Land Registration Office" }},
	{kind: TrafficPolice, level: Province, letters: "GT", parent: ProvincePolice,
		vi: func(u Unit) string { return "Phòng Cảnh sát giao thông " + u.Text("vi") },
		en: func(u Unit) string { return u.Text("en") + " Traffic Police Division" }},
	{kind: CommuneCommittee, level: Commune, letters: "UB", parent: ProvinceCommittee,
		vi: func(u Unit) string { return "UBND " + u.Text("vi") },
		en: func(u Unit) string { return "People's Committee of " + u.Text("en") }},
	{kind: CommunePolice, level: Commune, letters: "CA", parent: ProvincePolice,
		vi: func(u Unit) string { return "Công an " + u.Text("vi") },
		en: func(u Unit) string { return u.Text("en") + " Police" }},
	{kind: SocialInsurance, level: Commune, letters: "BH", parent: ProvinceSocialInsurance,
		vi: func(u Unit) string { return "Bảo hiểm xã hội cơ sở " + u.NameVI },
		en: func(u Unit) string { return u.NameEN + " Social Insurance Office" }},
	{kind: TaxOffice, level: Commune, letters: "TH", parent: ProvinceTax,
		vi: func(u Unit) string { return "Thuế cơ sở " + u.NameVI },
		en: func(u Unit) string { return u.NameEN + " Tax Office" }},
	{kind: LandOffice, level: Commune, letters: "DD", parent: ProvinceLandOffice,
		vi: func(u Unit) string { return "Chi nhánh Văn phòng Đăng ký đất đai " + u.NameVI },
		en: func(u Unit) string { return u.NameEN + " Branch of the Land Registration Office" }},
}

var postOf = func() map[Kind]post {
	m := map[Kind]post{}
	for _, p := range posts {
		m[p.kind] = p
	}
	return m
}()

// agencyAt is the agency of p's kind at a unit.
func (p post) agencyAt(u Unit) Agency {
	province := u.Code
	if u.Level == Commune {
		province = u.ProvinceCode
	}
	a := Agency{ID: ID(p.letters + "-" + u.Code), Kind: p.kind, UnitCode: u.Code, NameVI: p.vi(u), NameEN: p.en(u), CodePrefix: "H" + province}
	if p.parent != "" {
		a.ParentID = ID(postOf[p.parent].letters + "-" + province)
	}
	return a
}

// Establish makes the agencies that units lack and follows units that were
// renamed. It returns the number of agencies made or renamed.
func Establish(ctx context.Context, tx pgx.Tx) (int, error) {
	units, err := readUnits(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("establish agencies: %w", err)
	}
	var ids, kinds, codes, vi, en, prefixes, parents []string
	for _, p := range posts {
		for _, u := range units {
			if !p.at(u) {
				continue
			}
			a := p.agencyAt(u)
			ids, kinds, codes = append(ids, string(a.ID)), append(kinds, string(a.Kind)), append(codes, a.UnitCode)
			vi, en = append(vi, a.NameVI), append(en, a.NameEN)
			prefixes, parents = append(prefixes, a.CodePrefix), append(parents, string(a.ParentID))
		}
	}
	done, err := tx.Exec(ctx, `
		INSERT INTO agencies (id, kind, unit_code, name_vi, name_en, code_prefix, parent_id)
		SELECT id, kind, unit_code, name_vi, name_en, code_prefix, nullif(parent_id, '')
		FROM unnest(@ids::text[], @kinds::text[], @codes::text[], @vi::text[], @en::text[], @prefixes::text[], @parents::text[])
			AS wanted (id, kind, unit_code, name_vi, name_en, code_prefix, parent_id)
		ON CONFLICT (id) DO UPDATE
		SET name_vi = excluded.name_vi, name_en = excluded.name_en, code_prefix = excluded.code_prefix, parent_id = excluded.parent_id
		WHERE (agencies.name_vi, agencies.name_en, agencies.code_prefix, agencies.parent_id)
			IS DISTINCT FROM (excluded.name_vi, excluded.name_en, excluded.code_prefix, excluded.parent_id)`,
		pgx.StrictNamedArgs{"ids": ids, "kinds": kinds, "codes": codes, "vi": vi, "en": en, "prefixes": prefixes, "parents": parents})
	if err != nil {
		return 0, fmt.Errorf("establish agencies: %w", err)
	}
	return int(done.RowsAffected()), nil
}
