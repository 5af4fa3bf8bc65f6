package strlib

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/thread"
)

// dumped is a function without the values of its upvalues. The operations of the host that
// lowered code calls are upvalues too: they stay.
type dumped struct {
	proto      *lua.FunctionProto
	operations []*lua.LFunction
}

// dumps are the functions of the tokens that string.dump has given out. A token is random: no
// script can make one up.
var dumps struct {
	sync.RWMutex
	functions map[string]*dumped
}

// tokens are those of one state. They are good in all states, as long as this one is there.
type tokens map[*lua.FunctionProto]string

// Mark begins every token, as it begins Lua's own binary chunks.
const Mark = "\x1bLua"

// maxDumps is how many functions one state may have dumped: they are kept from being collected.
const maxDumps = 500

// dumpSize is what a state is charged for one of them, in bytes.
const dumpSize = 32 << 10

func dump(L *lua.LState) int {
	fn := arg.Function(L, 1)
	if fn.IsG || fn.Proto == nil {
		thread.Errorf(L, "unable to dump given function")
	}
	if host.Breaks(L, rules.Bytecode, "string.dump", "precompiled code is made") {
		thread.Errorf(L, "string.dump is not granted")
	}
	h := host.Of(L)
	mine, ok := h.Dumps.(tokens)
	if !ok {
		mine = make(tokens)
		h.Dumps = mine
	}
	token, ok := mine[fn.Proto]
	if !ok {
		if len(mine) >= maxDumps {
			thread.Errorf(L, "unable to dump given function: %d functions have been dumped", maxDumps)
		}
		limit.Of(L).Charge(L, limit.Memory, dumpSize)
		var id [16]byte
		if _, err := rand.Read(id[:]); err != nil {
			panic(err)
		}
		token = Mark + "\x54skyrun:" + hex.EncodeToString(id[:])
		mine[fn.Proto] = token
		keep(token, fn)
	}
	limit.Of(L).Work(L, 20)
	L.Push(lua.LString(token))
	return 1
}

func keep(token string, fn *lua.LFunction) {
	d := &dumped{proto: fn.Proto, operations: make([]*lua.LFunction, len(fn.Upvalues))}
	for i, u := range fn.Upvalues {
		if f, ok := u.Value().(*lua.LFunction); ok {
			if _, ok := operator.Of(f); ok {
				d.operations[i] = f
			}
		}
	}
	dumps.Lock()
	defer dumps.Unlock()
	if dumps.functions == nil {
		dumps.functions = make(map[string]*dumped)
	}
	dumps.functions[token] = d
}

// Close forgets what a state has dumped.
func Close(h *host.State) {
	mine, _ := h.Dumps.(tokens)
	if mine == nil {
		return
	}
	dumps.Lock()
	defer dumps.Unlock()
	for _, token := range mine {
		delete(dumps.functions, token)
	}
	h.Dumps = nil
}

// IsDump reports whether a chunk is not source text.
func IsDump(chunk string) bool { return strings.HasPrefix(chunk, Mark[:1]) }

// Undump returns a new function for a token of string.dump, with fresh upvalues that hold
// nil; ok is false if no state that is there has given the token out.
func Undump(token string, env *lua.LTable) (fn *lua.LFunction, ok bool) {
	dumps.RLock()
	d := dumps.functions[token]
	dumps.RUnlock()
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
