package bench

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
)

// Node is a running Hoso over a database: pages on the loopback as `hoso serve`
// has them, with the sandbox around it. Whoever measures gives the function
// that starts one.
type Node struct {
	Base     string // address of the portal: http://127.0.0.1:40123
	Cases    *cases.Service
	Agencies *agency.Directory
	Drain    func(context.Context) error // does the jobs that are due
	Set      func(time.Time)             // sets the node's clock; zero: the true time, which it begins with
	Close    func()
}

// Officer is somebody who works at the desk that is measured, for the sandbox's
// list of who can sign in.
type Officer struct{ ID, Name, Role string }

// Start starts a node over the database at url. The officers can sign in.
type Start func(ctx context.Context, url string, officers []Officer) (*Node, error)

// FloorPath is where a node answers with [Floor].
const FloorPath = "/bench/floor"

// Floor is the least that a page can be: one statement that reads nothing, and
// as many bytes as the page has on the wire, in the query parameter n.
func Floor(db *pgxpool.Pool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Query().Get("n"))
		if err != nil || n < 0 || n > 1<<24 {
			http.Error(w, "n is the number of bytes wanted", http.StatusBadRequest)
			return
		}
		var one int
		if err := db.QueryRow(r.Context(), "SELECT 1").Scan(&one); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(n))
		_, _ = w.Write(make([]byte, n)) // a client that has gone reads nothing
	})
}
