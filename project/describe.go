package project

import (
	"fmt"
	"slices"
	"strings"
)

// String returns the name of the kind for people.
func (k ServiceKind) String() string {
	return [...]string{"service", "snax service", "function service", "container", "program"}[k]
}

// Describe writes for people what a project is: its nodes with their services, what no
// service loads, and what could not be resolved.
func Describe(p *Project) string {
	var b strings.Builder
	own, vendored := 0, map[string]int{}
	for _, f := range p.Files {
		if f.Vendored == "" {
			own++
		} else {
			vendored[f.Vendored]++
		}
	}
	fmt.Fprintf(&b, "%s, %s, %s", count(len(p.Files), "file"), count(len(p.Nodes), "node"), count(len(p.Services), "service"))
	if len(vendored) > 0 {
		fmt.Fprintf(&b, "; %s in %s", count(len(p.Files)-own, "file"), count(len(vendored), "copy of other people's code"))
	}
	b.WriteString("\n")
	for i, n := range p.Nodes {
		fmt.Fprintf(&b, "\nnode %s", n.Name)
		switch {
		case n.Config != nil:
			fmt.Fprintf(&b, " (%s, started in %s)", n.Config.Path, n.Dir)
		case n.Implicit():
			fmt.Fprintf(&b, " (no configuration, %s)", n.Dir)
		}
		if n.Vendored != "" {
			b.WriteString(", other people's")
		}
		b.WriteString("\n")
		if same := slices.IndexFunc(p.Nodes[:i], func(o *Node) bool { return slices.Equal(o.Services, n.Services) }); same >= 0 {
			fmt.Fprintf(&b, "  the same services as %s\n", p.Nodes[same].Name)
			continue
		}
		for _, s := range n.Services {
			fmt.Fprintf(&b, "  %s\n", s.describe())
		}
	}
	if len(p.Orphans) > 0 {
		fmt.Fprintf(&b, "\nloaded by no service\n")
		for _, f := range p.Orphans {
			fmt.Fprintf(&b, "  %s\n", f.Path)
		}
	}
	lines := map[string]bool{}
	var unresolved []string
	for _, s := range p.Services {
		for i := range s.Opaque {
			if line := s.Opaque[i].describe(); !lines[line] && s.Opaque[i].From.Vendored == "" {
				lines[line] = true
				unresolved = append(unresolved, line)
			}
		}
	}
	if len(unresolved) > 0 {
		fmt.Fprintf(&b, "\nnot resolved\n")
		for _, line := range unresolved {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	return b.String()
}

func (s *Service) describe() string {
	line := fmt.Sprintf("%s: %s", s.Name, s.Main.Path)
	if s.Module != nil {
		line += " with " + s.Module.Path
	}
	if s.Kind == FunctionService {
		line += fmt.Sprintf(":%d", s.Main.Tree.Line(s.Program))
	}
	line += ", " + count(len(s.Files), "file")
	if s.Kind != LuaService {
		line += ", " + s.Kind.String()
	}
	if !s.Launched {
		line += ", launched by nobody"
	}
	if len(s.Opaque) > 0 {
		line += fmt.Sprintf(", %d unresolved", len(s.Opaque))
	}
	return line
}

// describe writes an unresolved load: where it is, what is asked for, and why it is open.
func (l *Require) describe() string {
	text := strings.Join(strings.Fields(l.From.Tree.Text(l.Use.Node)), " ")
	if len(text) > 60 {
		text = text[:57] + "..."
	}
	return fmt.Sprintf("%s:%d: %s: %s", l.From.Path, l.From.Tree.Line(l.Use.Node), text, l.Reason)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if i := strings.Index(what, " of "); i >= 0 && strings.HasSuffix(what[:i], "y") {
		return fmt.Sprintf("%d %sies%s", n, what[:i-1], what[i:])
	}
	return fmt.Sprintf("%d %ss", n, what)
}
