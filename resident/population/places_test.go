package population

import (
	"math/rand/v2"
	"testing"
)

// From each dwelling it is known as which of its commune it was given out, so
// that another run goes on behind it, whatever was stored between.
func TestGivenOut(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []*commune{{urban: true}, {urban: true, south: true}, {}, {south: true}} {
		for n := range 500 {
			if line := c.dwelling(r); givenOut(line) != n {
				t.Errorf("dwelling %d is %q: read as %d", n, line, givenOut(line))
			}
		}
	}
	for _, line := range []string{"", "12 phố Kim Mã", "Số 3, Thôn Vàng", "Lê Lợi", "0 phố Lê Lợi"} {
		if n := givenOut(line); n != -1 {
			t.Errorf("%q: read as %d, and was not given out", line, n)
		}
	}
}
