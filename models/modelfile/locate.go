package modelfile

import (
	"slices"

	"github.com/pelletier/go-toml/v2/unstable"
)

// locate returns line and column, from 1, of the place where a key is written in a TOML
// text: the longest part of the key that is written anywhere. It is called only when there
// is an error to report, so it reads the text anew.
func locate(data []byte, key []string) (line, column int) {
	s := search{key: key, best: -1}
	s.parser.Reset(data)
	for s.parser.NextExpression() {
		e := s.parser.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			s.prefix = s.visit(nil, e)
		case unstable.KeyValue:
			s.value(s.prefix, e)
		}
	}
	if s.best < 0 {
		return 1, 1
	}
	return s.line, s.column
}

type search struct {
	parser       unstable.Parser
	key, prefix  []string
	best         int // length of the longest part that was found
	line, column int
}

// visit notes the key of a node below a prefix and returns the whole key.
func (s *search) visit(prefix []string, n *unstable.Node) []string {
	whole := slices.Clone(prefix)
	for it := n.Key(); it.Next(); {
		part := it.Node()
		whole = append(whole, string(part.Data))
		if len(whole) > s.best && len(whole) <= len(s.key) && slices.Equal(whole, s.key[:len(whole)]) {
			at := s.parser.Shape(part.Raw).Start
			s.best, s.line, s.column = len(whole), at.Line, at.Column
		}
	}
	return whole
}

func (s *search) value(prefix []string, n *unstable.Node) {
	whole := s.visit(prefix, n)
	if v := n.Value(); v.Kind == unstable.InlineTable {
		for it := v.Children(); it.Next(); {
			s.value(whole, it.Node())
		}
	}
}
