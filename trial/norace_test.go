//go:build !race

package trial

// sampled is how many mutants the test tries.
const sampled = 60
