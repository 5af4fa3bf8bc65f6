package runtime

import (
	"path/filepath"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/luaapi/services"
	"github.com/skylint/skylint/source"
)

// Findings returns what has broken rules so far, one finding for each place, in the order of reports. Files
// are named relative to root, an absolute folder. What happened in none of its files (in code that was made
// at run time, in a service of skyrun's own) is left out; left is how much that was.
func (n *Node) Findings(root string) (found []rules.Diagnostic, left int) {
	dir := ""
	if n.options.Setup != nil {
		dir = n.options.Setup.Dir
	}
	files := map[string]*source.File{}
	return n.Guards().Diagnostics(func(p guard.Place) (rules.Location, bool) {
		path := p.Path()
		if path == "" {
			return rules.Location{}, false
		}
		if dir != "" {
			if !filepath.IsAbs(path) {
				path = filepath.Join(dir, filepath.FromSlash(path))
			}
			rel, err := filepath.Rel(root, path)
			if err != nil || !filepath.IsLocal(rel) || services.Own(p.File) {
				return rules.Location{}, false
			}
			path = filepath.ToSlash(rel)
		}
		f := files[path]
		if f == nil || f.Text != p.File.Text {
			f = source.New(path, p.File.Text)
			files[path] = f
		}
		return rules.Location{File: f, Span: p.Span}, true
	})
}
