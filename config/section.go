package config

import (
	"fmt"
	"slices"

	"github.com/skylint/skylint/config/document"
)

// A Section is a section of sky.toml that another package owns: that package declares the
// struct of its keys, this one finds the table, decodes it strictly and keeps the result.
// NewSection makes one. The program lists the sections that it knows in Options; any other
// one is an error.
type Section interface {
	sectionName() string
	inNodes() bool
	fresh() any
	copied(any) any
}

// A SectionOf is a Section that is decoded into a T, a struct as document.Decode takes it.
// It is immutable and safe for concurrent use.
type SectionOf[T any] struct {
	name     string
	perNode  bool
	defaults func() T
}

// NewSection returns a section with the given name. What the file does not say is as
// defaults returns it. A T that is a document.Validator (by its pointer) is checked as a
// whole.
func NewSection[T any](name string, defaults func() T) *SectionOf[T] {
	return &SectionOf[T]{name: name, defaults: defaults}
}

// NewNodeSection returns a section that can also stand in a node: [node.gate.limits] is
// decoded on top of what [limits] says.
func NewNodeSection[T any](name string, defaults func() T) *SectionOf[T] {
	return &SectionOf[T]{name: name, perNode: true, defaults: defaults}
}

// Of returns what a configuration says in the section, the defaults where it says nothing.
func (s *SectionOf[T]) Of(c *Config) T {
	if v, ok := c.owned[s.name].(*T); ok {
		return *v
	}
	return s.defaults()
}

// ForNode returns what holds for a node: Of where the node says nothing itself.
func (s *SectionOf[T]) ForNode(c *Config, node string) T {
	if v, ok := c.perNode[node][s.name].(*T); ok {
		return *v
	}
	return s.Of(c)
}

func (s *SectionOf[T]) sectionName() string { return s.name }
func (s *SectionOf[T]) inNodes() bool       { return s.perNode }
func (s *SectionOf[T]) fresh() any          { v := s.defaults(); return &v }
func (s *SectionOf[T]) copied(v any) any    { c := *v.(*T); return &c }

func sectionNames(sections []Section) []string {
	var names []string
	for _, s := range sections {
		names = append(names, s.sectionName())
	}
	return names
}

func findSection(name string, sections []Section) Section {
	if i := slices.IndexFunc(sections, func(s Section) bool { return s.sectionName() == name }); i >= 0 {
		return sections[i]
	}
	return nil
}

// decodeOwned decodes an entry of the top level if it is an owned section.
func (c *Config) decodeOwned(e *document.Entry, sections []Section, errs *document.Errors) bool {
	s := findSection(e.Key, sections)
	if s == nil {
		return false
	}
	if c.owned == nil {
		c.owned = make(map[string]any)
	}
	c.owned[e.Key] = decodeSection(e, s.fresh(), e.Key, errs)
	return true
}

func decodeSection(e *document.Entry, into any, name string, errs *document.Errors) any {
	if e.Value.Kind != document.TableKind {
		document.Mismatch(e.Value, name, "a table", errs)
		return into
	}
	document.Decode(e.Value.Table, into, errs)
	return into
}

// decodeInNode decodes an entry of [node.NAME] if it is an owned section. All of the top
// level is decoded before.
func (c *Config) decodeInNode(node string, t *document.Table, e *document.Entry, sections []Section, errs *document.Errors) bool {
	s := findSection(e.Key, sections)
	if s == nil {
		return false
	}
	if !s.inNodes() {
		errs.Add(e.At, fmt.Sprintf("[%s] cannot be set for one node", e.Key), fmt.Sprintf("write [%s] at the top level", e.Key))
		return true
	}
	base := s.fresh()
	if v, ok := c.owned[e.Key]; ok {
		base = s.copied(v)
	}
	if c.perNode == nil {
		c.perNode = make(map[string]map[string]any)
	}
	if c.perNode[node] == nil {
		c.perNode[node] = make(map[string]any)
	}
	c.perNode[node][e.Key] = decodeSection(e, base, t.Sub(e.Key), errs)
	return true
}
