package unboundedwait

import (
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/syntax"
)

const (
	dataWait = "skynet.datacenter.wait"
	dataSet  = "skynet.datacenter.set"
)

// keys are the paths of keys under which the data centre is given values.
type keys struct {
	paths [][]string
	// any says that values may be set in ways that are not seen.
	any bool
}

// keysSet returns what a program sets in the data centre.
func keysSet(prog *program.Program) *keys {
	out := &keys{}
	for _, f := range prog.Files {
		if program.ImplementsModel(f.File, prog.Models) {
			continue
		}
		for i := range f.Uses {
			if u := &f.Uses[i]; u.Entry.Path == dataSet && len(u.Args) > 1 {
				out.paths = append(out.paths, keyPath(f, u.Args[:len(u.Args)-1]))
			}
		}
		for n := range f.Tree.Nodes(syntax.Index, syntax.String) {
			switch f.Tree.Kind(n) {
			case syntax.Index:
				out.any = out.any || f.API.Ref(n).Path() == dataSet && !isCalled(f.Tree, n)
			case syntax.String:
				out.any = out.any || f.Tree.Str(n) == "DATACENTER" // the service that holds the values
			}
		}
	}
	return out
}

func isCalled(t *syntax.Tree, n syntax.Node) bool {
	parent := t.Parent(n)
	if t.Kind(parent) != syntax.Call {
		return false
	}
	callee, _ := t.Call(parent)
	return callee == n
}

// keyPath returns the constant keys among some arguments; "" stands for one that is not known.
func keyPath(f *program.File, args []syntax.Node) []string {
	out := make([]string, len(args))
	for i, n := range args {
		switch f.Tree.Kind(n) {
		case syntax.Vararg, syntax.Call, syntax.MethodCall:
			return out[:i] // any number of keys
		}
		out[i] = f.Tree.Str(f.API.Origin(n))
	}
	return out
}

// has reports whether something may be set on the way to a path or below it.
func (k *keys) has(path []string) bool {
	if k.any || len(path) == 0 {
		return true
	}
	for _, set := range k.paths {
		meets := true
		for i := range min(len(set), len(path)) {
			meets = meets && (set[i] == path[i] || set[i] == "" || path[i] == "")
		}
		if meets {
			return true
		}
	}
	return false
}
