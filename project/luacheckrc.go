package project

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/skylint/skylint/config/luacheckrc"
	"github.com/skylint/skylint/source"
)

// readLuacheckrc notes for each file what the nearest .luacheckrc above it, up to the root,
// declares. luacheck would run that file; here it is data.
func (l *loader) readLuacheckrc() {
	// folder has the configuration for the files of a folder, and where it lies.
	type folder struct {
		config *luacheckrc.Config
		dir    string
	}
	folders, reported := map[string]folder{}, map[*luacheckrc.Config]bool{}
	var find func(dir string) folder
	find = func(dir string) folder {
		if f, ok := folders[dir]; ok {
			return f
		}
		f := folder{config: l.luacheckrcIn(dir), dir: dir}
		if f.config == nil && dir != "." {
			f = find(path.Dir(dir))
		}
		folders[dir] = f
		return f
	}
	for _, f := range l.project.Files {
		if f.Tree == nil || path.IsAbs(f.Path) || strings.HasPrefix(f.Path, "../") {
			continue // outside of the project
		}
		c := find(f.dir)
		if c.config == nil {
			continue
		}
		f.Luacheck = c.config.For(strings.TrimPrefix(f.Path, strings.TrimPrefix(c.dir+"/", "./")))
		if f.Vendored == "" && !reported[c.config] { // other people's broken files are no problem of the project's
			reported[c.config] = true
			l.project.Problems = append(l.project.Problems, c.config.Problems...)
		}
	}
}

// luacheckrcIn reads the .luacheckrc of a folder, nil if there is none that can be read.
func (l *loader) luacheckrcIn(dir string) *luacheckrc.Config {
	name := filepath.Join(l.project.Root, filepath.FromSlash(dir), luacheckrc.FileName)
	// A folder, a device or a pipe of that name is nobody's configuration.
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() || info.Size() > maxConfig {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	return luacheckrc.Read(source.New(path.Join(dir, luacheckrc.FileName), string(text)))
}
