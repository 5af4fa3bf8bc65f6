package models

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/skylint/skylint/internal/nearest"
)

// The names that model files use, in the order of the constants.
var (
	kindNames = []string{"", "function", "table", "value", "object"}

	roleNames = []string{
		"any",
		"boolean", "number", "text", "table", "function", "coroutine", "userdata", "ok", "error", "time", "mode", "flag",
		"options", "metatable",
		"address", "service", "name", "node", "protocol", "command", "payload", "message", "request", "session", "token", "key",
		"reply", "response", "queue",
		"callback", "callbacks",
		"code", "path", "module", "shell", "sql", "query", "url", "host", "port", "pattern", "format", "size", "environment",
		"secret", "wire", "log",
		"socket",
		"fresh", "shared", "argument", "called", "chunk", "object",
	}

	callbackNames = []string{"", "called", "unyieldable", "locked", "coroutine", "handler", "init", "event", "resumed", "hook"}

	waitNames = []string{
		"", "reply", "time", "wakeup", "lock", "launch", "registration", "socket", "data", "resume", "exit", "unknown",
	}

	replyNames = []string{"", "now", "later", "never"}

	spawnNames = []string{"coroutine", "service", "process"}

	sourceNames = []string{
		"", "network", "message", "file", "database", "console", "process", "variables", "configuration",
	}

	capabilityNames = []string{
		"exec", "exit", "fs-read", "fs-write", "env", "native", "dynamic-code", "bytecode", "debug", "metatable",
		"environment", "net", "launch", "kill", "registry", "process",
	}

	environmentNames = []string{"", "service", "snax", "preload", "loader", "inject"}
)

// argumentOnly and resultOnly are the roles that stand on one side only.
const (
	argumentOnly RoleSet = 1<<RoleRequest | 1<<RoleFlag | 1<<RoleService | 1<<RoleProtocol | 1<<RoleCommand | 1<<RoleToken | 1<<RoleKey |
		1<<RoleCallback | 1<<RoleCallbacks | 1<<RoleCode | 1<<RoleShell | 1<<RoleSQL | 1<<RoleQuery | 1<<RoleURL |
		1<<RoleHost | 1<<RolePort | 1<<RolePattern | 1<<RoleFormat | 1<<RoleSize | 1<<RoleWire | 1<<RoleLog
	resultOnly RoleSet = 1<<RoleOK | 1<<RoleReply | 1<<RoleResponse | 1<<RoleQueue | 1<<RoleFresh | 1<<RoleShared |
		1<<RoleArgument | 1<<RoleCalled | 1<<RoleChunk
)

// ArgumentOnly reports whether only arguments have the role.
func (r Role) ArgumentOnly() bool { return argumentOnly.Has(r) }

// ResultOnly reports whether only results have the role.
func (r Role) ResultOnly() bool { return resultOnly.Has(r) }

// String returns the name that model files use, as do the other methods String below.
func (k Kind) String() string            { return nameOf(kindNames, k) }
func (r Role) String() string            { return nameOf(roleNames, r) }
func (c Callback) String() string        { return nameOf(callbackNames, c) }
func (w Wait) String() string            { return nameOf(waitNames, w) }
func (r Reply) String() string           { return nameOf(replyNames, r) }
func (s Source) String() string          { return nameOf(sourceNames, s) }
func (k EnvironmentKind) String() string { return nameOf(environmentNames, k) }

// String returns the names, separated by commas: "exec, fs-write".
func (s CapabilitySet) String() string { return joinNames(capabilityNames, uint64(s)) }

// String returns the names, separated by commas.
func (s SpawnSet) String() string { return joinNames(spawnNames, uint64(s)) }

// String returns the names, separated by commas.
func (s RoleSet) String() string { return joinNames(roleNames, uint64(s)) }

// UnmarshalText reads the name that model files use, as do the other methods
// UnmarshalText below; of a set it reads one member and adds it. The error lists the
// nearest name, or all.
func (k *Kind) UnmarshalText(b []byte) error     { return readName(kindNames, "kind", b, k) }
func (r *Role) UnmarshalText(b []byte) error     { return readName(roleNames, "role", b, r) }
func (c *Callback) UnmarshalText(b []byte) error { return readName(callbackNames, "callback", b, c) }
func (w *Wait) UnmarshalText(b []byte) error     { return readName(waitNames, "wait", b, w) }
func (r *Reply) UnmarshalText(b []byte) error    { return readName(replyNames, "reply", b, r) }
func (s *Source) UnmarshalText(b []byte) error   { return readName(sourceNames, "source", b, s) }
func (k *EnvironmentKind) UnmarshalText(b []byte) error {
	return readName(environmentNames, "environment", b, k)
}

// UnmarshalText adds the capability of that name.
func (s *CapabilitySet) UnmarshalText(b []byte) error {
	var i uint8
	err := readName(capabilityNames, "capability", b, &i)
	*s |= 1 << i
	return err
}

// UnmarshalText adds what has that name.
func (s *SpawnSet) UnmarshalText(b []byte) error {
	var i uint8
	err := readName(spawnNames, "thing to spawn", b, &i)
	*s |= 1 << i
	return err
}

func nameOf[T ~uint8](names []string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("?%d", v)
}

func joinNames(names []string, set uint64) string {
	var in []string
	for ; set != 0; set &= set - 1 {
		in = append(in, nameOf(names, uint8(bits.TrailingZeros64(set))))
	}
	return strings.Join(in, ", ")
}

// readName sets v to the index of a name; what says what it is the name of.
func readName[T ~uint8](names []string, what string, text []byte, v *T) error {
	name := string(text)
	if i := slices.Index(names, name); i >= 0 && name != "" {
		*v = T(i)
		return nil
	}
	known := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" })
	if best, ok := nearest.Of(name, slices.Values(known)); ok {
		return fmt.Errorf("unknown %s %q: did you mean %q?", what, name, best)
	}
	return fmt.Errorf("unknown %s %q: use one of %s", what, name, strings.Join(known, ", "))
}
