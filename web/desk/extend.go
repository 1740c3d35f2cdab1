package desk

import (
	"strconv"
	"strings"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/ui"
)

// daysField asks by how much the term is lengthened, and says how much the law allows.
func daysField(c *cases.Case, t typed, lang string) ui.Field {
	x := c.Procedure.Machine.Extend
	unit := map[calendar.Unit]string{calendar.WorkingDays: ui.T(lang, "ngày làm việc", "working days"), calendar.Days: ui.T(lang, "ngày", "days"),
		calendar.WorkingHours: ui.T(lang, "giờ làm việc", "office hours")}[x.UpTo.Unit]
	f := ui.Field{Lang: lang, Name: "days", Label: ui.T(lang, "Gia hạn thêm", "Extend by"), InputMode: "numeric", Suffix: unit, Width: 4,
		Hint: ui.T(lang, "Nhiều nhất ", "At most ") + strconv.Itoa(x.UpTo.N) + " " + unit + ", " + x.Law + ". " +
			ui.T(lang, "Hạn hiện nay: ", "The term ends now: ") + ui.DateTime(c.DueAt, lang)}
	if t.Input.Days != 0 {
		f.Value = strconv.Itoa(t.Input.Days)
	}
	return f
}

// escalationTitle says what was done because a task ended soon or was late.
func escalationTitle(e cases.Escalation, lang string) string {
	return map[string]string{
		cases.StepReminder: ui.T(lang, "Nhắc sắp đến hạn: ", "Reminder that it ends soon: "),
		cases.StepOwner:    ui.T(lang, "Báo quá hạn cho người xử lý: ", "Told who has it that it is late: "),
		cases.StepHead:     ui.T(lang, "Báo quá hạn cho lãnh đạo cơ quan: ", "Told the head of the agency that it is late: "),
		cases.StepUpper:    ui.T(lang, "Báo quá hạn cho lãnh đạo cơ quan cấp trên: ", "Told the head of the agency above that it is late: "),
	}[e.Step] + e.State.In(lang)
}

// toldText names the officers whom a warning reached.
func toldText(e cases.Escalation, lang string) string {
	if len(e.Told) == 0 {
		return ""
	}
	return ui.T(lang, "Đã gửi thư: ", "Mail went to: ") + strings.Join(e.Told, ", ")
}
