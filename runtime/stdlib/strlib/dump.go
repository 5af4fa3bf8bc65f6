package strlib

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/thread"
)

// dumped is a function without the values of its upvalues. The operations of the host that
// lowered code calls are upvalues too: they stay.
type dumped struct {
	proto      *lua.FunctionProto
	operations []*lua.LFunction
}

// The tokens that string.dump has given out. A token is random: no script can make one up.
var (
	dumps      = map[string]*dumped{}
	tokens     = map[*lua.FunctionProto]string{}
	dumpsMutex sync.Mutex
)

// Mark begins every token, as it begins Lua's own binary chunks.
const Mark = "\x1bLua"

// maxDumps bounds what dumps keep from being collected.
const maxDumps = 10_000

func dump(L *lua.LState) int {
	fn := arg.Function(L, 1)
	if fn.IsG || fn.Proto == nil {
		thread.Errorf(L, "unable to dump given function")
	}
	limit.Of(L).Charge(L, limit.Memory, 1024)
	dumpsMutex.Lock()
	token, ok := tokens[fn.Proto]
	if !ok && len(dumps) < maxDumps {
		var id [16]byte
		if _, err := rand.Read(id[:]); err != nil {
			panic(err)
		}
		token = Mark + "\x54skyrun:" + hex.EncodeToString(id[:])
		d := &dumped{proto: fn.Proto, operations: make([]*lua.LFunction, len(fn.Upvalues))}
		for i, u := range fn.Upvalues {
			if f, ok := u.Value().(*lua.LFunction); ok {
				if _, ok := operator.Of(f); ok {
					d.operations[i] = f
				}
			}
		}
		dumps[token], tokens[fn.Proto] = d, token
		ok = true
	}
	dumpsMutex.Unlock()
	if !ok {
		thread.Errorf(L, "unable to dump given function: too many functions have been dumped")
	}
	L.Push(lua.LString(token))
	return 1
}

// IsDump reports whether a chunk is not source text.
func IsDump(chunk string) bool { return strings.HasPrefix(chunk, Mark[:1]) }

// Undump returns a new function for a token of string.dump, with fresh upvalues that hold
// nil; ok is false if this process has not given the token out.
func Undump(token string, env *lua.LTable) (fn *lua.LFunction, ok bool) {
	dumpsMutex.Lock()
	d := dumps[token]
	dumpsMutex.Unlock()
	if d == nil {
		return nil, false
	}
	fn = &lua.LFunction{Proto: d.proto, Env: env, Upvalues: make([]*lua.Upvalue, len(d.operations))}
	for i := range fn.Upvalues {
		u := new(lua.Upvalue)
		u.SetValue(lua.LNil)
		if f := d.operations[i]; f != nil {
			u.SetValue(f)
		}
		u.Close()
		fn.Upvalues[i] = u
	}
	return fn, true
}
