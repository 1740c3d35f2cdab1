package failpoint

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// The environment of a process that is to be broken. Without Chaos the others
// count for nothing.
const (
	Chaos  = "HOSO_CHAOS"        // 1: break this process as the others say
	Points = "HOSO_FAILPOINTS"   // as [Arm] reads it
	Offset = "HOSO_CLOCK_OFFSET" // 2h: its clock is ahead; -90m@10s: it jumps back ten seconds after the start
)

// FromEnvironment arms what the environment asks for and returns the process's
// clock, which is time.Now in production. It is read once, when a command
// starts; warn gets a line when the process is to be broken, or is asked to
// without [Chaos].
func FromEnvironment(getenv func(string) string, warn io.Writer) (now func() time.Time, err error) {
	points, offset := getenv(Points), getenv(Offset)
	if getenv(Chaos) != "1" {
		if points != "" || offset != "" {
			fmt.Fprintf(warn, "hoso: %s and %s are ignored without %s=1\n", Points, Offset, Chaos)
		}
		return time.Now, nil
	}
	fmt.Fprintf(warn, "hoso: %s=1: this process breaks itself on purpose; never set it in production\n", Chaos)
	if err := Arm(points); err != nil {
		return nil, err
	}
	return clock(offset, time.Now)
}

// clock is one that is off by a time, from some instant on.
func clock(text string, real func() time.Time) (func() time.Time, error) {
	if text == "" {
		return real, nil
	}
	by, after, _ := strings.Cut(text, "@")
	off, err := time.ParseDuration(by)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Offset, err)
	}
	wait := time.Duration(0)
	if after != "" {
		if wait, err = time.ParseDuration(after); err != nil {
			return nil, fmt.Errorf("%s: %w", Offset, err)
		}
	}
	jump := real().Add(wait)
	return func() time.Time {
		t := real()
		if t.Before(jump) {
			return t
		}
		return t.Add(off)
	}, nil
}
