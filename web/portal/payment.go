package portal

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// paymentView is the page of a payment (C10).
type paymentView struct {
	Lang   string
	Status ui.Banner
	Rows   []ui.Row
	Lines  []string
	Pay    *ui.ButtonView // to the platform
	Again  []caseAction   // asks for a new payment
	Check  string         // looks again; empty: there is nothing to wait for
	Case   string
}

// payable tells whether the case waits for the reader to pay. The order may not
// be placed yet: that is done by a job, and the payment that the case knows of
// may be one that failed before.
func (v *viewed) payable() bool {
	if !v.waitsForMe() || !v.hearsPaid() || len(v.answers()) > 0 {
		return false
	}
	return v.Payment == nil || v.Payment.State == cases.PaymentAsked || v.Payment.State == cases.PaymentReady || v.Payment.State == cases.PaymentFailed
}

// placed tells whether the platform has the order and a page for it.
func (v *viewed) placed() bool {
	return v.Payment != nil && v.Payment.State == cases.PaymentReady && v.Payment.PayURL != ""
}

// hearsPaid tells whether the present state is one that a payment ends.
func (v *viewed) hearsPaid() bool {
	def := v.Procedure.Machine.States[v.State]
	return def != nil && def.Signals[workflow.Event(cases.SignalPaid)] != nil
}

// showPayment says what is to be paid, and leads to the platform.
func (p *portal) showPayment(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	if !v.payable() {
		return site.See(w, r, v.link("thanh-toan"))
	}
	f := p.caseFrame(r, v)
	f.Title, f.Back = v.t("Thanh toán trực tuyến", "Pay online"), v.link("")
	out := paymentView{Lang: v.Lang, Rows: v.paymentRows(), Case: v.link("")}
	if !v.placed() {
		out.Status = ui.Banner{Tone: ui.Info, Text: v.t("Trang thanh toán đang được chuẩn bị, thường mất vài giây.", "The payment page is being prepared; this takes some seconds.")}
		out.Check = v.link("nop-tien")
	} else {
		out.Pay = &ui.ButtonView{Text: v.t("Đến trang thanh toán", "Go to the payment page"), Href: v.Payment.PayURL}
		out.Lines = []string{v.t("Ông/Bà được chuyển sang nền tảng thanh toán, rồi quay lại đây.", "You are led to the payment platform and come back here afterwards.")}
	}
	if !v.Until.IsZero() {
		out.Lines = append(out.Lines, v.t("Hồ sơ được giữ đến hết ngày ", "The case is kept until the end of ")+lastDay(v.Until)+v.t("; sau đó tự đóng nếu chưa thanh toán.", "; then it closes unless it is paid."))
	}
	return p.Render(w, r, http.StatusOK, paymentPage(f, out))
}

// payerReturned is where the platform sends the browser back. What the browser
// says is not believed: the platform is asked, and the case tells.
func (p *portal) payerReturned(w http.ResponseWriter, r *http.Request) error {
	if err := p.Cases.PayerReturned(r.Context(), site.Actor(r), cases.Code(chi.URLParam(r, "code"))); err != nil {
		return err
	}
	v, err := p.view(r)
	if err != nil {
		return err
	}
	switch {
	case v.payable() && !v.placed():
		return site.See(w, r, v.link("nop-tien"))
	case v.Payment == nil:
		return site.See(w, r, v.link(""))
	}
	f := p.caseFrame(r, v)
	f.Path = v.link("thanh-toan") // without what the platform wrote behind it
	f.Title, f.Back = v.t("Kết quả thanh toán", "Result of the payment"), v.link("")
	return p.Render(w, r, http.StatusOK, paymentPage(f, v.paymentResult(f.CSRF)))
}

// paymentResult is one of the honest states: paid, not paid, or not known yet.
func (v *viewed) paymentResult(csrf string) paymentView {
	out := paymentView{Lang: v.Lang, Rows: v.paymentRows(), Case: v.link("")}
	switch m := v.Payment; {
	case m.State == cases.PaymentRefunded:
		out.Status = ui.Banner{Tone: ui.Info, Heading: v.t("Đã hoàn tiền", "Paid back"), Text: v.t("Số tiền đã được chuyển trả lại.", "The money has been paid back.")}
	case m.State == cases.PaymentPaid:
		out.Status = ui.Banner{Tone: ui.Success, Heading: v.t("Đã thanh toán", "Paid"), Text: v.t("Chúng tôi đã nhận được tiền. Hồ sơ được giải quyết tiếp.", "We have received the money. The case goes on.")}
	case m.State == cases.PaymentFailed:
		out.Status = ui.Banner{Tone: ui.Danger, Heading: v.t("Chưa thanh toán được", "Not paid"), Text: v.t("Ngân hàng hoặc nền tảng thanh toán đã từ chối. Tiền chưa bị trừ; nếu thấy bị trừ, Ông/Bà hãy hỏi ngân hàng của mình.", "The bank or platform declined. No money was taken; if you see otherwise, ask your bank.")}
		for _, a := range v.answers() {
			out.Again = append(out.Again, v.action(a, csrf))
		}
		if !v.Until.IsZero() && v.waitsForMe() {
			out.Lines = []string{v.t("Hồ sơ được giữ đến hết ngày ", "The case is kept until the end of ") + lastDay(v.Until) + "."}
		}
	default:
		out.Status = ui.Banner{Tone: ui.Warning, Heading: v.t("Chúng tôi chưa biết kết quả", "We do not know yet"),
			Text: v.t("Nếu Ông/Bà vừa thanh toán, đừng thanh toán lần nữa. Chúng tôi đang hỏi nền tảng thanh toán và hỏi lại vài phút một lần.", "If you have just paid, do not pay again. We are asking the platform, and ask again every few minutes.")}
		out.Check = v.link("thanh-toan")
		if v.payable() && v.placed() {
			out.Pay = &ui.ButtonView{Text: v.t("Tôi chưa thanh toán: đến trang thanh toán", "I have not paid: go to the payment page"), Href: m.PayURL, Kind: ui.Secondary}
		}
	}
	return out
}

func (v *viewed) paymentRows() []ui.Row {
	out := []ui.Row{{Label: v.t("Nộp cho", "Paid for"), Value: v.Procedure.Name.In(v.Lang)}, {Label: v.t("Mã hồ sơ", "Case"), Value: string(v.Code)}}
	m := v.Payment
	if m == nil {
		return out
	}
	out = append([]ui.Row{{Label: v.t("Số tiền", "Amount"), Value: ui.Money(m.Amount)}}, out...)
	if !m.Paid.IsZero() {
		out = append(out, ui.Row{Label: v.t("Thanh toán lúc", "Paid at"), Value: ui.DateTime(m.Paid, v.Lang)})
	}
	if m.Receipt != "" {
		out = append(out, ui.Row{Label: v.t("Mã biên lai", "Receipt"), Value: m.Receipt})
	}
	return out
}

// amount is what is to be paid, after a word; empty while it is not known.
func (v *viewed) amount() string {
	if v.Payment == nil {
		return ""
	}
	return " " + ui.Money(v.Payment.Amount)
}
