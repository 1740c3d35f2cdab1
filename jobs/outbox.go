package jobs

import (
	"strconv"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/postgres"
)

// effectArgs is what a job knows of its effect: which one it is, and nothing
// about people.
type effectArgs struct {
	Case uuid.UUID `json:"case"`
	Seq  int       `json:"seq"`
	Idx  int       `json:"idx"`
}

func (effectArgs) Kind() string { return "case_effect" }

// timerArgs names a timer.
type timerArgs struct {
	Case uuid.UUID `json:"case"`
	Name string    `json:"name"`
	Gen  int       `json:"gen"`
}

func (timerArgs) Kind() string { return "case_timer" }

// Outbox writes the bells of effects as River jobs, within the statement that
// writes the step: River's own insert would cost a round trip more and halve the
// rate of steps. TestInsertSQL holds its rows against what River v0.51.1 writes.
//
// It does not notify. NOTIFY holds a lock over the whole cluster from before to
// after its commit, so that all steps that notify commit one by one, and it
// would have to be thinned out as River does. The workers look every 100 ms
// instead: that is what the citizen waits at most, and a constant few cheap
// queries for the database, whatever the load. It also works behind a pooler.
type Outbox struct{}

var _ cases.Outbox = Outbox{}

// InsertSQL is the INSERT for [cases.Outbox].
func (Outbox) InsertSQL(bells string) string {
	return `INSERT INTO ` + postgres.RiverSchema + `.river_job (args, kind, max_attempts, metadata, priority, queue, state, tags, created_at, scheduled_at)
		SELECT b.bell - 'queue', '` + effectArgs{}.Kind() + `', ` + strconv.Itoa(river.MaxAttemptsDefault) + `, '{}', ` + strconv.Itoa(river.PriorityDefault) + `,
			b.bell ->> 'queue', 'available', '{}', now(), now()
		FROM ` + bells + ` AS b`
}
