// Package luarun runs whole Lua programs, under a real lua5.4 and under skyrun, and compares
// what they print and how they end. It is used by tests, by bench/vm and by bench/suite.
package luarun

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// A Program is a Lua program of an archive, with what a real lua5.4 makes of it.
type Program struct {
	Name string // of the program, without ".lua"
	Text string
	Want string // Result.String of the real one; "" if it was not recorded yet
}

// Chunk is the file name under which the program runs, for its messages.
func (p *Program) Chunk() string { return "program.lua" }

// An Archive is a txtar file of programs: "-- name.lua --" is followed by its text, and
// "-- name.out --" by what it prints.
type Archive struct {
	Path     string
	Programs []*Program

	comment []byte
}

// Name returns the archive's file name without ending.
func (a *Archive) Name() string { return strings.TrimSuffix(filepath.Base(a.Path), ".txtar") }

// ReadArchives reads all archives of a folder.
func ReadArchives(folder string) ([]*Archive, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: no *.txtar files", folder)
	}
	slices.Sort(paths)
	archives := make([]*Archive, len(paths))
	for i, path := range paths {
		if archives[i], err = readArchive(path); err != nil {
			return nil, err
		}
	}
	return archives, nil
}

func readArchive(path string) (*Archive, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	parsed := txtar.Parse(data)
	a := &Archive{Path: path, comment: parsed.Comment}
	byName := make(map[string]*Program)
	for _, f := range parsed.Files {
		if name, ok := strings.CutSuffix(f.Name, ".lua"); ok {
			if byName[name] != nil {
				return nil, fmt.Errorf("%s: %s is there twice", path, f.Name)
			}
			p := &Program{Name: name, Text: string(f.Data)}
			byName[name] = p
			a.Programs = append(a.Programs, p)
			continue
		}
		name, ok := strings.CutSuffix(f.Name, ".out")
		if !ok || byName[name] == nil {
			return nil, fmt.Errorf("%s: %s belongs to no program: a file is NAME.lua, or NAME.out behind it", path, f.Name)
		}
		byName[name].Want = string(f.Data)
	}
	return a, nil
}

// Write writes the archive back, with what its programs are wanted to print.
func (a *Archive) Write() error {
	out := &txtar.Archive{Comment: a.comment}
	for _, p := range a.Programs {
		out.Files = append(out.Files,
			txtar.File{Name: p.Name + ".lua", Data: []byte(p.Text)},
			txtar.File{Name: p.Name + ".out", Data: []byte(p.Want)})
	}
	return os.WriteFile(a.Path, txtar.Format(out), 0o644)
}
