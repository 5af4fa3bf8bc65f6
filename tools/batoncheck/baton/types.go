package baton

import (
	"go/types"
)

// isGuarded reports whether a type is one that belongs to an actor.
func isGuarded(t types.Type) (name string, ok bool) {
	named, isNamed := types.Unalias(t).(*types.Named)
	if !isNamed || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != luaPath {
		return "", false
	}
	switch name := named.Obj().Name(); name {
	case "LState", "LTable":
		return "*lua." + name, true
	}
	return "", false
}

// guarded returns the name of what a type hands on as such: itself, or as the element of
// pointers, slices, arrays, maps and channels. It returns "" for other types.
func guarded(t types.Type) string {
	if t == nil {
		return ""
	}
	if name, ok := isGuarded(t); ok {
		return name
	}
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return guarded(t.Elem())
	case *types.Slice:
		return guarded(t.Elem())
	case *types.Array:
		return guarded(t.Elem())
	case *types.Chan:
		return guarded(t.Elem())
	case *types.Map:
		if name := guarded(t.Key()); name != "" {
			return name
		}
		return guarded(t.Elem())
	}
	return ""
}

// holds is guarded for fields of structs too, and for named types.
func holds(t types.Type, seen map[types.Type]bool) string {
	if seen[t] {
		return ""
	}
	seen[t] = true
	if name, ok := isGuarded(t); ok {
		return name
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		// What other types of the VM hold is theirs.
		if pkg := t.Obj().Pkg(); pkg != nil && pkg.Path() == luaPath {
			return ""
		}
		return holds(t.Underlying(), seen)
	case *types.Pointer:
		return holds(t.Elem(), seen)
	case *types.Slice:
		return holds(t.Elem(), seen)
	case *types.Array:
		return holds(t.Elem(), seen)
	case *types.Chan:
		return holds(t.Elem(), seen)
	case *types.Map:
		if name := holds(t.Key(), seen); name != "" {
			return name
		}
		return holds(t.Elem(), seen)
	case *types.Struct:
		for i := range t.NumFields() {
			if name := holds(t.Field(i).Type(), seen); name != "" {
				return name
			}
		}
	}
	return ""
}
