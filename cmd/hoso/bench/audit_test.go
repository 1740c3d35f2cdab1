package bench

import (
	"testing"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

// The records made for the measurement hold, or there would be no figure.
func TestMeasureAudit(t *testing.T) {
	t.Parallel()
	a, err := MeasureAudit(t.Context(), pgtest.URL(t), 240)
	if err != nil {
		t.Fatal(err)
	}
	if a.Events != 240 || a.Reads != 20 || a.Anchors != 21 || a.Verify <= 0 || a.Floor <= 0 || a.Ratio != a.Verify/a.Floor {
		t.Errorf("got %+v", a)
	}
}
