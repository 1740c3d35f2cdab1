// Package odd has what a stranger may put into an address: values that are no
// value of the kind that the program expects there. Tests send them to every
// route, and look for answers that blame the program. Only tests import it.
package odd

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/go-chi/chi/v5"
)

// Values are what may stand for a name, number, id, cursor, date or word.
var Values = []string{"x", "\x00", "a\x00b", "\xff\xfe", "..", ".", "%", "%00", "%2f", "'; --", "<b>", "đ\u202e", "0", "-1", "99999999999999999999999", "1e9", "NaN", "null",
	"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "H01.00070-261126-000001", "001196000101", "2026-13-40", "0000-00-00", "9999-12-31",
	"MC4wLg", "OTk5OTk5OTk5OS4wLmZmZmZmZmZmLWZmZmYtZmZmZi1mZmZmLWZmZmZmZmZmZmZmZg", strings.Repeat("a", 4000), " ", "\u2028", "marriage-extract", "intake"}

// queries are the names under which pages take something.
var queries = []string{"q", "after", "cursor", "page", "limit", "from", "to", "until", "state", "status", "procedure", "agency", "code", "day", "lang", "view", "sort", "id", "number", "at", "part", "section", "variant", "month", "year", "kind"}

// Request is one request without a body.
type Request struct{ Method, Target string }

// parameter is a part of a route that stands for a value, as {id} and {id:[0-9]+}.
var parameter = regexp.MustCompile(`\{[^{}]*(\{[^{}]*\}[^{}]*)*\}|\*`)

// Requests are requests to every route of a router: each value in the place of
// its parameters, and each as what its query says.
func Requests(routes chi.Routes) ([]Request, error) {
	var out []Request
	err := chi.Walk(routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		for i, v := range Values {
			path := parameter.ReplaceAllLiteralString(route, url.PathEscape(v))
			if strings.Contains(route, "{") || strings.Contains(route, "*") {
				out = append(out, Request{method, path})
			}
			query := url.Values{}
			for j, name := range queries { // another value for each name
				query.Set(name, Values[(i+j)%len(Values)])
			}
			for _, name := range queries { // and the same for all
				query.Add(name, v)
			}
			out = append(out, Request{method, parameter.ReplaceAllLiteralString(route, "x") + "?" + query.Encode()}, Request{method, parameter.ReplaceAllLiteralString(route, "x") + "?" + url.Values{queries[i%len(queries)]: {v}}.Encode()})
		}
		return nil
	})
	return out, err
}
