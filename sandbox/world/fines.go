package world

import (
	"fmt"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/registry"
)

type finesData struct {
	Fines   []*fine   `json:"fines"`
	Minutes []*minute `json:"minutes"`
}

type fine struct {
	Number          string     `json:"number"`
	IssuedOn        string     `json:"issuedOn"`
	Issuer          string     `json:"issuer"`
	IssuerAgency    string     `json:"issuerAgency"`
	OffenderNumber  string     `json:"offenderNumber"`
	OffenderName    string     `json:"offenderName"`
	Plate           string     `json:"plate"`
	Behaviour       string     `json:"behaviour"`
	Clause          string     `json:"clause"`
	Amount          int64      `json:"amount"`
	ServedOn        string     `json:"servedOn"`
	DueOn           string     `json:"dueOn"`
	Points          int        `json:"points"`
	SuspensionUntil string     `json:"suspensionUntil,omitempty"`
	Withheld        []withheld `json:"withheld"`
	TreasuryAccount string     `json:"treasuryAccount"`
	Status          string     `json:"status"`
	Receipt         string     `json:"receipt,omitempty"`
	PaidOn          string     `json:"paidOn,omitempty"`
	PaidAmount      int64      `json:"paidAmount,omitempty"`
	BarsLifted      bool       `json:"barsLifted,omitempty"`
}

type withheld struct {
	Kind       string `json:"kind"`
	Electronic bool   `json:"electronic"`
}

type minute struct {
	Number         string `json:"number"`
	OffenderNumber string `json:"offenderNumber"`
	OffenderName   string `json:"offenderName"`
	Province       string `json:"province"`
	Date           string `json:"date"`
	Status         string `json:"status"`
	DecisionNumber string `json:"decisionNumber,omitempty"`
	Unit           string `json:"unit"`
	Appointment    string `json:"appointment,omitempty"`
}

// interest is what is owed for paying late: 0.05 % of the unpaid fine for each
// day after the due date, in whole đồng, rounded down.
//
// Source: Law on Handling Administrative Violations 15/2012/QH13, Article 78(1).
func (f *fine) interest(today string) int64 {
	due, err1 := time.Parse(time.DateOnly, f.DueOn)
	day, err2 := time.Parse(time.DateOnly, today)
	if err1 != nil || err2 != nil || f.Status != "unpaid" || !day.After(due) {
		return 0
	}
	return f.Amount * int64(day.Sub(due).Hours()/24) * 5 / 10_000
}

func (s *state) fine(number string) *fine {
	for _, f := range s.Fines {
		if fold(f.Number) == fold(number) {
			return f
		}
	}
	return nil
}

func readFine(s *state, key, today string) any {
	f := s.fine(key)
	if f == nil {
		return nil
	}
	interest := f.interest(today)
	total := f.Amount + interest
	if f.Status == "paid" {
		total = 0
	}
	return struct {
		*fine
		Interest int64 `json:"interest"`
		Total    int64 `json:"total"`
	}{f, interest, total}
}

func readMyFines(s *state, key, _ string) any {
	type row struct {
		Number    string `json:"number"`
		IssuedOn  string `json:"issuedOn"`
		Behaviour string `json:"behaviour"`
		Amount    int64  `json:"amount"`
		DueOn     string `json:"dueOn"`
		Status    string `json:"status"`
	}
	var rows []row
	for _, f := range s.Fines {
		if f.OffenderNumber == key {
			rows = append(rows, row{f.Number, f.IssuedOn, f.Behaviour, f.Amount, f.DueOn, f.Status})
		}
	}
	return list(rows)
}

// readMinutes wants all four parts to match, and does not say which one fails.
func readMinutes(s *state, key, _ string) any {
	part := strings.Split(key, ":")
	if len(part) != 4 {
		return nil
	}
	for _, m := range s.Minutes {
		if fold(m.Number) == fold(part[0]) && fold(m.OffenderName) == fold(part[1]) && m.Province == part[2] && m.Date == part[3] {
			return m
		}
	}
	return nil
}

// markPaid books a payment: {number, amount, receipt, paidOn}. The amount must
// be what was owed on the day of payment.
func markPaid(s *state, in fields, today string) registry.Reply {
	f := s.fine(in.text("number"))
	receipt, paidOn, amount := in.text("receipt"), in.text("paidOn"), in.whole("amount")
	if paidOn == "" {
		paidOn = today
	}
	switch {
	case f == nil:
		return refused("unknown-decision", "Không có quyết định xử phạt này")
	case receipt == "":
		return refused("no-receipt", "Thiếu số biên lai")
	case f.Status == "paid" && f.Receipt == receipt:
		return f.settled()
	case f.Status == "paid":
		return refused("already-paid", "Quyết định đã được nộp theo biên lai "+f.Receipt)
	case f.Status != "unpaid":
		return refused("not-payable", "Quyết định không ở tình trạng phải nộp")
	case paidOn > today:
		return refused("paid-in-future", "Ngày nộp sau ngày hôm nay")
	}
	if owed := f.Amount + f.interest(paidOn); amount != owed {
		r := refused("wrong-amount", fmt.Sprintf("Số tiền phải nộp ngày %s là %d đồng", paidOn, owed))
		r.Body["owed"] = owed
		return r
	}
	f.Status, f.Receipt, f.PaidOn, f.PaidAmount = "paid", receipt, paidOn, amount
	return f.settled()
}

func (f *fine) settled() registry.Reply {
	return done("KB-"+f.Receipt, map[string]any{"number": f.Number, "status": f.Status, "paidOn": f.PaidOn, "papersWithheld": len(f.Withheld) > 0})
}

// annulPayment takes the booking of a payment back, for the case that pays the
// money back: {number, receipt}. A decision that is not booked under the receipt
// stays as it is.
func annulPayment(s *state, in fields, _ string) registry.Reply {
	f := s.fine(in.text("number"))
	switch {
	case f == nil:
		return refused("unknown-decision", "Không có quyết định xử phạt này")
	case f.Status == "paid" && f.Receipt == in.text("receipt"):
		f.Status, f.Receipt, f.PaidOn, f.PaidAmount, f.BarsLifted = "unpaid", "", "", 0, false
	}
	return done("HBL-"+strings.ReplaceAll(f.Number, "/", "-"), map[string]any{"number": f.Number, "status": f.Status})
}

// liftBars ends the notices to inspection and registration offices: {number}.
func liftBars(s *state, in fields, _ string) registry.Reply {
	f := s.fine(in.text("number"))
	switch {
	case f == nil:
		return refused("unknown-decision", "Không có quyết định xử phạt này")
	case f.Status != "paid":
		return refused("not-paid", "Quyết định chưa được nộp")
	}
	f.BarsLifted = true
	return done("GCB-"+strings.ReplaceAll(f.Number, "/", "-"), map[string]any{"number": f.Number, "plate": f.Plate})
}
