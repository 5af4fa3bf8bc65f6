package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// showsEscapes asks the console to understand escape sequences, which older ones do not
// do of themselves, and reports whether it does.
func showsEscapes(f *os.File) bool {
	var mode uint32
	handle := windows.Handle(f.Fd())
	if windows.GetConsoleMode(handle, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
