package cases

import (
	"encoding/json"
	"fmt"
	"sync"
)

// recentCases keeps the rows of cases as this node last wrote them. Who names
// the revision of such a row may be decided upon without reading it again: the
// write names the revision too, so a row that was changed elsewhere is found
// out there, and the command is decided anew from what the database says.
type recentCases struct {
	mu   sync.Mutex
	rows map[Code]*recentRow
}

// recentRow is a row of cases.
type recentRow struct {
	c snapshot // never changed: a step changes a copy
	// mem is the memory as JSON when something was gathered from outside: whoever
	// decides upon it sees what a reader of the database sees. nil: nothing was.
	mem []byte
}

const recentSize = 4096

// put keeps a row that was written.
func (r *recentCases) put(st *step) {
	row := &recentRow{c: *st.c}
	row.c.Known, row.c.Assignee, row.c.recalled = nil, "", true
	if len(row.c.Memory.Output) > 0 {
		row.mem = st.mem
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rows == nil || len(r.rows) >= recentSize { // start anew rather than keep an order
		r.rows = make(map[Code]*recentRow, recentSize)
	}
	r.rows[st.c.Code] = row
}

// at returns the case at that revision; nil when this node does not know it.
// Who has taken its task is not known: the write makes sure.
func (r *recentCases) at(code Code, revision int) (*snapshot, error) {
	r.mu.Lock()
	row := r.rows[code]
	r.mu.Unlock()
	if row == nil || row.c.Revision != revision {
		return nil, nil
	}
	c := row.c
	if row.mem != nil {
		c.Memory = memory{}
		if err := json.Unmarshal(row.mem, &c.Memory); err != nil {
			return nil, fmt.Errorf("memory of case %s: %w", c.Code, err)
		}
	}
	return &c, nil
}
