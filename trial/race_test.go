//go:build race

package trial

// sampled is how many mutants the test tries; the race detector makes each several times slower.
const sampled = 10
