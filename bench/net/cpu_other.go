//go:build !unix

package main

import "time"

var started = time.Now()

// cpu returns the time since the start: the processor's is not known here.
func cpu() time.Duration { return time.Since(started) }
