package setup

import (
	"fmt"

	"github.com/skylint/skylint/config/luadata"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// A ClusterName is what the file with the names of nodes says of one: its address, or that it is down. A key
// that begins with "__" is an option.
type ClusterName struct {
	Key, Address string
	Down, Flag   bool
}

// ClusterNames reads the file that the setting cluster names. It is data: nothing in it is run. The error
// names the line of what cannot be told that way.
func (n *Node) ClusterNames() ([]ClusterName, error) {
	name := n.Env["cluster"]
	if name == "" {
		return nil, nil
	}
	text, err := read(n.abs(name))
	if err != nil {
		return nil, fmt.Errorf("cluster: cannot open %s: %s", name, reason(err))
	}
	file := source.New(name, text)
	tree := syntax.Parse(file, syntax.DefaultDialect)
	for i := range tree.Errors {
		return nil, fmt.Errorf("%s:%d: %s", name, file.RunePosition(tree.Errors[i].Span.Start).Line, tree.Errors[i].Message)
	}
	var eval luadata.Evaluator
	eval.Run(tree)
	var names []ClusterName
	for _, g := range eval.Globals() {
		c := ClusterName{Key: g.Name}
		option := len(g.Name) > 2 && g.Name[:2] == "__"
		switch v := g.Value; {
		case v.Kind == luadata.Nil:
			continue
		case v.Kind == luadata.Boolean && (option || !v.Bool):
			c.Flag, c.Down = v.Bool, !v.Bool
		case v.Kind == luadata.String && v.Known():
			c.Address, c.Flag = v.Str, true
		default:
			why := "the address of a node is a string, or false, not " + v.Kind.String()
			if !v.Known() {
				why = "it cannot be told without running the file: " + v.Reason
			}
			return nil, fmt.Errorf("%s:%d: %s: %s", name, file.RunePosition(g.At.Start).Line, g.Name, why)
		}
		names = append(names, c)
	}
	return names, nil
}
