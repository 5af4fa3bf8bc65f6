//go:build !windows

package main

import "os"

// showsEscapes reports whether a terminal understands escape sequences: all but those of
// Windows do.
func showsEscapes(*os.File) bool { return true }
