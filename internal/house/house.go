// Package house holds the shape of the house by a test: a package imports those
// below it, never those above. There is no code in it.
package house
