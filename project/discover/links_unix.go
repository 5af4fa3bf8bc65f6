//go:build unix

package discover

import (
	"errors"
	"syscall"
)

// isLoop reports whether the error says that symbolic links lead round in a circle.
func isLoop(err error) bool { return errors.Is(err, syscall.ELOOP) }
