package workflow

import (
	"slices"
	"testing"
)

// The straight way has the steps that no case is spared, and none of a detour.
func TestStraight(t *testing.T) {
	if got, want := sound(t).Straight(), []State{"intake", "examine", "approve"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
