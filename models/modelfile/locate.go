package modelfile

import (
	"slices"

	"github.com/pelletier/go-toml/v2/unstable"
)

// locate returns line and column, from 1, of the place where a key is written in a TOML
// text: the longest part of the key that is written anywhere. It is called only when there
// is an error to report, so it reads the text anew.
func locate(data []byte, key []string) (line, column int) {
	best := 0
	line, column = 1, 1
	walk(data, func(part []string, l, c int) {
		if n := len(part); n > best && n <= len(key) && slices.Equal(part, key[:n]) {
			best, line, column = n, l, c
		}
	})
	return line, column
}

// keyAt returns the whole key that ends as the given one does and is written on a line, at
// or behind a column. (Inside braces the reader's own idea of the key is not the whole one.)
func keyAt(data []byte, line, column int, key []string) []string {
	var found []string
	walk(data, func(path []string, l, c int) {
		if found == nil && l == line && c >= column && path[len(path)-1] == key[len(key)-1] {
			found = slices.Clone(path)
		}
	})
	if found == nil {
		return key
	}
	return found
}

// walk visits each key of a TOML text, and each part of it, as a path from the top. The
// path is only good for the call.
func walk(data []byte, visit func(key []string, line, column int)) {
	w := walker{visit: visit}
	w.parser.Reset(data)
	var table []string
	for w.parser.NextExpression() {
		switch e := w.parser.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = w.key(nil, e)
		case unstable.KeyValue:
			w.value(table, e)
		}
	}
}

type walker struct {
	parser unstable.Parser
	visit  func(key []string, line, column int)
}

// key visits the parts of a node's key and returns the path that they make with prefix.
func (w *walker) key(prefix []string, n *unstable.Node) []string {
	path := slices.Clone(prefix)
	for it := n.Key(); it.Next(); {
		path = append(path, string(it.Node().Data))
		at := w.parser.Shape(it.Node().Raw).Start
		w.visit(path, at.Line, at.Column)
	}
	return path
}

func (w *walker) value(prefix []string, n *unstable.Node) {
	path := w.key(prefix, n)
	if v := n.Value(); v.Kind == unstable.InlineTable {
		for it := v.Children(); it.Next(); {
			w.value(path, it.Node())
		}
	}
}
