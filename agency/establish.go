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
}

// posts stand so that a parent comes before its children.
var posts = []post{
	{ProvinceCommittee, Province, "UB", "",
		func(u Unit) string { return "UBND " + u.Text("vi") },
		func(u Unit) string { return "People's Committee of " + u.Text("en") }},
	{ProvincePolice, Province, "CA", "",
		func(u Unit) string { return "Công an " + u.Text("vi") },
		func(u Unit) string { return u.Text("en") + " Police" }},
	{ProvinceSocialInsurance, Province, "BH", "",
		func(u Unit) string { return "Bảo hiểm xã hội " + u.Text("vi") },
		func(u Unit) string { return u.Text("en") + " Social Insurance" }},
	{ProvinceTax, Province, "TH", "",
		func(u Unit) string { return "Thuế " + u.Text("vi") },
		func(u Unit) string { return u.Text("en") + " Tax Department" }},
	{PowerCompany, Province, "DL", "",
		func(u Unit) string { return "Công ty Điện lực " + u.Text("vi") },
		func(u Unit) string { return u.Text("en") + " Power Company" }},
	{HomeAffairs, Province, "NV", ProvinceCommittee,
		func(u Unit) string { return "Sở Nội vụ " + u.Text("vi") },
		func(u Unit) string { return u.Text("en") + " Department of Home Affairs" }},
	{EmploymentService, Province, "VL", HomeAffairs,
		func(u Unit) string { return "Trung tâm Dịch vụ việc làm " + u.Text("vi") },
		func(u Unit) string { return u.Text("en") + " Employment Service Centre" }},
	{EducationDepartment, Province, "GD", ProvinceCommittee,
		func(u Unit) string { return "Sở Giáo dục và Đào tạo " + u.Text("vi") },
		func(u Unit) string { return u.Text("en") + " Department of Education and Training" }},
	{JusticeDepartment, Province, "TP", ProvinceCommittee,
		func(u Unit) string { return "Sở Tư pháp " + u.Text("vi") },
		func(u Unit) string { return u.Text("en") + " Department of Justice" }},
	{ProvinceLandOffice, Province, "DD", ProvinceCommittee,
		func(u Unit) string { return "Văn phòng Đăng ký đất đai " + u.Text("vi") },
		func(u Unit) string { return u.Text("en") + " Land Registration Office" }},
	{TrafficPolice, Province, "GT", ProvincePolice,
		func(u Unit) string { return "Phòng Cảnh sát giao thông " + u.Text("vi") },
		func(u Unit) string { return u.Text("en") + " Traffic Police Division" }},
	{CommuneCommittee, Commune, "UB", ProvinceCommittee,
		func(u Unit) string { return "UBND " + u.Text("vi") },
		func(u Unit) string { return "People's Committee of " + u.Text("en") }},
	{CommunePolice, Commune, "CA", ProvincePolice,
		func(u Unit) string { return "Công an " + u.Text("vi") },
		func(u Unit) string { return u.Text("en") + " Police" }},
	{SocialInsurance, Commune, "BH", ProvinceSocialInsurance,
		func(u Unit) string { return "Bảo hiểm xã hội cơ sở " + u.NameVI },
		func(u Unit) string { return u.NameEN + " Social Insurance Office" }},
	{TaxOffice, Commune, "TH", ProvinceTax,
		func(u Unit) string { return "Thuế cơ sở " + u.NameVI },
		func(u Unit) string { return u.NameEN + " Tax Office" }},
	{LandOffice, Commune, "DD", ProvinceLandOffice,
		func(u Unit) string { return "Chi nhánh Văn phòng Đăng ký đất đai " + u.NameVI },
		func(u Unit) string { return u.NameEN + " Branch of the Land Registration Office" }},
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
			if u.Level != p.level {
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
