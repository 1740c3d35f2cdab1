package cases

import (
	"encoding/json"
	"fmt"
	"sync"
)

// recentCases keeps the rows of cases as this node last wrote them. A command
// that names the revision of such a row, and a signal from outside, may be decided
// upon it without reading it again: the write names the revision too, so a row
// that was changed elsewhere is found out there, and the order is decided anew
// from what the database says.
type recentCases struct {
	mu    sync.Mutex
	rows  map[ID]*recentRow
	codes map[Code]ID
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
		r.rows, r.codes = make(map[ID]*recentRow, recentSize), make(map[Code]ID, recentSize)
	}
	r.rows[st.c.ID], r.codes[st.c.Code] = row, st.c.ID
}

// at returns the case at that revision; nil when this node does not know it.
// Who has taken its task, and what was done by the same command before, is not
// known: the write makes sure.
func (r *recentCases) at(code Code, revision int) (*snapshot, error) {
	r.mu.Lock()
	row := r.rows[r.codes[code]]
	r.mu.Unlock()
	if row == nil || row.c.Revision != revision {
		return nil, nil
	}
	return row.snapshot()
}

// last returns the case as this node wrote it last; nil when it did not.
func (r *recentCases) last(id ID) (*snapshot, error) {
	r.mu.Lock()
	row := r.rows[id]
	r.mu.Unlock()
	if row == nil {
		return nil, nil
	}
	return row.snapshot()
}

func (row *recentRow) snapshot() (*snapshot, error) {
	c := row.c
	if row.mem != nil {
		c.Memory = memory{}
		if err := json.Unmarshal(row.mem, &c.Memory); err != nil {
			return nil, fmt.Errorf("memory of case %s: %w", c.Code, err)
		}
	}
	return &c, nil
}
