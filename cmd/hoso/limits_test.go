package main

import (
	"strings"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/cases"
)

// What is not named in HOSO_LIMITS keeps its default; what it does not know is an error.
func TestLimits(t *testing.T) {
	for text, want := range map[string]cases.Limits{
		"": {}, "pool=2s": {PoolWait: 2 * time.Second}, "write=3s, arrears=7": {Write: 3 * time.Second, Arrears: 7}, "hold": {Arrears: -1},
	} {
		if got, err := limits(text); err != nil || got != want {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{"speed=1": "none of pool", "pool=soon": "HOSO_LIMITS: pool", "arrears=": "HOSO_LIMITS: arrears"} {
		if _, err := limits(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
