//go:build unix

package control

import (
	"io/fs"
	"os"
	"syscall"
)

// mine reports whether a folder belongs to the user, and nobody else may write to it or look into it.
func mine(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Getuid() && info.Mode().Perm()&0o077 == 0
}
