package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/workflow"
)

// Journal is what somebody outside wrote down of what they asked and what was
// answered: the chaos harness, or a client that can be trusted.
type Journal struct {
	Commands []Command      `json:"commands"`
	Reads    []Read         `json:"reads"`
	Kills    map[string]int `json:"kills"`    // what was broken, how often
	Builds   []Build        `json:"builds"`   // which programs worked on this database
	Restored *Restore       `json:"restored"` // null: no restore was played
	Recovery *Recovery      `json:"recovery"` // null: nobody watched
	Behind   *Behind        `json:"behind"`   // null: nobody looked meanwhile
}

// Behind is what [LeftBehindSQL] returned while people acted and faults happened.
type Behind struct {
	Asked int          `json:"asked"` // how often
	Found []cases.Code `json:"found"` // cases that nothing would have moved at that instant
}

// Command is one request that would change a case. One that was sent again is
// written down again, with the same id.
type Command struct {
	ID        uuid.UUID      `json:"id"` // the idempotency key
	Case      cases.Code     `json:"case"`
	Applicant string         `json:"applicant"` // of a filing: whose key it is; empty otherwise
	Event     workflow.Event `json:"event"`     // file, or what was done
	Expected  int            `json:"expected"`  // revision; 0: any
	Body      string         `json:"body"`      // digest
	Sent      time.Time      `json:"sent"`
	Answered  time.Time      `json:"answered"` // zero: no answer came
	Status    int            `json:"status"`   // of HTTP; 0: no answer came
	Got       cases.Code     `json:"got"`      // of a filing: the case that was answered
	Revision  int            `json:"revision"` // of the answer; 0: none
}

func (c Command) filing() bool { return c.Event == "file" }

// accepted tells that the answer was yes.
func (c Command) accepted() bool { return c.Status >= 200 && c.Status < 300 }

// refused tells that the answer was no, and that nothing was done: an error of
// the server's own (5xx) is no more than a lost answer.
func (c Command) refused() bool { return c.Status >= 400 && c.Status < 500 }

// Read is one look at a case.
type Read struct {
	Reader   string           `json:"reader"`
	Kind     agency.ActorKind `json:"kind"`
	Case     cases.Code       `json:"case"`
	Sent     time.Time        `json:"sent"`
	Answered time.Time        `json:"answered"`
	Status   int              `json:"status"`
	Revision int              `json:"revision"` // that was shown; 0: none
}

// Build is a program that worked on the database.
type Build struct {
	Stamp string `json:"stamp"` // a version, or the hash of the commit
	Old   bool   `json:"old"`   // an earlier release than the one that examines
	Runs  int    `json:"runs"`  // how often it was started
	From  string `json:"from"`  // when it was first started
	To    string `json:"to"`    // when it last ran
}

// Restore is a restore to a point in time: what was examined on the restored
// system after it had resumed.
type Restore struct {
	At      time.Time `json:"at"`      // the point in time
	Cases   int64     `json:"cases"`   // in the restored database
	Resumed int       `json:"resumed"` // effects that were open again, and were done after all
	Again   []string  `json:"again"`   // keys that a peer executed a second time
	Broken  []string  `json:"broken"`  // invariants that did not hold there, with their violations
}

// Recovery is how the system came to rest when the faults had ended.
type Recovery struct {
	Ended  time.Time `json:"ended"`  // of the last fault
	Stuck  int       `json:"stuck"`  // effects and timers past their time then
	Moving time.Time `json:"moving"` // when each of those had moved; zero: some never did
	Normal time.Time `json:"normal"` // when nothing was past its time any more; zero: it never was
	Left   int       `json:"left"`   // past their time when watching ended
}

// ReadJournal reads a journal as [Journal.Write] wrote it.
func ReadJournal(r io.Reader) (*Journal, error) {
	j := &Journal{}
	if err := json.NewDecoder(r).Decode(j); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return j, nil
}

// Write writes the journal as JSON.
func (j *Journal) Write(w io.Writer) error {
	if err := json.NewEncoder(w).Encode(j); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}
