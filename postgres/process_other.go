//go:build unix && !linux

package postgres

import "syscall"

// dieWithParent does nothing where the kernel offers nothing: the next start
// takes a surviving server over.
func dieWithParent(*syscall.SysProcAttr) {}
