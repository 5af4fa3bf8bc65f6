package config

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/source"
)

// Skynet is what a skynet config file says, as far as it matters for reading a project.
// Keys are spelt as skynet spells them; paths are relative to Cwd.
type Skynet struct {
	Cwd        document.Text     `toml:"cwd" doc:"The folder in which skynet is started, relative to sky.toml."`
	Env        map[string]string `toml:"env" doc:"Environment variables for $NAME in skynet config files. Others are taken from the environment."`
	LuaService Patterns          `toml:"luaservice" doc:"Where services are: patterns with ? for the name."`
	LuaPath    Patterns          `toml:"lua_path" doc:"Where require finds Lua modules."`
	LuaCPath   Patterns          `toml:"lua_cpath" doc:"Where require finds C modules."`
	CPath      Patterns          `toml:"cpath" doc:"Where C services are."`
	Snax       Patterns          `toml:"snax" doc:"Where snax services are."`
	LuaLoader  document.Text     `toml:"lualoader" doc:"The file that loads each Lua service."`
	Preload    document.Text     `toml:"preload" doc:"The file that runs before each Lua service."`
	Bootstrap  document.Text     `toml:"bootstrap" doc:"The first service and its arguments."`
	Start      document.Text     `toml:"start" doc:"The service that bootstrap launches."`
	Cluster    document.Text     `toml:"cluster" doc:"The file with the names of the cluster's nodes."`
	Settings   map[string]Scalar `toml:"settings" doc:"Other keys of skynet's config, as skynet.getenv returns them."`
}

// fill takes from other what s does not say itself.
func (s *Skynet) fill(other *Skynet) {
	texts := [][2]*document.Text{
		{&s.Cwd, &other.Cwd}, {&s.LuaLoader, &other.LuaLoader}, {&s.Preload, &other.Preload},
		{&s.Bootstrap, &other.Bootstrap}, {&s.Start, &other.Start}, {&s.Cluster, &other.Cluster},
	}
	for _, t := range texts {
		if !t[0].IsSet() {
			*t[0] = *t[1]
		}
	}
	lists := [][2]*Patterns{
		{&s.LuaService, &other.LuaService}, {&s.LuaPath, &other.LuaPath}, {&s.LuaCPath, &other.LuaCPath},
		{&s.CPath, &other.CPath}, {&s.Snax, &other.Snax},
	}
	for _, l := range lists {
		if *l[0] == nil {
			*l[0] = *l[1]
		}
	}
	s.Env = merged(other.Env, s.Env)
	s.Settings = merged(other.Settings, s.Settings)
}

func merged[V any](under, over map[string]V) map[string]V {
	if len(under) == 0 {
		return over
	}
	both := maps.Clone(under)
	maps.Copy(both, over)
	return both
}

// System is what all nodes of a project share.
type System struct {
	Config PathList `toml:"config" doc:"The skynet config files, each a node. Without it, and without [node.NAME], they are found by their content."`
	Skynet
}

// A Node is one skynet process.
type Node struct {
	Name   string
	At     source.Span   // of its name in sky.toml
	Config document.Text `toml:"config" doc:"The skynet config file of the node. What stands here wins over what stands there."`
	Skynet
}

// Patterns is a search path: patterns with "?" for a name, in the order in which they are
// tried.
type Patterns []document.Text

// DecodeValue implements document.Decoder. It takes a list, and a string with ";" as skynet
// config files have it.
func (p *Patterns) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	list := Patterns{}
	add := func(item *document.Value) {
		for part := range strings.SplitSeq(item.Str, ";") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, document.Text{Text: part, At: item.Span})
			}
		}
	}
	if v.Kind == document.String {
		add(v)
	} else {
		eachString(v, name, "a list of patterns", errs, add)
	}
	if v.Kind == document.List || v.Kind == document.String {
		*p = list
	}
}

// PathList is one path or several.
type PathList []document.Text

// DecodeValue implements document.Decoder.
func (p *PathList) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	list := PathList{}
	if v.Kind == document.String {
		list = append(list, document.Text{Text: v.Str, At: v.Span})
	} else {
		eachString(v, name, "a path or a list of paths", errs, func(item *document.Value) {
			list = append(list, document.Text{Text: item.Str, At: item.Span})
		})
	}
	if v.Kind == document.List || v.Kind == document.String {
		*p = list
	}
}

// A Scalar is a setting as skynet.getenv returns it: numbers and booleans are text.
type Scalar string

// DecodeValue implements document.Decoder.
func (s *Scalar) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	switch v.Kind {
	case document.String:
		*s = Scalar(v.Str)
	case document.Integer:
		*s = Scalar(strconv.FormatInt(v.Int, 10))
	case document.Float:
		*s = Scalar(strconv.FormatFloat(v.Float, 'g', 14, 64))
	case document.Boolean:
		*s = Scalar(strconv.FormatBool(v.Bool))
	default:
		document.Mismatch(v, name, "a string, a number or a boolean", errs)
	}
}

// nodeTable keeps [node] until the rest is decoded.
type nodeTable struct{ table *document.Table }

// DecodeValue implements document.Decoder.
func (n *nodeTable) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	if v.Kind != document.TableKind {
		p := len(errs.List)
		document.Mismatch(v, name, "a table of nodes", errs)
		if v.Kind == document.List {
			errs.List[p].Help = []string{"write [node.NAME]"}
		}
		return
	}
	n.table = v.Table
}

func (c *Config) decodeNodes(t *document.Table, sections []Section, errs *document.Errors) {
	if t == nil {
		return
	}
	for i := range t.Entries {
		e := &t.Entries[i]
		if e.Value.Kind != document.TableKind {
			errs.Add(e.At, fmt.Sprintf("%q must be a table, the settings of a node", t.Sub(e.Key)), fmt.Sprintf("write [node.NAME], and %s below it", e.Key))
			continue
		}
		node := Node{Name: e.Key, At: e.At}
		var known []string
		for _, s := range sections {
			if s.inNodes() {
				known = append(known, s.sectionName())
			}
		}
		document.DecodeOpen(e.Value.Table, &node, errs, known, func(sub *document.Entry) bool {
			return c.decodeInNode(node.Name, e.Value.Table, sub, sections, errs)
		})
		node.fill(&c.System.Skynet)
		c.Nodes = append(c.Nodes, node)
	}
}
