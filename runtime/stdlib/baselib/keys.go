package baselib

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
)

// The VM keeps the keys of a table in a list, from which a deleted key does not go. Going from
// one key to the next passes them.

var (
	indexField  = field("k2i")
	dictField   = field("dict")
	stringField = field("strdict")
)

func field(name string) int {
	f, ok := reflect.TypeFor[lua.LTable]().FieldByName(name)
	if !ok {
		panic("gopher-lua has changed: a table has no field " + name)
	}
	return f.Index[0]
}

// keysPassed returns how many deleted keys are between two keys of a table, roughly. It looks
// only where many have been deleted.
func keysPassed(t *lua.LTable, from, to lua.LValue) int {
	const few = 64
	keys := limit.KeyCount(t)
	if keys <= few {
		return 0
	}
	v := reflect.ValueOf(t).Elem()
	if live := v.Field(dictField).Len() + v.Field(stringField).Len(); live > keys/2 {
		return 0
	}
	index := v.Field(indexField)
	place := func(key lua.LValue, otherwise int) int {
		if key == lua.LNil {
			return otherwise
		}
		if at := index.MapIndex(reflect.ValueOf(&key).Elem()); at.IsValid() {
			return int(at.Int())
		}
		return otherwise
	}
	return place(to, keys) - place(from, 0)
}

// wasKey reports whether a table has or had a key.
func wasKey(t *lua.LTable, key lua.LValue) bool {
	if n, ok := key.(lua.LNumber); ok && n > 0 && n <= lua.LNumber(limit.ArrayLen(t)) && n == lua.LNumber(int(n)) {
		return true
	}
	index := reflect.ValueOf(t).Elem().Field(indexField)
	return index.MapIndex(reflect.ValueOf(&key).Elem()).IsValid()
}
