package agreement

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// A System is the Lua files of one system, by their paths.
type System struct {
	Name  string
	Files map[string]string
}

// Services returns the names of its services: the files of the folder service.
func (s *System) Services() []string {
	var list []string
	for path := range s.Files {
		if name, ok := strings.CutPrefix(path, "service/"); ok && strings.HasSuffix(name, ".lua") {
			list = append(list, strings.TrimSuffix(name, ".lua"))
		}
	}
	slices.Sort(list)
	return list
}

var networked = regexp.MustCompile(`"(skynet\.socket|skynet\.db|http\.|snax\.gateserver|debug_console)`)

// Networked reports whether the system opens sockets: no clock but the real one is right for it.
func (s *System) Networked() bool {
	for _, text := range s.Files {
		if networked.MatchString(text) {
			return true
		}
	}
	return false
}

// Write writes the files into a folder.
func (s *System) Write(root string) error {
	for path, text := range s.Files {
		name := filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Archives returns the systems of txtar files.
func Archives(pattern string) ([]System, error) {
	names, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	var list []System
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			return nil, err
		}
		s := System{Name: strings.TrimSuffix(filepath.Base(name), ".txtar"), Files: map[string]string{}}
		for _, f := range a.Files {
			s.Files[f.Name] = string(f.Data)
		}
		list = append(list, s)
	}
	return list, nil
}
