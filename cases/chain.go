package cases

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

// event is a row of case_events about to be written.
type event struct {
	Seq       int
	Command   uuid.UUID
	Hop       int
	Request   []byte // hash of the command's content
	Kind      workflow.TriggerKind
	Event     workflow.Event
	From, To  workflow.State
	Actor     agency.Actor
	Agency    agency.ID
	At        time.Time
	Input     []byte // JSON
	InputHash []byte // its SHA-256
	Prev, Sum []byte
}

// seal links the event to the one before it: SHA-256 over the former hash and
// every field, each with its length, so that no two events share a form. The
// input enters as its own hash: it may be erased, and the chain still holds.
func (e *event) seal(id ID, prev []byte) {
	e.Prev = prev
	body := sha256.Sum256(e.Input)
	e.InputHash = body[:]
	h := sha256.New()
	put := func(b []byte) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	var num [8]byte
	putInt := func(n int64) {
		binary.BigEndian.PutUint64(num[:], uint64(n))
		put(num[:])
	}
	put(prev)
	put(id[:])
	putInt(int64(e.Seq))
	put(e.Command[:])
	putInt(int64(e.Hop))
	for _, s := range []string{string(e.Kind), string(e.Event), string(e.From), string(e.To),
		string(e.Actor.Kind), e.Actor.ID, e.Actor.Name, e.Actor.OnBehalfOf, string(e.Agency)} {
		put([]byte(s))
	}
	putInt(e.At.UnixMicro())
	put(body[:])
	e.Sum = h.Sum(nil)
}

// genesis is the hash before the first event of a case.
func genesis(id ID) []byte {
	h := sha256.Sum256(append([]byte("hoso case "), id[:]...))
	return h[:]
}

// requestHash names the content of a command, so that a command id used twice
// with another content is found.
func requestHash(parts ...any) []byte {
	b, err := json.Marshal(parts)
	if err != nil { // only plain values come here
		panic(err)
	}
	h := sha256.Sum256(b)
	return h[:]
}

// keySpace is the name space of deterministic keys.
var keySpace = uuid.MustParse("6f6f3a52-1a39-5c0e-9d5f-0a1d7c7f4b11")

// effectKey is the key given to the outside for the n-th effect of a kind, from
// 0, that a command scheduled. It is the same over all attempts, restarts and
// restores: a command that comes again after a restore gives the same keys
// whatever else was written to the case before it the first time. A place (seq,
// idx) would not do: a letter of apology or a new calendar moves it.
func effectKey(id ID, command uuid.UUID, kind, name string, n int) uuid.UUID {
	b := make([]byte, 0, 64)
	b = append(b, id[:]...)
	b = append(b, command[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(n))
	b = append(b, kind...)
	b = append(b, 0)
	b = append(b, name...)
	return uuid.NewSHA1(keySpace, b)
}

// derived returns a key that follows from another: the command by which an effect reports back, a child's id.
func derived(from uuid.UUID, name string) uuid.UUID {
	return uuid.NewSHA1(from, []byte(name))
}
