//go:build !unix

package socket

import "errors"

// readable says that a descriptor can be read and written without waiting.
const readable = false

func readNow(uintptr, []byte) (int, bool, error) { return 0, false, errors.ErrUnsupported }

func writeNow(uintptr, []byte) int { return 0 }
