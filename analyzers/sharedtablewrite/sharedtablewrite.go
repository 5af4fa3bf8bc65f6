// Package sharedtablewrite finds writes into tables that all code of a service shares
// (SKY103): the standard libraries, the modules of an API, and read-only shared data.
package sharedtablewrite

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports what replaces something once for each field and file, and what is new once
// for each table and file.
var Analyzer = &analyzers.Analyzer{
	Rules: []*rules.Rule{rules.SharedTableWrite}, File: run,
	Options: func(*rules.Rule) any { return &options{} },
}

// options are those of the rule.
type options struct {
	Allow config.FieldNames `toml:"allow" doc:"Fields that the project puts into shared tables on purpose: \"string.split\", or \"table.*\"."`
}

// pass is the look at one file.
type pass struct {
	*analyzers.FilePass
	options
	replaced map[string]bool              // reported, by table and field
	added    map[string]*rules.Diagnostic // by table
	order    []string                     // of added
}

func run(p *analyzers.FilePass) {
	if program.ImplementsModel(p.File.File, p.Program.Models) {
		return // the API's own source
	}
	s := &pass{FilePass: p, replaced: map[string]bool{}, added: map[string]*rules.Diagnostic{}}
	p.Options(rules.SharedTableWrite, &s.options)
	for i := range p.FieldWrites {
		w := &p.FieldWrites[i]
		s.write(w.Target, w.Object, w.Key, w.Value)
	}
	for i := range p.API.Calls {
		if c := &p.API.Calls[i]; c.Ref == (alias.Ref{Member: "rawset"}) && len(c.Args) == 3 {
			s.write(c.Node, c.Args[0], c.Args[1], c.Args[2])
		}
	}
	for _, table := range s.order {
		p.Report(*s.added[table])
	}
}

// write looks at one assignment to a field.
func (s *pass) write(n, object, key, value syntax.Node) {
	if s.isSharedData(object) {
		s.report(n, key, "", rules.Diagnostic{
			Severity: rules.Error,
			Message:  "shared data is read-only: writing to it raises an error",
			Label:    "this table is shared by all services of the process",
			Help:     []string{"copy what is to be changed, or publish a new version with sharedata.update or sharetable.update"},
		})
		return
	}
	table, model := s.shared(object)
	if model == nil {
		return
	}
	field := s.name(key)
	entry := model.Member(field)
	switch {
	case s.Allow.Has(table, field), entry != nil && entry.Flags.Has(models.Writable), s.isFallback(n, object, key, value):
	case s.Tree.Kind(key) == syntax.String && (entry == nil || !entry.In(s.Dialect)):
		if !s.Early && !s.returns(object) {
			s.add(n, table, field)
		}
	default:
		s.report(n, key, table, rules.Diagnostic{
			Message: fmt.Sprintf("the field '%s' of the shared table '%s' is replaced", field, table),
			Label:   "every file of the service gets this instead",
			Help:    []string{"put the function into a module of your own"},
		})
	}
}

// report reports a field once.
func (s *pass) report(n, key syntax.Node, table string, d rules.Diagnostic) {
	d.Key = table + "." + s.name(key)
	if s.replaced[d.Key] {
		return
	}
	s.replaced[d.Key] = true
	d.Rule, d.Location = rules.SharedTableWrite, s.At(n)
	s.Report(d)
}

// add notes a field that the table did not have.
func (s *pass) add(n syntax.Node, table, field string) {
	d := s.added[table]
	if d == nil {
		s.added[table] = &rules.Diagnostic{
			Rule: rules.SharedTableWrite, Location: s.At(n), Key: table,
			Message: fmt.Sprintf("the field '%s' is added to the shared table '%s'", field, table),
			Label:   "every file of the service sees this",
			Help:    []string{"put the function into a module of your own"},
		}
		s.order = append(s.order, table)
	} else if len(d.Related) < 3 {
		d.Related = append(d.Related, rules.Related{Location: s.At(n), Message: "so is '" + field + "'"})
	}
}

// name returns the name of a field as it is written.
func (s *pass) name(key syntax.Node) string {
	if s.Tree.Kind(key) == syntax.String {
		return s.Tree.Str(key)
	}
	return "[" + s.Tree.Text(key) + "]"
}

// shared returns the shared table that an expression names, and its model.
func (s *pass) shared(object syntax.Node) (string, *models.Table) {
	ref := s.API.Ref(object)
	if !ref.Known() || ref == (alias.Ref{Member: "_G"}) || ref == (alias.Ref{Member: "_ENV"}) {
		return "", nil // the global table is for SKY102
	}
	if ref.Module == "" && ref.Member != "" {
		if e := s.Program.Models.Global(ref.Member); e == nil || e.Kind != models.KindTable || !e.MayBeIn(s.Dialect) {
			return "", nil
		}
		ref = alias.Ref{Module: ref.Member}
	}
	if ref.Member != "" {
		return "", nil
	}
	return ref.Module, s.Program.Models.Table(ref.Module)
}

// isSharedData reports whether an expression is the result of an API call that gives shared
// data, or a table within it.
func (s *pass) isSharedData(object syntax.Node) bool {
	for s.Tree.Kind(object) == syntax.Index {
		object, _ = s.Tree.Index(object)
	}
	call := s.API.Origin(object)
	if s.Tree.Kind(call) != syntax.Call {
		return false
	}
	for i := range s.Uses {
		if u := &s.Uses[i]; u.Node == call && !u.Protected && len(u.Entry.Results) > 0 && u.Entry.Results[0].Role == models.RoleShared {
			return true
		}
	}
	return false
}

// isFallback recognises what supplies a field only where it is missing: t.f = t.f or g, or
// anything below "if not t.f then".
func (s *pass) isFallback(n, object, key, value syntax.Node) bool {
	if s.Tree.Kind(key) != syntax.String {
		return false
	}
	ref := s.API.Ref(object)
	isField := func(e syntax.Node) bool {
		e = s.Tree.Unparen(e)
		if s.Tree.Kind(e) != syntax.Index {
			return false
		}
		o, k := s.Tree.Index(e)
		return s.Tree.Str(k) == s.Tree.Str(key) && s.API.Ref(o) == ref
	}
	if s.Tree.Kind(value) == syntax.Binary {
		if op, left, _ := s.Tree.Binary(value); op == syntax.Or && isField(left) {
			return true
		}
	}
	for clause := s.Tree.Parent(n); clause != syntax.None; clause = s.Tree.Parent(clause) {
		if s.Tree.Kind(clause) != syntax.Clause {
			continue
		}
		cond, _ := s.Tree.Clause(clause)
		switch cond = s.Tree.Unparen(cond); s.Tree.Kind(cond) {
		case syntax.Unary:
			if s.Tree.Op(cond) == syntax.Not && isField(s.Tree.Operand(cond)) {
				return true
			}
		case syntax.Binary:
			op, left, right := s.Tree.Binary(cond)
			if op == syntax.Eq && (isField(left) && s.Tree.Kind(right) == syntax.Nil || isField(right) && s.Tree.Kind(left) == syntax.Nil) {
				return true
			}
		}
	}
	return false
}

// returns reports whether the chunk returns the table: then the file is the module that the
// table is the core of, as cjson.lua may be of the C library cjson.core.
func (s *pass) returns(object syntax.Node) bool {
	ref := s.API.Ref(object)
	if ref.Module == "" {
		return false
	}
	list := s.Tree.Statements(s.Tree.Main)
	if len(list) == 0 || s.Tree.Kind(list[len(list)-1]) != syntax.ReturnStat {
		return false
	}
	results := s.Tree.Results(list[len(list)-1])
	m := s.Program.Models.Module(ref.Module)
	return len(results) == 1 && s.API.Ref(results[0]) == ref && m != nil && m.Native
}
