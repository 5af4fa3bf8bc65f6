package luarun

import (
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Skyrun runs programs as "skyrun exec" does, in this process.
type Skyrun struct {
	Limits limit.Limits
	// Kept is how many bytes of a program's output its result has; 0: all. The command writes
	// output away at once, so what a result keeps is no program's doing.
	Kept int
}

// output keeps the beginning of what is written.
type output struct {
	text strings.Builder
	most int
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	keep := p
	if o.most > 0 {
		keep = p[:min(len(p), o.most-o.text.Len())]
	}
	o.text.Write(keep)
	return len(p), nil
}

// The exit codes of "skyrun exec".
const (
	exitError      = 1
	exitUnreadable = 3
	exitLimit      = 4
)

// Run runs a program in a state of its own. The error says that the host failed: nothing
// that a program does may lead to one.
func (s Skyrun) Run(p *Program) (Result, error) {
	out := output{most: s.Kept}
	state := script.New(script.Options{
		Limits:  s.Limits,
		Dialect: syntax.Lua54,
		Host:    func(h *host.State) { h.Out = &out },
	})
	defer state.Close()
	arg := &lua.LTable{Metatable: lua.LNil}
	arg.RawSetInt(0, lua.LString(p.Chunk()))
	state.Globals.RawSetString("arg", arg)

	var result Result
	fn, err := state.Load(source.New(p.Chunk(), p.Text))
	if err != nil {
		result.Exit, result.Message = exitUnreadable, firstLine(err.Error())
		return result, nil
	}
	_, err = state.Call(fn)
	result.Output = out.text.String()
	var exit *script.Exit
	var failed *script.Error
	switch {
	case errors.As(err, &exit):
		result.Exit = exit.Code
	case errors.As(err, &failed):
		if failed.Defect != "" {
			return result, errors.New("defect: " + failed.Defect)
		}
		result.Exit, result.Message = exitError, firstLine(failed.Message)
		if failed.Limit != nil {
			result.Exit = exitLimit
		}
	case err != nil:
		return result, err
	}
	return result, nil
}

func firstLine(s string) string {
	first, _, _ := strings.Cut(s, "\n")
	return first
}
