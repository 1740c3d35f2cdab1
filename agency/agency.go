// Package agency knows the state's map and its people at work: provinces and
// communes, the agencies that serve them, which agency is competent for which
// address, and the officers with their roles. [Actor], who does something in
// Hoso, is what every other package passes around.
//
// The package answers who and where. What an actor may do to a case is decided
// by package cases; how an actor signs in belongs to package identity.
package agency
