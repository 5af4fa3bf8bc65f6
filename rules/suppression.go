package rules

import "github.com/skylint/skylint/source"

// A Suppression is a comment that asks for silence:
//
//	-- skylint: ignore unchecked-command: the gate has checked it
type Suppression struct {
	source.Span
	Reason string
}
