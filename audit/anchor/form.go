package anchor

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// Kinds of leaves: the first byte of what a leaf holds.
const (
	leafHead   = 1
	leafReads  = 2
	leafCounts = 3
)

// head is where a case's chain stood.
type head struct {
	Case     uuid.UUID
	Revision int // seq of the event
	Hash     []byte
	before   int // revision under an earlier anchor; 0: none
}

// leaf hashes what a leaf holds, after the byte that tells leaves from nodes.
func leaf(parts ...[]byte) []byte { return sum(append([][]byte{{0}}, parts...)...) }

func sum(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func number(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func (h head) leaf() []byte {
	return leaf([]byte{leafHead}, h.Case[:], number(int64(h.Revision)), h.Hash)
}

// treeRoot is the Merkle tree hash of RFC 6962, section 2.1, over hashes of
// leaves: the left half of a tree has the largest power of two of leaves that is
// less than all of them. There is at least one leaf.
func treeRoot(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	return sum([]byte{1}, treeRoot(leaves[:k]), treeRoot(leaves[k:]))
}

// anchor is a row of anchors.
type anchor struct {
	N           int64
	At, Settled time.Time
	Heads       int
	LogSeq      int64
	LogHash     []byte
	Counts      []byte // JSON
	Root        []byte
	Prev, Hash  []byte
}

// seal computes root and hash.
func (a *anchor) seal(heads []head) {
	leaves := make([][]byte, 0, len(heads)+2)
	for _, h := range heads {
		leaves = append(leaves, h.leaf())
	}
	leaves = append(leaves, leaf([]byte{leafReads}, number(a.LogSeq), a.LogHash), leaf([]byte{leafCounts}, a.Counts))
	a.Heads, a.Root = len(heads), treeRoot(leaves)
	a.Hash = sum([]byte("hoso anchor 1\n"), number(a.N), number(a.At.UnixMicro()), number(a.Settled.UnixMicro()), number(int64(a.Heads)), a.Prev, a.Root)
}

// month is when a case was filed, as its id tells: 2026-11, or other for an id
// that is not ordered by time.
func month(id uuid.UUID) string {
	if id.Version() != 7 {
		return "other"
	}
	ms := int64(binary.BigEndian.Uint64(append([]byte{0, 0}, id[:6]...)))
	return time.UnixMilli(ms).UTC().Format("2006-01")
}
