// Batoncheck reports Go code that could let two goroutines use one Lua state: see package baton.
//
//	go run ./tools/batoncheck ./runtime/...
package main

import (
	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/skylint/skylint/tools/batoncheck/baton"
)

func main() { singlechecker.Main(baton.Analyzer) }
