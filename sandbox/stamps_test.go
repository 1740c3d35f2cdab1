package sandbox_test

import (
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/hoso-gov/hoso/audit/tsa"
	"github.com/hoso-gov/hoso/sandbox/drill"
)

// The sandbox stamps at its address, under the certificate that it leaves in its
// folder, and its switch breaks it.
func TestTimeStamps(t *testing.T) {
	s := start(t, t.TempDir())
	at := s.Addresses()
	roots, err := tsa.ReadTrusted(at.TSATrust)
	if err != nil {
		t.Fatal(err)
	}
	c, err := tsa.New(tsa.Config{URL: at.TSA, Trusted: roots})
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("anchor"))
	if _, err := c.Stamp(t.Context(), digest[:]); err != nil {
		t.Error(err)
	}
	if err := s.Board.Set("tsa", drill.Switch{Wrong: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Stamp(t.Context(), digest[:]); !errors.Is(err, tsa.ErrToken) {
		t.Errorf("switched to wrong: %v, want ErrToken", err)
	}
}
