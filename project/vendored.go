package project

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/skylint/skylint/config/glob"
	"github.com/skylint/skylint/project/discover"
)

// markVendored finds the copies of other people's code. A copy that the user asks for by its
// own path is not taken for one.
func (l *loader) markVendored() {
	v := &vendoring{files: map[string]bool{}, folders: map[string]bool{}, roots: map[string]string{}}
	for _, f := range l.project.Files {
		v.files[f.Path] = true
		v.folders[f.dir] = true
	}
	v.submodules = readSubmodules(filepath.Join(l.project.Root, ".gitmodules"))
	v.globs = glob.Set(l.o.Config.Files.Vendored)
	for _, a := range l.asked {
		if dir := l.pathOf(a); dir != "." && !strings.HasPrefix(dir, "..") {
			v.asked = append(v.asked, dir)
		}
	}
	own, licensed := 0, []*File(nil)
	for _, f := range l.project.Files {
		if f.Vendored = v.root(f.dir); f.Vendored == "" && len(v.globs) > 0 && v.globs.Match(f.Path) {
			f.Vendored = f.Path
		}
		if f.Vendored != "" {
			continue
		}
		own++
		if hasOwnLicense(f.Text) {
			licensed = append(licensed, f)
		}
	}
	// A licence within a file is a sign of a copied library, unless it is the project's habit.
	if len(licensed)*10 <= own {
		for _, f := range licensed {
			if !f.Summary.StartsAtLoad() && !v.isAsked(f.Path) {
				f.Vendored = f.Path
			}
		}
	}
}

// vendoring decides for folders.
type vendoring struct {
	files      map[string]bool
	folders    map[string]bool   // those with files in them
	roots      map[string]string // by folder
	submodules []string
	globs      glob.Set
	asked      []string
}

// vendorFolders hold copies, one in each folder below.
var vendorFolders = map[string]bool{
	"3rd": true, "3rdparty": true, "third_party": true, "third-party": true, "thirdparty": true, "vendor": true,
	"vendors": true, "vendored": true, "deps": true, "external": true, "externals": true, "lua_modules": true,
	"luarocks": true, ".luarocks": true,
}

// root returns the root of the copy that a folder is part of, "" if it is the project's own.
func (v *vendoring) root(dir string) string {
	if dir == "." || dir == "/" || strings.HasPrefix(dir, "..") {
		return ""
	}
	if r, ok := v.roots[dir]; ok {
		return r
	}
	r := v.root(path.Dir(dir))
	if r == "" && v.begins(dir) && !v.isAsked(dir) {
		r = dir
	}
	v.roots[dir] = r
	return r
}

// begins reports whether a folder whose parents are the project's own is a copy.
func (v *vendoring) begins(dir string) bool {
	parent, name := path.Split(dir)
	parent = strings.TrimSuffix(parent, "/")
	if vendorFolders[path.Base(parent)] && parent != "" {
		return true // 3rd/json
	}
	if vendorFolders[name] && v.folders[dir] {
		return true // 3rd/json.lua: all of 3rd
	}
	for _, s := range v.submodules {
		if s == dir {
			return true
		}
	}
	if strings.HasSuffix(parent, "share/lua") { // a tree of luarocks
		return true
	}
	if v.files[dir+"/lualib/skynet.lua"] && v.files[dir+"/service/launcher.lua"] {
		return true
	}
	return len(v.globs) > 0 && v.globs.Match(dir)
}

// isAsked reports whether the user asked for a path itself, or for something in it.
func (v *vendoring) isAsked(p string) bool {
	for _, a := range v.asked {
		if a == p || strings.HasPrefix(a, p+"/") {
			return true
		}
	}
	return false
}

// readSubmodules returns the paths of a .gitmodules file.
func readSubmodules(name string) []string {
	text, err := discover.Read(name, 1<<20)
	if err != nil {
		return nil
	}
	var paths []string
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, "=")
		if ok && strings.TrimSpace(key) == "path" {
			paths = append(paths, path.Clean(strings.Trim(strings.TrimSpace(value), `"`)))
		}
	}
	return paths
}

// hasOwnLicense reports whether a file carries the licence under which it may be copied.
func hasOwnLicense(text string) bool {
	head := text[:min(len(text), 4096)]
	return strings.Contains(head, "Permission is hereby granted, free of charge") ||
		strings.Contains(head, "_LICENSE") && (strings.Contains(head, "_DESCRIPTION") || strings.Contains(head, "_VERSION"))
}
