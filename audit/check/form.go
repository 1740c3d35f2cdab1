package check

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// The forms below are those of docs/audit.md.

// Event is a row of case_events.
type Event struct {
	Seq     int64
	Command uuid.UUID
	Hop     int64
	// Kind, event, from, to, kind of actor, actor, name, on whose behalf, agency.
	Texts     [9]string
	At        time.Time
	Recorded  time.Time
	Input     []byte
	InputHash []byte     // nil: computed from Input
	Erased    *time.Time // nil: not erased
	Prev      []byte
	Hash      []byte
}

// Genesis is what the first event of a case follows.
func Genesis(id uuid.UUID) []byte { return digest([]byte("hoso case "), id[:]) }

// Sum is the hash of the event in the case's chain: over the fields, each after
// its length in four bytes, the input as its hash.
func (e *Event) Sum(id uuid.UUID, inputHash []byte) []byte {
	b := make([]byte, 0, 512)
	put := func(p []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	put(e.Prev)
	put(id[:])
	put(be64(e.Seq))
	put(e.Command[:])
	put(be64(e.Hop))
	for _, s := range e.Texts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	put(be64(e.At.UnixMicro()))
	put(inputHash)
	return digest(b)
}

// entry is a sealed row of access_log.
type entry struct {
	seq    int64
	id     uuid.UUID
	at     time.Time
	texts  [7]string // kind of reader, reader, agency, subject, case, purpose, basis
	fields []string
	prev   []byte
	hash   []byte
}

// sum is the hash of the entry in the log's chain; lengths have eight bytes.
func (e *entry) sum() []byte {
	b := make([]byte, 0, 512)
	put := func(s string) {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = append(b, e.prev...)
	b = append(b, be64(e.seq)...)
	b = append(b, e.id[:]...)
	b = append(b, be64(e.at.UnixMicro())...)
	for _, s := range e.texts {
		put(s)
	}
	b = append(b, be64(int64(len(e.fields)))...)
	for _, f := range e.fields {
		put(f)
	}
	return digest(b)
}

// anchorRow is a row of anchors.
type anchorRow struct {
	N           int64
	At, Settled time.Time
	Heads       int64
	LogSeq      int64
	LogHash     []byte
	Counts      []byte
	Root        []byte
	Prev, Hash  []byte
}

func (a *anchorRow) sum() []byte {
	return digest([]byte("hoso anchor 1\n"), be64(a.N), be64(a.At.UnixMicro()), be64(a.Settled.UnixMicro()), be64(a.Heads), a.Prev, a.Root)
}

// headRow is a row of anchor_heads.
type headRow struct {
	N        int64
	Case     uuid.UUID
	Revision int64
	Hash     []byte
}

// A tree takes the hashes of leaves one by one and keeps the roots of the full
// trees among them, largest first: RFC 6962, section 2.1.
type tree struct {
	n     uint64
	roots [][]byte
}

func (t *tree) leaf(parts ...[]byte) {
	h := digest(append([][]byte{{0}}, parts...)...)
	for size := t.n; size&1 == 1; size >>= 1 { // two full trees of a size become one
		top := len(t.roots) - 1
		h, t.roots = digest([]byte{1}, t.roots[top], h), t.roots[:top]
	}
	t.n++
	t.roots = append(t.roots, h)
}

// root joins the full trees, the smallest first.
func (t *tree) root() []byte {
	var h []byte
	for i := len(t.roots) - 1; i >= 0; i-- {
		if h == nil {
			h = t.roots[i]
		} else {
			h = digest([]byte{1}, t.roots[i], h)
		}
	}
	return h
}

func (t *tree) head(h headRow) { t.leaf([]byte{1}, h.Case[:], be64(h.Revision), h.Hash) }

func (t *tree) end(a *anchorRow) {
	t.leaf([]byte{2}, be64(a.LogSeq), a.LogHash)
	t.leaf([]byte{3}, a.Counts)
}

// monthOf is when a case was filed, as its id tells.
func monthOf(id uuid.UUID) string {
	if id.Version() != 7 {
		return "other"
	}
	ms := int64(binary.BigEndian.Uint64(id[:8]) >> 16)
	return time.UnixMilli(ms).UTC().Format("2006-01")
}

func be64(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func digest(parts ...[]byte) []byte {
	if len(parts) == 1 {
		s := sha256.Sum256(parts[0])
		return s[:]
	}
	s := sha256.Sum256(bytes.Join(parts, nil))
	return s[:]
}

// InputHash is what stands for an input in the chain.
func InputHash(input []byte) []byte { return digest(input) }
