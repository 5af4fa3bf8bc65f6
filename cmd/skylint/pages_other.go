//go:build !linux

package main

// hugePages does nothing: see the one for Linux.
func hugePages() {}
