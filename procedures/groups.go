package procedures

import "github.com/hoso-gov/hoso/workflow"

// A Group is a life event that the catalogue lists services under.
type Group struct {
	ID    string
	Title workflow.Text
}

// Groups are all of them, in the order of the catalogue.
var Groups = []Group{
	{"having-a-child", workflow.Text{VI: "Sinh con", EN: "Having a child"}},
	{"study", workflow.Text{VI: "Học tập, thi cử", EN: "Study and examinations"}},
	{"work", workflow.Text{VI: "Việc làm và thuế", EN: "Work and tax"}},
	{"identity", workflow.Text{VI: "Giấy tờ tùy thân", EN: "Identity papers"}},
	{"marriage", workflow.Text{VI: "Hôn nhân và gia đình", EN: "Marriage and family"}},
	{"residence", workflow.Text{VI: "Chuyển nhà, cư trú", EN: "Moving home, residence"}},
	{"home", workflow.Text{VI: "Nhà đất, điện nước", EN: "Land, housing and power"}},
	{"transport", workflow.Text{VI: "Xe cộ và giao thông", EN: "Vehicles and road traffic"}},
	{"health", workflow.Text{VI: "Sức khỏe, bảo hiểm y tế", EN: "Health and health insurance"}},
	{"retirement", workflow.Text{VI: "Hưu trí", EN: "Retirement"}},
	{"death", workflow.Text{VI: "Khi có người qua đời", EN: "When somebody dies"}},
	{"organisation", workflow.Text{VI: "Cơ quan, tổ chức, doanh nghiệp", EN: "Organisations and businesses"}},
}
