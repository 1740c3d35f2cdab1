package site

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// errToken reports a form without the token of the session.
var errToken = errors.New("the form does not belong to this session")

// Answer is what an error means to whoever made the request.
type Answer struct {
	Status  int
	Type    string // of problem details: the last part of the address
	Heading workflow.Text
	Text    workflow.Text
	Known   bool // false: a fault of ours, which is logged
}

// StatusOf gives an error its status and its words. It is the only place that
// does; an error it does not know is ours.
func StatusOf(err error) Answer {
	var (
		tooLarge *http.MaxBytesError
		level    *cases.LevelError
		request  *RequestError
		cursor   *cases.CursorError
	)
	known := func(status int, kind, vi, en, textVI, textEN string) Answer {
		return Answer{Status: status, Type: kind, Heading: workflow.Text{VI: vi, EN: en}, Text: workflow.Text{VI: textVI, EN: textEN}, Known: true}
	}
	switch {
	case errors.Is(err, cases.ErrArchived):
		return known(http.StatusGone, "archived", "Hồ sơ đã được đưa vào lưu trữ", "This case has been archived",
			"Hồ sơ đã kết thúc và hết thời gian lưu trên hệ thống này, nên đã được chuyển vào lưu trữ. Để xem hoặc sao lục hồ sơ, xin Ông/Bà liên hệ cơ quan đã giải quyết và nêu mã hồ sơ. Giấy tờ đã cấp vẫn tra cứu, xác thực được.",
			"The case has ended, and the time for which it is kept in this system is over: it was moved into the archive. To see it or to have a copy, please ask the agency that handled it and give the code of the case. Documents that were issued can still be verified.")
	case errors.Is(err, cases.ErrNotFound):
		return known(http.StatusNotFound, "not-found", "Không tìm thấy", "Not found",
			"Hồ sơ hoặc trang này không có, hoặc Ông/Bà không được xem.", "There is no such case or page, or you may not see it.")
	case errors.Is(err, identity.ErrForbidden), errors.Is(err, cases.ErrForbidden):
		return known(http.StatusForbidden, "forbidden", "Trang này không dành cho Ông/Bà", "This page is for others",
			"Ông/Bà đã đăng nhập, nhưng việc này thuộc về người khác.", "You are signed in, but this is for somebody else to do.")
	case errors.Is(err, errToken):
		return known(http.StatusForbidden, "stale-form", "Trang đã cũ", "The page is too old",
			"Trang được mở từ một lần đăng nhập khác. Quay lại, tải lại trang rồi làm lại; những gì đã lưu vẫn còn.",
			"The page was opened in another session. Go back, reload it and try again; what was saved is kept.")
	case errors.As(err, &level):
		return known(http.StatusForbidden, "level", "Cần đăng nhập mức cao hơn", "A higher level of sign-in is needed",
			"Thủ tục này cần tài khoản định danh điện tử mức 2.", "This procedure needs an electronic identity of level 2.")
	case errors.Is(err, identity.ErrLevel):
		return known(http.StatusForbidden, "level", "Mức đăng nhập chưa đủ", "The level of sign-in is too low",
			"Đăng nhập lại bằng tài khoản định danh điện tử mức 2.", "Sign in again with an electronic identity of level 2.")
	case errors.Is(err, identity.ErrNotOfficer):
		return known(http.StatusForbidden, "not-an-officer", "Chưa được phân công", "No seat at any agency",
			"Tài khoản cán bộ này chưa có vai trò ở cơ quan nào.", "This officer's account holds no role at any agency.")
	case errors.Is(err, identity.ErrProvider):
		return known(http.StatusBadGateway, "sign-in-unavailable", "Chưa đăng nhập được", "Sign-in is not available",
			"Hệ thống định danh điện tử chưa trả lời. Thử lại sau ít phút.", "The identity provider does not answer. Try again in some minutes.")
	case errors.Is(err, identity.ErrSignIn):
		return known(http.StatusUnauthorized, "sign-in", "Đăng nhập không thành công", "Signing in did not succeed",
			"Đăng nhập lại để tiếp tục; những gì đã lưu vẫn còn.", "Sign in again to go on; what was saved is kept.")
	case errors.Is(err, cases.ErrNoDecisions):
		return known(http.StatusServiceUnavailable, "decisions-stopped", "Tạm dừng ghi nhận quyết định", "Decisions are stopped for the moment",
			"Đã hơn 4 giờ hệ thống chưa nhận được dấu thời gian để xác nhận sổ ghi, nên tạm thời chưa ghi nhận quyết định; chưa có gì được ghi. Việc nộp hồ sơ và thẩm định vẫn tiếp tục. Xin thử lại sau ít phút.",
			"For more than 4 hours no time-stamp has confirmed our records, so no decision is recorded at the moment; nothing was written. Filing and examining go on. Please try again in some minutes.")
	case errors.Is(err, cases.ErrPressed):
		return known(http.StatusServiceUnavailable, "pressed", "Hệ thống đang quá tải", "Very many are filing just now",
			"Chưa có gì được ghi. Gửi lại với cùng Idempotency-Key sau ít phút.", "Nothing was written. Send it again with the same Idempotency-Key in some minutes.")
	case isConflict(err):
		return known(http.StatusConflict, "conflict", "Hồ sơ vừa thay đổi", "The case has just changed",
			"Trong lúc Ông/Bà mở trang này, hồ sơ đã thay đổi. Tải lại trang để xem rồi làm lại.", "The case changed while this page was open. Reload the page and try again.")
	case errors.Is(err, cases.ErrReused):
		return known(http.StatusUnprocessableEntity, "key-reused", "Thao tác đã được dùng", "The command was used before",
			"Thao tác này đã được gửi một lần với nội dung khác.", "This command was sent before with another content.")
	case isStale(err):
		return known(http.StatusConflict, "stale-records", "Dữ liệu gốc đã thay đổi", "The registers have changed",
			"Cơ sở dữ liệu đã thay đổi kể từ khi nộp hồ sơ. Xem lại trước khi quyết định.", "The registers changed since the case was filed. Look again before you decide.")
	case isDuplicate(err):
		return known(http.StatusConflict, "duplicate", "Hồ sơ này đã được nộp", "The case has been filed already",
			"Đã có một hồ sơ như vậy đang được giải quyết.", "A case like this is being handled.")
	case isNotAllowed(err):
		return known(http.StatusConflict, "not-allowed", "Chưa làm được việc này", "This is not possible now",
			"Ở bước này của hồ sơ, thao tác đó không thực hiện được.", "At this step of the case that action cannot be taken.")
	case isInvalid(err):
		return known(http.StatusUnprocessableEntity, "invalid", "Có vấn đề cần sửa", "There is a problem",
			"Một số mục chưa đúng.", "Some answers need to be corrected.")
	case errors.As(err, &request):
		return known(request.Status, "request", "Yêu cầu không đúng dạng", "The request is not well formed",
			"Yêu cầu gửi tới không đúng đặc tả của giao diện này.", "The request does not fit the description of this interface.")
	case errors.As(err, &cursor):
		return known(http.StatusBadRequest, "cursor", "Không mở được trang danh sách này", "This page of the list cannot be opened",
			"Liên kết tới trang danh sách không đúng. Mở lại danh sách từ đầu.", "The link to this page of the list is not right. Open the list from its beginning.")
	case errors.As(err, &tooLarge):
		return known(http.StatusRequestEntityTooLarge, "too-large", "Nội dung gửi lên quá lớn", "What was sent is too large",
			"Chọn tệp nhỏ hơn rồi gửi lại.", "Choose a smaller file and send it again.")
	case errors.Is(err, agency.ErrNoAgency):
		return known(http.StatusUnprocessableEntity, "no-agency", "Chưa có cơ quan tiếp nhận", "No agency is competent",
			"Không tìm thấy cơ quan có thẩm quyền cho địa chỉ đã khai. Kiểm tra lại tỉnh và xã.", "No agency is competent for the address given. Check the province and commune.")
	case errors.Is(err, registry.ErrUnavailable):
		return known(http.StatusServiceUnavailable, "registry-unavailable", "Cơ sở dữ liệu chưa trả lời", "A register does not answer",
			"Thử lại sau ít phút; hồ sơ vẫn như cũ.", "Try again in some minutes; the case is as it was.")
	case unreachable(err):
		return Answer{Status: http.StatusServiceUnavailable, Type: "unavailable", Heading: workflow.Text{VI: "Hệ thống đang gặp sự cố", EN: "The service is not available"},
			Text: workflow.Text{VI: "Những gì Ông/Bà đã lưu vẫn còn. Thử lại sau ít phút.", EN: "What you saved is kept. Try again in some minutes."}}
	}
	return Answer{Status: http.StatusInternalServerError, Type: "internal", Heading: workflow.Text{VI: "Hệ thống đang gặp sự cố", EN: "Something went wrong"},
		Text: workflow.Text{VI: "Lỗi thuộc về chúng tôi. Những gì Ông/Bà đã lưu vẫn còn.", EN: "The fault is ours. What you saved is kept."}}
}

func isConflict(err error) bool   { _, ok := errors.AsType[*cases.ConflictError](err); return ok }
func isStale(err error) bool      { _, ok := errors.AsType[*cases.StaleError](err); return ok }
func isDuplicate(err error) bool  { _, ok := errors.AsType[*cases.DuplicateError](err); return ok }
func isInvalid(err error) bool    { _, ok := errors.AsType[*cases.InvalidError](err); return ok }
func isNotAllowed(err error) bool { _, ok := errors.AsType[*workflow.NotAllowedError](err); return ok }

// unreachable tells whether the database could not be asked.
func unreachable(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "57P01" || pg.Code == "57P03" || pg.Code == "53300" // shut down, starting, too many connections
	}
	_, lost := errors.AsType[*net.OpError](err)
	return lost || errors.Is(err, context.DeadlineExceeded)
}

// Fail answers with the page of an error, or a program with its problem
// details. One that is ours is logged whole, under the number that is shown.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the browser has left
	}
	if isCall(r) {
		s.failCall(w, r, err)
		return
	}
	a := StatusOf(err)
	s.Problem(w, r, a, err)
}

// Problem draws the page of an answer.
func (s *Site) Problem(w http.ResponseWriter, r *http.Request, a Answer, err error) {
	number := ""
	if !a.Known {
		number = middleware.GetReqID(r.Context())
		s.Log.ErrorContext(r.Context(), "request failed", "request", number, "method", r.Method, "path", r.URL.Path, "error", err)
	}
	lang := Lang(r)
	f := s.Frame(r, a.Heading.In(lang))
	f.Path = "/"
	if r.Method == http.MethodGet {
		f.Path = r.URL.RequestURI()
	}
	v := problemView{Lang: lang, Heading: a.Heading.In(lang), Text: a.Text.In(lang), Number: number}
	if conflict, ok := errors.AsType[*cases.ConflictError](err); ok {
		v.Changes = conflict.Changes
	}
	if stale, ok := errors.AsType[*cases.StaleError](err); ok {
		v.Changes = stale.Changes
	}
	if invalid, ok := errors.AsType[*cases.InvalidError](err); ok {
		for _, p := range invalid.Problems {
			v.Lines = append(v.Lines, ui.T(lang, p.VI, p.EN))
		}
	}
	if err := ui.Render(w, r, a.Status, problemPage(f, v)); err != nil {
		s.Log.ErrorContext(r.Context(), "draw the page of an error", "error", err)
	}
}

// problemView is the page of an error.
type problemView struct {
	Lang          string
	Heading, Text string
	Number        string // of the request; empty: not needed
	Changes       []cases.Change
	Lines         []string
}
