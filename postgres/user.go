package postgres

import (
	"fmt"
	"os"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// user is whom the server runs as; nil is ourselves.
type user struct{ uid, gid uint32 }

// serverUser is nil for an ordinary user. PostgreSQL refuses to run as root, so
// root hands it to the user postgres, or else to nobody.
func serverUser() *user {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := osuser.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return &user{uint32(uid), uint32(gid)}
		}
	}
	return &user{65534, 65534}
}

func (u *user) credential() *syscall.Credential {
	if u == nil {
		return nil
	}
	return &syscall.Credential{Uid: u.uid, Gid: u.gid}
}

// own gives path to the user.
func (u *user) own(path string) error {
	if u == nil {
		return nil
	}
	return os.Chown(path, int(u.uid), int(u.gid))
}

// blocked returns the first directory on the way to path, path included, that
// the user may not pass; empty when there is none.
func (u *user) blocked(path string) (string, error) {
	if u == nil {
		return "", nil
	}
	for dir := path; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if os.IsNotExist(err) {
			if dir == filepath.Dir(dir) {
				return "", fmt.Errorf("stat %s: %w", dir, err)
			}
			continue // made later, passable
		}
		if err != nil {
			return "", err
		}
		if !u.passes(info) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", nil
		}
	}
}

func (u *user) passes(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	switch mode := info.Mode().Perm(); {
	case ok && st.Uid == u.uid:
		return mode&0o100 != 0
	case ok && st.Gid == u.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}
