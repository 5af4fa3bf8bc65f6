package luarun

import (
	"errors"

	"github.com/skylint/skylint/runtime/limit"
)

// Skyrun runs programs with the script package, in this process.
type Skyrun struct {
	Limits limit.Limits
}

// Run runs a program in a state of its own.
func (s Skyrun) Run(p *Program) (Result, error) {
	return Result{}, errors.New("not there yet")
}
