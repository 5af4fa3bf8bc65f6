package limit

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// The VM does not tell how large its tables and stacks are. Reflection may read the lengths of
// fields it does not export; it can write none, and no pointer is made of what it reads.

var (
	tableType  = reflect.TypeFor[lua.LTable]()
	arrayField = fieldIndex(tableType, "array")
	keysField  = fieldIndex(tableType, "keys")
	dictField  = fieldIndex(tableType, "dict")
	strsField  = fieldIndex(tableType, "strdict")
	stackField = fieldIndex(reflect.TypeFor[lua.LState](), "stack")
	regField   = fieldIndex(reflect.TypeFor[lua.LState](), "reg")
	frameField = fieldIndex(reflect.TypeFor[lua.Debug](), "frame")
	openField  = fieldIndex(reflect.TypeFor[lua.LState](), "uvcache")
	nextField  = fieldIndex(reflect.TypeFor[lua.Upvalue](), "next")

	frameType   = reflect.TypeFor[lua.Debug]().Field(frameField).Type.Elem()
	tailField   = fieldIndex(frameType, "TailCall")
	parentField = fieldIndex(frameType, "Parent")
	pcField     = fieldIndex(frameType, "Pc")
	argsField   = fieldIndex(frameType, "NArgs")
	baseField   = fieldIndex(frameType, "LocalBase")
	fnField     = fieldIndex(frameType, "Fn")
	isGoField   = fieldIndex(reflect.TypeFor[lua.LFunction](), "IsG")
	envField    = fieldIndex(reflect.TypeFor[lua.LFunction](), "Env")
	protoField  = fieldIndex(reflect.TypeFor[lua.LFunction](), "Proto")
	codeField   = fieldIndex(reflect.TypeFor[lua.FunctionProto](), "Code")
)

func fieldIndex(t reflect.Type, name string) int {
	f, ok := t.FieldByName(name)
	if !ok {
		panic("gopher-lua has changed: " + t.String() + " has no field " + name)
	}
	return f.Index[0]
}

// tableParts returns the length of the array, of the list of keys (which never shrinks) and of the maps.
func tableParts(t *lua.LTable) (array, list, entries int) {
	v := reflect.ValueOf(t).Elem()
	return v.Field(arrayField).Cap(), v.Field(keysField).Len(), v.Field(dictField).Len() + v.Field(strsField).Len()
}

// ArrayLen returns the length of the array part of a table, holes and all: what a walk over it costs.
func ArrayLen(t *lua.LTable) int { return reflect.ValueOf(t).Elem().Field(arrayField).Len() }

// KeyCount returns how many keys other than those of the array part a table has or has had.
func KeyCount(t *lua.LTable) int { return reflect.ValueOf(t).Elem().Field(keysField).Len() }

// TableKeys are the keys of a table other than those of the array part, in the order in which next shows them.
type TableKeys struct{ list reflect.Value }

// KeysOf returns the keys of a table. They are those that it has now, and some that it has had.
func KeysOf(t *lua.LTable) TableKeys { return TableKeys{reflect.ValueOf(t).Elem().Field(keysField)} }

// Len returns the number of keys.
func (k TableKeys) Len() int { return k.list.Len() }

// String returns a key, from 0 on, if it is a string.
func (k TableKeys) String(i int) (key string, ok bool) {
	v := k.list.Index(i).Elem()
	if v.Kind() != reflect.String {
		return "", false
	}
	return v.String(), true
}

// stackDepth reads how many frames are on the stack of a thread.
type stackDepth struct{ segment, top, registry, used reflect.Value }

func depthOf(L *lua.LState) stackDepth {
	state := reflect.ValueOf(L).Elem()
	registry := state.Field(regField).Elem().FieldByName("array")
	used := state.Field(regField).Elem().FieldByName("top")
	stack := state.Field(stackField).Elem().Elem()
	if seg := stack.FieldByName("segIdx"); seg.IsValid() {
		return stackDepth{seg, stack.FieldByName("segSp"), registry, used}
	}
	return stackDepth{top: stack.FieldByName("sp"), registry: registry, used: used}
}

func (d stackDepth) frames() int64 {
	if d.segment.IsValid() {
		return int64(d.segment.Uint())*lua.FramesPerSegment + int64(d.top.Uint())
	}
	return d.top.Int()
}

// frameOf returns the frame that a Debug stands for; it may be nil.
func frameOf(dbg *lua.Debug) reflect.Value { return reflect.ValueOf(dbg).Elem().Field(frameField) }

// TailCalls returns how many tail calls led to the frame: the VM counts them as levels behind it.
func TailCalls(dbg *lua.Debug) int {
	frame := frameOf(dbg)
	if frame.IsNil() {
		return 0
	}
	return int(frame.Elem().Field(tailField).Int())
}

// Frames visits a frame and those below it on its stack, as long as visit returns true: how many
// tail calls led to it, and whether its function is an operation of the host, which alone has no
// environment.
func Frames(dbg *lua.Debug, visit func(tails int, operation bool) bool) {
	for f := frameOf(dbg); !f.IsNil(); {
		fn := f.Elem().Field(fnField).Elem()
		operation := fn.Field(isGoField).Bool() && fn.Field(envField).IsNil()
		if !visit(int(f.Elem().Field(tailField).Int()), operation) {
			return
		}
		f = f.Elem().Field(parentField)
	}
}

// hostCalls returns how many of the frames below one were called by Go code: by a function of the
// library, for a metamethod, or by a loop for its iterator. Each of them takes room on the
// goroutine's stack.
func hostCalls(frame reflect.Value) int {
	n := 0
	for f := frame.Elem().Field(parentField); !f.IsNil(); f = f.Elem().Field(parentField) {
		fn := f.Elem().Field(fnField).Elem()
		if fn.Field(isGoField).Bool() {
			n++
			continue
		}
		code := fn.Field(protoField).Elem().Field(codeField)
		if pc := int(f.Elem().Field(pcField).Int()) - 1; pc >= 0 && pc < code.Len() {
			switch int(code.Index(pc).Uint() >> 26) {
			case lua.OP_CALL, lua.OP_TAILCALL:
			default:
				n++
			}
		}
	}
	return n
}

// Counter returns the index of the instruction behind the current one; 0 where there is none.
func Counter(dbg *lua.Debug) int {
	frame := frameOf(dbg)
	if frame.IsNil() {
		return 0
	}
	return int(frame.Elem().Field(pcField).Int())
}

// openUpvalues returns how many variables on the stack of a thread closures share, up to most.
func openUpvalues(L *lua.LState, most int) int {
	n := 0
	for u := reflect.ValueOf(L).Elem().Field(openField); !u.IsNil() && n < most; n++ {
		u = u.Elem().Field(nextField)
	}
	return n
}
