package guide

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/workflow"
)

// obstacles tell why a scenario cannot be played by hand, or not to its end.
func obstacles(s *procedures.Scenario) []workflow.Text {
	var out []workflow.Text
	if strange(s.Given) || slices.ContainsFunc(s.Steps, func(st *procedures.Step) bool { return strange(st.Given) }) {
		out = append(out, workflow.Text{VI: "Cần dữ liệu khác với dữ liệu mẫu, chỉ chạy được bằng hoso test.", EN: "It needs records other than those of the demo data; only hoso test can play it."})
	}
	if slices.ContainsFunc(s.Steps, func(st *procedures.Step) bool { return st.Wait != "" }) {
		out = append(out, workflow.Text{VI: "Có bước chờ thời hạn trôi qua: thử tay thì phải đợi thật.", EN: "A term has to pass on the way: by hand that means to wait in earnest."})
	}
	return out
}

// strange tells whether a story changes what registries hold; letting one be down is done on the board.
func strange(given map[string]any) bool {
	for key := range given {
		if key != "unavailable" {
			return true
		}
	}
	return false
}

// before is what to switch on the board: the registries that do not answer.
func before(c *procedures.Catalogue, given map[string]any) []workflow.Text {
	var out []workflow.Text
	list, _ := given["unavailable"].([]any)
	for _, name := range list {
		if fmt.Sprint(name) == resident.Registry {
			continue
		}
		t := registryTitle(c, fmt.Sprint(name))
		out = append(out, workflow.Text{VI: "Trên bảng điều khiển, cho “" + t.VI + "” ngừng hoạt động.", EN: "On the board, let “" + t.EN + "” be down."})
	}
	return out
}

// seat is where an officer of a role sits.
type seat struct {
	kind, unit string
	agency     agency.ID
}

// seats are the agencies that receive and decide, as far as the answers and the
// demonstration's people tell, by the seat of the workflow's roles.
func (g *Guide) seats(p *procedures.Procedure, vars map[string]any) map[workflow.Seat]seat {
	out := map[workflow.Seat]seat{}
	for at, find := range map[workflow.Seat]func(map[string]any) (procedures.Place, error){workflow.AtReceiving: p.ReceivingAt, workflow.AtCompetent: p.CompetentAt} {
		if place, err := find(vars); err == nil { // an error: it rests on records that are not at hand here
			out[at] = seat{place.Kind, place.Unit, agency.ID(place.Agency)}
		}
	}
	return out
}

// vars are the answers of a story, the records that they lead to in the registries
// of the sandbox, and of people what the demonstration says of where they live.
func (g *Guide) vars(c *procedures.Catalogue, p *procedures.Procedure, s *procedures.Scenario) map[string]any {
	whom := s.For
	if whom == "" {
		whom = s.Applicant
	}
	form := map[string]any{}
	for name, v := range s.Answers {
		if section, ok := v.(map[string]any); ok {
			form[name] = maps.Clone(section)
		}
	}
	subjects := map[string]any{}
	vars := map[string]any{"form": form, "subjects": subjects, "sources": map[string]any{}, "variant": s.Expect.Variant, "today": s.At.Format("2006-01-02"),
		"session": map[string]any{"personalNumber": s.Applicant, "subject": whom, "level": int64(p.Level)}}
	for range 2 { // a key may rest on what is filled in from a record, and that on another key
		g.read(c, p, vars)
		fill(p, form, subjects)
	}
	return vars
}

// read reads the records of a story's subjects, as far as their keys are known.
func (g *Guide) read(c *procedures.Catalogue, p *procedures.Procedure, vars map[string]any) {
	subjects := vars["subjects"].(map[string]any)
	for _, subject := range p.Subjects {
		if subject.Key == nil || subjects[subject.Name] != nil {
			continue
		}
		key, err := subject.Key.String(vars)
		if err != nil || key == "" {
			continue
		}
		values := g.resident(subject.Kind, key)
		if values == nil {
			values = g.cfg.Read(c.Elements.Registry(subject.Kind), subject.Kind, key)
		}
		vars["sources"].(map[string]any)[subject.Name] = "empty"
		if values != nil {
			subjects[subject.Name] = values
			vars["sources"].(map[string]any)[subject.Name] = "fetched"
		}
	}
}

// resident is what the demonstration says of a person or a household; nil: nothing.
func (g *Guide) resident(kind, key string) map[string]any {
	switch kind {
	case "person":
		if p, known := g.people[key]; known {
			return map[string]any{"number": p.Number, "fullName": p.Name, "permanentAddress": p.Permanent.Map(), "temporaryAddress": p.Temporary.Map(), "presentAddress": p.Permanent.Map(),
				"fatherNumber": p.Father, "motherNumber": p.Mother, "spouseNumber": p.Spouse, "householdId": p.Household}
		}
	case "household":
		for _, p := range g.people {
			if p.Household == key {
				return map[string]any{"id": key, "headNumber": p.Head, "headName": g.people[p.Head].Name, "address": p.Permanent.Map()}
			}
		}
	}
	return nil
}

// fill takes answers from records, as the form does.
func fill(p *procedures.Procedure, form, subjects map[string]any) {
	for _, section := range p.Form.Sections {
		values, _ := form[section.Name].(map[string]any)
		if values == nil {
			values = map[string]any{}
			form[section.Name] = values
		}
		for _, f := range section.Fields {
			name, path, _ := strings.Cut(f.Fill, ".")
			record, _ := subjects[name].(map[string]any)
			if _, said := values[f.Name]; !said && record[path] != nil {
				values[f.Name] = record[path]
			}
		}
	}
}

// officer is somebody of the demonstration with a role at a seat.
func (g *Guide) officer(role string, at seat) (agency.DemoOfficer, bool) {
	units := []string{at.unit}
	if c, ok := g.units.Commune(at.unit); ok {
		units = append(units, c.ProvinceCode)
	}
	i := slices.IndexFunc(g.officers, func(o agency.DemoOfficer) bool {
		here := at.agency != "" && o.Agency.ID == at.agency ||
			string(o.Agency.Kind) == at.kind && (slices.Contains(units, o.Agency.UnitCode) || o.Agency.Kind == agency.MinistryPolice || o.Agency.Kind == agency.ImmigrationDepartment)
		return here && o.Role == role
	})
	if i < 0 {
		return agency.DemoOfficer{}, false
	}
	return g.officers[i], true
}

func (g *Guide) step(c *procedures.Catalogue, p *procedures.Procedure, st *procedures.Step, seats map[workflow.Seat]seat) Step {
	switch {
	case st.Wait != "":
		return Step{By: workflow.Text{VI: "Thời gian", EN: "Time"}, Do: workflow.Text{VI: "Trôi qua " + waiting(st.Wait, true), EN: waiting(st.Wait, false) + " pass"}}
	case st.Signal != "":
		return Step{By: signalBy(st.Signal), Do: signalDoes(st.Signal)}
	}
	of := p
	if st.Case != "" {
		of = child(c, p, st.Case)
	}
	out := Step{Do: eventTitle(of, st.Do), Is: g.entered(of, st)}
	role := of.Machine.Roles[workflow.Role(st.By)]
	switch {
	case role == nil && g.people[st.By].Name != "":
		out.By, out.Sign = same(g.people[st.By].Name), st.By
	case role == nil:
		out.By, out.Sign = same(st.By), st.By
	case role.Kind != "officer":
		out.By = workflow.Text{VI: "Người nộp hồ sơ", EN: "The applicant"}
	default:
		out.By = role.Title
		if o, ok := g.officer(st.By, seats[role.At]); ok && st.Case == "" {
			out.By = workflow.Text{VI: role.Title.VI + ": " + o.Name + ", " + o.Agency.NameVI, EN: role.Title.EN + ": " + o.Name + ", " + o.Agency.NameEN}
			out.Sign = o.ID
		}
	}
	return out
}

// entered is what a step brings beside its action.
func (g *Guide) entered(p *procedures.Procedure, st *procedures.Step) []Line {
	var out []Line
	if note, _ := st.Input["note"].(string); note != "" {
		out = append(out, Line{workflow.Text{VI: "Ghi chú", EN: "Note"}, same(note)})
	}
	if grounds, _ := st.Input["grounds"].([]any); len(grounds) > 0 {
		for _, id := range grounds {
			text := same(fmt.Sprint(id))
			for _, ground := range p.Grounds {
				if ground.ID == id {
					text = ground.Title
				}
			}
			out = append(out, Line{workflow.Text{VI: "Lý do", EN: "Ground"}, text})
		}
	}
	out = append(out, g.answers(p.Form, st.Answers, nil)...)
	for _, paper := range papers(p, st.Attachments) {
		out = append(out, Line{workflow.Text{VI: "Đính kèm", EN: "Attach"}, paper})
	}
	return out
}

// child is the procedure of a sub-case, named state.name, also one of a sub-case of it.
func child(c *procedures.Catalogue, p *procedures.Procedure, path string) *procedures.Procedure {
	parts := strings.Split(path, ".")
	for i := 0; i+1 < len(parts); i += 2 {
		state := p.Machine.States[workflow.State(parts[i])]
		if state == nil {
			return p
		}
		for _, open := range state.Open {
			if open.Name == parts[i+1] {
				if next, ok := c.Get(procedures.ID(open.Procedure)); ok {
					p = next
				}
			}
		}
	}
	return p
}

// eventTitle is what people call an action.
func eventTitle(p *procedures.Procedure, event workflow.Event) workflow.Text {
	for _, name := range p.Machine.Order {
		for _, t := range p.Machine.States[name].Actions[event] {
			if t.Title.VI != "" {
				return t.Title
			}
		}
	}
	switch event {
	case "withdraw":
		return workflow.Text{VI: "Rút hồ sơ", EN: "Withdraw the application"}
	case "extend":
		return workflow.Text{VI: "Gia hạn", EN: "Extend the term"}
	}
	return same(string(event))
}

func signalBy(s workflow.Event) workflow.Text {
	if strings.HasPrefix(string(s), "pa") {
		return workflow.Text{VI: "Trang thanh toán của sandbox", EN: "The sandbox's payment page"}
	}
	return workflow.Text{VI: "Cơ sở dữ liệu", EN: "A registry"}
}

func signalDoes(s workflow.Event) workflow.Text {
	if t, known := map[workflow.Event]workflow.Text{"paid": {VI: "Người nộp thanh toán", EN: "The applicant pays"},
		"payment-failed":  {VI: "Thanh toán không thành công: chọn “thất bại” trên trang thanh toán", EN: "The payment fails: choose so on the payment page"},
		"payment-unknown": {VI: "Không rõ kết quả thanh toán", EN: "Nobody knows what became of the payment"}}[s]; known {
		return t
	}
	return workflow.Text{VI: "Trả lời: " + string(s), EN: "Answers: " + string(s)}
}

// waiting is 8d, 4h, 2wd or 30m in words.
func waiting(s string, vi bool) string {
	n := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz")
	words := map[string][2]string{"d": {"ngày", "days"}, "wd": {"ngày làm việc", "working days"}, "h": {"giờ làm việc", "working hours"}, "m": {"phút", "minutes"}}[s[len(n):]]
	if vi {
		return n + " " + words[0]
	}
	return n + " " + words[1]
}
