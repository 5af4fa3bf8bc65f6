package effect

import (
	"slices"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/syntax"
)

// Functions returns the number of functions of all files.
func (sys *System) Functions() int { return sys.index.functions() }

// Number returns the number of a function, from 0, among those of all files.
func (sys *System) Number(f Function) int32 { return sys.index.fn(f) }

// Function returns the function of a number.
func (sys *System) Function(n int32) Function {
	bases := sys.index.funcBase
	file, first := slices.BinarySearch(bases, n)
	if !first {
		file--
	}
	return Function{File: int32(file), Func: scope.Func(n - bases[file])}
}

// Host returns the function in which a call stands.
func (sys *System) Host(s Site) Function { return Function{s.File, sys.call(s).In} }

// CallsIn returns the calls that stand in a function, in the order of their nodes, each as the
// number that Site takes. Those of functions within it are not among them. The slice must not be
// changed.
func (sys *System) CallsIn(f Function) []int32 { return sys.index.inside(sys.index.fn(f)) }

// NodesIn returns the nodes of the calls that stand in a function, as package path takes them.
func (sys *System) NodesIn(f Function) []syntax.Node {
	numbers := sys.CallsIn(f)
	nodes := make([]syntax.Node, len(numbers))
	for i, n := range numbers {
		nodes[i] = sys.call(sys.Site(n)).Node
	}
	return nodes
}

// Site returns the call of a number.
func (sys *System) Site(call int32) Site { return sys.index.siteOf[call] }

// Loading returns the services that load a file, in the order of Services. The slice must not be
// changed.
func (sys *System) Loading(file int32) []*Service { return sys.byFile[file] }
