//go:build !race

package diagram

const raced = false
