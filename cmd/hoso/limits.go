package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/cases"
)

// limits reads HOSO_LIMITS: pool=500ms,write=1s,arrears=20000; what is not named
// keeps its default. The word hold lets all new filings wait, for a drill.
func limits(text string) (l cases.Limits, err error) {
	if text == "" {
		return l, nil
	}
	for one := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(one), "=")
		var err error
		switch name {
		case "pool":
			l.PoolWait, err = time.ParseDuration(value)
		case "write":
			l.Write, err = time.ParseDuration(value)
		case "arrears":
			l.Arrears, err = strconv.Atoi(value)
		case "hold":
			l.Arrears = -1
		default:
			return l, fmt.Errorf("HOSO_LIMITS: %q is none of pool, write, arrears and hold", name)
		}
		if err != nil {
			return l, fmt.Errorf("HOSO_LIMITS: %s: %w", name, err)
		}
	}
	return l, nil
}
