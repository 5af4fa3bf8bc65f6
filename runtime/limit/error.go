package limit

import (
	"fmt"
	"time"
)

// An Error says that a limit was met. It is what Budget.Spent returns, and its text is the
// message that a script sees of a limit that it may catch.
type Error struct {
	Kind  Kind
	Limit int64 // what the limit allows; 0 for Stopped
	// Reason is what the host gave to Stop, or what was too large.
	Reason string
	// Key is the full key that sets the limit, if it is not that of the kind: a Task's.
	Key string
}

// Error names the limit and the key that sets it.
func (e *Error) Error() string {
	what := ""
	switch e.Kind {
	case Instructions:
		what = fmt.Sprintf("instruction limit of %d reached", e.Limit)
	case Time:
		what = fmt.Sprintf("time limit of %v reached", time.Duration(e.Limit))
	case Memory:
		what = fmt.Sprintf("memory limit of %s reached", bytes(e.Limit))
	case Output:
		what = fmt.Sprintf("output limit of %s reached", bytes(e.Limit))
	case Stopped:
		if e.Reason == "" {
			return "stopped by the host"
		}
		return "stopped by the host: " + e.Reason
	case Depth:
		what = fmt.Sprintf("stack overflow (more than %d calls within each other)", e.Limit)
	case Nesting:
		what = fmt.Sprintf("C stack overflow (more than %d protected calls, coroutines and callbacks within each other)", e.Limit)
	case Coroutines:
		what = fmt.Sprintf("too many coroutines (more than %d)", e.Limit)
	case String:
		what = fmt.Sprintf("string too large (more than %s)", bytes(e.Limit))
	case Table:
		what = fmt.Sprintf("table too large (more than %d elements)", e.Limit)
	case Pattern:
		what = fmt.Sprintf("pattern too complex (more than %d steps)", e.Limit)
	case Source:
		what = fmt.Sprintf("source text too large (more than %s)", bytes(e.Limit))
	}
	if e.Reason != "" {
		what += ": " + e.Reason
	}
	key := e.Key
	if key == "" {
		key = "limits." + e.Kind.Key()
	}
	return what + "; see " + key + " in sky.toml"
}

// bytes writes a size as it would stand in sky.toml.
func bytes(n int64) string {
	for _, u := range [...]struct {
		factor int64
		name   string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= u.factor && n%u.factor == 0 {
			return fmt.Sprintf("%d%s", n/u.factor, u.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
