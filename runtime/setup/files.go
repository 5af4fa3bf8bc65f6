package setup

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/skynetcfg"
)

// maxFile is how large a file of a service may be: more is no program.
const maxFile = 64 << 20

func read(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", &fs.PathError{Op: "open", Path: name, Err: errors.New("it is not a regular file")}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("it is larger than %d bytes", maxFile)}
	}
	return string(data), err
}

func reason(err error) string {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

func split(list string) []string {
	var all []string
	for part := range strings.SplitSeq(list, ";") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

func texts(list []skynetcfg.Pattern) []string {
	var all []string
	for _, p := range list {
		all = append(all, p.Text)
	}
	return all
}

func words(list config.Patterns) []string {
	var all []string
	for _, p := range list {
		all = append(all, p.Text)
	}
	return all
}

func nodeName(file string) string {
	name := filepath.Base(file)
	name = strings.TrimPrefix(name, "config.")
	return strings.TrimSuffix(name, ".lua")
}

// startDir finds the folder that skynet would be started in: the current one if the start service
// is found from there, else that of the config file or one above it under which most of what
// it names is.
func startDir(c *skynetcfg.Config, file string) string {
	exists := func(name string) bool {
		_, err := os.Stat(filepath.FromSlash(name))
		return err == nil
	}
	here, err := os.Getwd()
	if err == nil {
		here = filepath.ToSlash(here)
		for _, p := range c.LuaService {
			if name := c.Start(); name != "" && exists(absolute(here, strings.ReplaceAll(p.Text, "?", name))) {
				return filepath.FromSlash(here)
			}
		}
	}
	var candidates []string
	for dir := filepath.ToSlash(filepath.Dir(file)); len(candidates) < 8; dir = path.Dir(dir) {
		candidates = append(candidates, dir)
		if dir == path.Dir(dir) {
			break
		}
	}
	if dir, ok := c.StartDir(candidates, exists); ok {
		return filepath.FromSlash(dir)
	}
	return filepath.Dir(file)
}

func absolute(dir, name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join(dir, name)
}

// Configs returns the skynet config files of a folder that start a node, sorted by path: what the
// folder holds, and its folders two levels down. One that does not say what it starts is a part
// of others, unless there are no others.
func Configs(dir string) ([]string, error) {
	var found, parts []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if name == dir {
				return err
			}
			return nil
		}
		rel, _ := filepath.Rel(dir, name)
		if d.IsDir() {
			if rel != "." && (strings.HasPrefix(d.Name(), ".") || strings.Count(filepath.ToSlash(rel), "/") >= 2) {
				return filepath.SkipDir
			}
			return nil
		}
		if info, err := d.Info(); err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
			return nil
		}
		text, err := read(name)
		if err != nil || strings.IndexByte(text, 0) >= 0 || !skynetcfg.LooksLike(text) {
			return nil
		}
		n, err := Config(name, Options{Env: os.LookupEnv})
		if err != nil {
			return nil
		}
		if len(n.Start) > 0 {
			if _, err := n.Service(n.Start[0]); err != nil {
				return nil
			}
			if _, says := n.Env["start"]; says || len(n.Bootstrap) > 0 {
				found = append(found, name)
			} else {
				parts = append(parts, name)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return parts, nil
	}
	return found, nil
}
