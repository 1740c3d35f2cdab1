package studio

import (
	"strconv"
	"strings"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// workflow is the proof of the machine, and the machine as a table: what the
// picture shows, for those who cannot see it.
func (s *reporter) workflow() sectionView {
	v := s.section(workflowSection, s.t("Luồng xử lý", "Workflow"))
	if s.p == nil || s.p.Machine == nil {
		return v
	}
	m := s.p.Machine
	if v.sound() {
		n := len(procedures.Transitions(m))
		v.Proved = []string{s.t(
			strconv.Itoa(len(m.States))+" trạng thái, "+strconv.Itoa(n)+" bước chuyển; từ đâu cũng đi tới kết thúc, kể cả khi không ai trả lời.",
			strconv.Itoa(len(m.States))+" states, "+strconv.Itoa(n)+" transitions; every state is reached and comes to an end, also when nobody answers.")}
	}
	v.Diagram, v.Alt = link(s.id, diagramPage)+"?lang="+s.lang+"&v="+short(s.p.Hash), s.t("Sơ đồ luồng xử lý của ", "Diagram of the workflow of ")+s.p.Name.In(s.lang)
	v.Tables = []ui.Table{s.states(m)}
	return v
}

func (s *reporter) states(m *workflow.Machine) ui.Table {
	table := ui.Table{Lang: s.lang, Caption: s.t("Các trạng thái", "The states"), Columns: []ui.Column{
		{Title: s.t("Trạng thái", "State")}, {Title: s.t("Ai làm", "Who acts")}, {Title: s.t("Trong", "Within")}, {Title: s.t("Lối ra", "Ways out")}}}
	for _, name := range m.Order {
		d := m.States[name]
		within := "–"
		if d.Within.N > 0 {
			within = delay(d.Within, s.lang)
		}
		table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: d.Title.In(s.lang), Sub: string(name)}, {Text: s.acts(m, d)}, {Text: within}, {Body: plainLines(s.exits(m, d))}}})
	}
	return table
}

// acts is who moves a case out of a state.
func (s *reporter) acts(m *workflow.Machine, d *workflow.StateDef) string {
	switch d.Kind {
	case workflow.Task:
		return roleTitle(m, d.Owner, s.lang)
	case workflow.Wait:
		switch d.For {
		case "applicant":
			return s.t("người nộp", "the applicant")
		case "system":
			return s.t("hệ thống", "the system")
		}
		return s.registryName(s.shelf.catalogue, s.lang)(d.For)
	case workflow.Subcases:
		return s.t("các hồ sơ liên thông", "the linked cases")
	case workflow.Auto:
		return s.t("tự chuyển ngay", "left at once")
	}
	end := s.t("kết thúc: ", "ends: ") + string(d.Outcome)
	if d.Negative {
		end += s.t(" (không được)", " (not granted)")
	}
	return end
}

// roleTitle is a role in words.
func roleTitle(m *workflow.Machine, r workflow.Role, lang string) string {
	if d := m.Roles[r]; d != nil && d.Title.In(lang) != "" {
		return d.Title.In(lang)
	}
	if r == "applicant" {
		return ui.T(lang, "người nộp", "the applicant")
	}
	return string(r)
}

// exits are the ways out of a state, one a line.
func (s *reporter) exits(m *workflow.Machine, d *workflow.StateDef) []string {
	title := func(to workflow.State) string {
		if next := m.States[to]; next != nil {
			return next.Title.In(s.lang)
		}
		return string(to)
	}
	var out []string
	add := func(what string, ts []*workflow.Transition) {
		for _, t := range ts {
			line := what + " → " + title(t.To)
			if t.When != nil {
				line += s.t(" nếu ", " if ") + t.When.Source
			}
			out = append(out, line)
		}
	}
	for _, e := range d.ActionOrder {
		add(or(d.Actions[e][0].Title.In(s.lang), string(e)), d.Actions[e])
	}
	for _, e := range sorted(d.Signals) {
		add(s.t("tin ", "signal ")+string(e), d.Signals[e])
	}
	for _, a := range d.After {
		add(s.t("sau ", "after ")+delay(a.Delay, s.lang), a.Then)
	}
	add(s.t("ngay", "at once"), d.Choose)
	if j := d.Join; j != nil {
		names := make([]string, 0, len(d.Open))
		for _, k := range d.Open {
			names = append(names, k.Name)
		}
		out = append(out, s.t("đủ ý kiến (", "joined (")+strings.Join(names, ", ")+", "+j.Rule+") → "+title(j.Then))
		if j.Refused != "" && j.Refused != j.Then {
			out = append(out, s.t("bị từ chối → ", "refused → ")+title(j.Refused))
		}
		out = append(out, s.t("quá ", "after ")+delay(j.Window, s.lang)+" → "+title(j.Late))
	}
	return out
}

// delay is a time as the law counts it, in words.
func delay(d calendar.Duration, lang string) string {
	n := strconv.Itoa(d.N)
	switch d.Unit {
	case calendar.WorkingHours:
		return n + ui.T(lang, " giờ làm việc", plural(d.N, " working hour"))
	case calendar.WorkingDays:
		if d.N == 0 {
			return ui.T(lang, "trong ngày làm việc", "the same working day")
		}
		return n + ui.T(lang, " ngày làm việc", plural(d.N, " working day"))
	}
	return n + ui.T(lang, " ngày", plural(d.N, " day"))
}

// pad sets the numbers of lines below each other.
func pad(number string) string { return strings.Repeat(" ", max(0, 5-len(number))) + number }
