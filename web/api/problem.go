package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/site"
)

// Problem is an error as programs read it.
type Problem struct {
	site.Details
	headers http.Header
}

func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// GetStatus is for huma, as are the two methods below.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes JSON the JSON of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders are the headers that go with the status.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// Huma makes its own errors (a body that does not fit, a type that it does not
// know) through these two, which belong to the whole program. Nothing else in
// the program uses huma.
func init() {
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError {
		return &Problem{Details: site.Details{Status: status}} // the shape alone, for the description
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return problemOf(ctx.Context(), errorOf(status, msg, errs))
	}
}

type requestKey struct{}

// asked is the request in hand, for the words of an error.
type asked struct {
	site *site.Site
	r    *http.Request
}

func remember(s *site.Site) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, asked{s, r})))
		})
	}
}

// problemOf puts an error into the words of the request's language.
func problemOf(ctx context.Context, err error) *Problem {
	in := ctx.Value(requestKey{}).(asked) // remember stands before every call
	p := &Problem{Details: in.site.DetailsOf(in.r, err), headers: http.Header{}}
	if stale, ok := errors.AsType[*staleError](err); ok {
		p.Status = stale.status()
	}
	if p.Status == http.StatusServiceUnavailable {
		p.headers.Set("Retry-After", "30")
	}
	return p
}

// staleError is a conflict with the revision that the caller named in If-Match.
//
// Source: RFC 9110, section 13.1.1.
type staleError struct{ *cases.ConflictError }

func (e *staleError) Unwrap() error { return e.ConflictError }
func (e *staleError) status() int   { return http.StatusPreconditionFailed }

// errorOf turns what huma found into an error that package site knows.
func errorOf(status int, msg string, errs []error) error {
	switch status {
	case http.StatusUnauthorized:
		return errors.Join(errs...)
	case http.StatusRequestEntityTooLarge:
		return &http.MaxBytesError{}
	case http.StatusInternalServerError:
		return fmt.Errorf("%s: %w", msg, errors.Join(errs...))
	}
	var faults []site.Fault
	for _, err := range errs {
		detail, ok := errors.AsType[*huma.ErrorDetail](err)
		if !ok {
			detail = &huma.ErrorDetail{Message: err.Error()}
		}
		at := pointer(detail.Location)
		if status == http.StatusBadRequest && at == "" {
			detail.Message = strings.TrimPrefix(detail.Message, "json: ")
		}
		faults = append(faults, site.Fault{At: at, Rule: "schema", VI: inVietnamese(detail.Message), EN: detail.Message})
	}
	if status == http.StatusUnprocessableEntity && faults != nil {
		problems := make([]forms.Problem, len(faults))
		for i, f := range faults {
			problems[i] = forms.Problem{At: forms.Pointer(f.At), Rule: f.Rule, VI: f.VI, EN: f.EN}
		}
		return &cases.InvalidError{Problems: problems}
	}
	if faults == nil && msg != "" {
		faults = []site.Fault{{Rule: "schema", VI: inVietnamese(msg), EN: msg}}
	}
	return &site.RequestError{Status: status, Faults: faults}
}

// inVietnamese puts the commonest words of the validator into Vietnamese. The
// others are for who writes the program that calls, and name the schema's own terms.
func inVietnamese(msg string) string {
	for en, vi := range map[string]string{
		"unexpected property": "Đặc tả không có trường này", "expected string": "Giá trị phải là chuỗi ký tự", "expected object": "Giá trị phải là đối tượng",
		"expected array": "Giá trị phải là danh sách", "expected boolean": "Giá trị phải là true hoặc false", "expected integer": "Giá trị phải là số nguyên",
		"request body is required": "Yêu cầu phải có nội dung",
	} {
		if msg == en {
			return vi
		}
	}
	if m := missing.FindStringSubmatch(msg); m != nil {
		return "Thiếu trường bắt buộc " + m[1]
	}
	return "Không đúng đặc tả của giao diện: " + msg
}

var (
	missing = regexp.MustCompile(`^expected required property (\S+) to be present$`)
	index   = regexp.MustCompile(`\[(\d+)\]`)
)

// pointer makes a JSON Pointer into the body of huma's body.items[3].tags.
// Places outside of the body stay as they are: query.limit.
func pointer(location string) string {
	rest, ok := strings.CutPrefix(location, "body")
	if !ok {
		return location
	}
	return strings.ReplaceAll(index.ReplaceAllString(rest, ".$1"), ".", "/")
}

// deepest is how far a body may be nested: a form's answers are at depth 6.
const deepest = 24

// unmarshal reads a body. Of what JSON allows it leaves out what PostgreSQL
// cannot keep, and what is nested so deep that no description asks for it.
func unmarshal(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	if tree, ok := v.(*any); ok {
		return storable(*tree, deepest)
	}
	return nil
}

var (
	errNull = errors.New("a text holds the character U+0000")
	errDeep = errors.New("the body is nested too deep")
)

func storable(v any, depth int) error {
	if depth == 0 {
		return errDeep
	}
	switch x := v.(type) {
	case string:
		if strings.ContainsRune(x, 0) {
			return errNull
		}
	case []any:
		for _, item := range x {
			if err := storable(item, depth-1); err != nil {
				return err
			}
		}
	case map[string]any:
		for key, item := range x {
			if strings.ContainsRune(key, 0) {
				return errNull
			}
			if err := storable(item, depth-1); err != nil {
				return err
			}
		}
	}
	return nil
}
