package bench

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/vietnamese"
)

// Who works at an office, by place in its officers.
const (
	byReception = iota
	byHandler
	byApprover
)

// office is an agency with somebody in each of the three roles.
type office struct {
	id       agency.ID
	prefix   string // of case codes
	officers [3]person
}

// clone is a case that is filled in: a model with another id, code, people,
// agency and time.
type clone struct {
	*model
	id                 uuid.UUID
	code               string
	applicant, subject person
	at                 *office
	seed               uint64
	days               time.Duration // whole days from the model's time to the clone's
	jitter             time.Duration // what is added to it, except to ends of terms, which fall on the hour
	holder             int           // officer who has the task; -1: nobody
	seen               bool
	hashes             [][3][]byte // by event: previous, own, of the input
}

// moved is an instant of the model in the clone's life.
func (c *clone) moved(at time.Time) time.Time {
	at = at.Add(c.days)
	if at.Minute() != 0 || at.Second() != 0 {
		at = at.Add(c.jitter)
	}
	return at.UTC()
}

// uuid is the n-th of the clone's other ids, the same whenever it is asked for.
func (c *clone) uuid(n int) (id uuid.UUID) {
	r := rand.NewPCG(c.seed, uint64(n))
	binary.BigEndian.PutUint64(id[:8], r.Uint64())
	binary.BigEndian.PutUint64(id[8:], r.Uint64())
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

// append writes a template with the clone's values.
func (c *clone) append(b []byte, t *template) []byte {
	for i, s := range t.slots {
		b = append(b, t.literals[i]...)
		b = c.fill(b, s)
	}
	return append(b, t.literals[len(t.slots)]...)
}

func (c *clone) text(t *template) string { return string(c.append(nil, t)) }

func (c *clone) fill(b []byte, s slot) []byte {
	switch s.kind {
	case slotID:
		return appendUUID(b, c.id)
	case slotCode:
		return append(b, c.code...)
	case slotApplicant:
		return append(b, c.applicant.number...)
	case slotApplicantName:
		return append(b, c.applicant.name...)
	case slotSubject:
		return append(b, c.subject.number...)
	case slotSubjectName:
		return append(b, c.subject.name...)
	case slotAgency:
		return append(b, c.at.id...)
	case slotOfficer:
		return append(b, c.at.officers[s.n].number...)
	case slotOfficerName:
		return append(b, c.at.officers[s.n].name...)
	case slotUUID:
		return appendUUID(b, c.uuid(s.n))
	case slotTime:
		return c.moved(s.at).AppendFormat(b, s.layout)
	case slotTokens:
		return append(b, c.tokens()...)
	case slotHead:
		return appendHex(b, c.hashes[len(c.hashes)-1][1])
	case slotPrev:
		return appendHex(b, c.hashes[s.n-1][0])
	case slotHash:
		return appendHex(b, c.hashes[s.n-1][1])
	case slotInputHash:
		return appendHex(b, c.hashes[s.n-1][2])
	case slotAssignee:
		if c.holder >= 0 {
			return append(b, c.at.officers[c.holder].number...)
		}
	case slotSeen:
		if c.seen {
			return c.moved(c.base.Add(5*time.Minute)).AppendFormat(b, columnTime)
		}
	}
	return append(b, null...)
}

// tokens are what package cases makes the case found by: its agency and the
// words of its people's names.
func (c *clone) tokens() string {
	words := append(strings.Fields(vietnamese.Fold(c.applicant.name)), strings.Fields(vietnamese.Fold(c.subject.name))...)
	words = append(words, "@"+string(c.at.id))
	slices.Sort(words)
	return "{" + strings.Join(slices.Compact(words), ",") + "}"
}

func appendUUID(b []byte, id uuid.UUID) []byte {
	var text [36]byte
	hex.Encode(text[:8], id[:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:], id[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return append(b, text[:]...)
}

// appendHex writes bytes as COPY wants them: the backslash twice.
func appendHex(b, v []byte) []byte { return hex.AppendEncode(append(b, `\\x`...), v) }

// history is an event as the chain of hashes takes it.
type history struct {
	seq     int
	hop     int
	command *template
	texts   [9]*template
	at      time.Time
	input   *template
}

// eventTexts are the columns that enter the chain as texts, in their order.
var eventTexts = []string{"kind", "event", "from_state", "to_state", "actor_kind", "actor", "actor_name", "on_behalf", "agency"}

func (m *marks) history(t *filledTable, row []string) *history {
	column := func(name string) string { return unescape(row[slices.Index(t.columns, name)]) }
	h := &history{seq: number(column("seq")), hop: number(column("hop")), command: m.text(column("command_id")), input: m.text(column("input"))}
	for i, name := range eventTexts {
		h.texts[i] = m.text(column(name))
	}
	h.at, _ = time.Parse(columnTime, column("at")) // a column that this session wrote
	return h
}

// unescape reads a column of COPY.
func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r").Replace(s)
}

// chain computes the hashes of the clone's events.
func (c *clone) chain() {
	c.hashes = make([][3][]byte, len(c.histories))
	prev := check.Genesis(c.id)
	for i, h := range c.histories {
		e := check.Event{Seq: int64(h.seq), Hop: int64(h.hop), At: c.moved(h.at), Prev: prev}
		e.Command, _ = uuid.Parse(c.text(h.command)) // a column of this type
		for j, t := range h.texts {
			e.Texts[j] = c.text(t)
		}
		input := check.InputHash(c.append(nil, h.input))
		sum := e.Sum(c.id, input)
		c.hashes[i] = [3][]byte{prev, sum, input}
		prev = sum
	}
}
