//go:build !race

package jobs

// raced tells that the race detector is on, which makes everything many times slower.
const raced = false
