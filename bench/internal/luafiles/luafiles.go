// Package luafiles finds the Lua files that the benchmarks run over.
package luafiles

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/skylint/skylint/source"
)

// Read returns every .lua file below dir, in the order of their paths, vendored ones
// included. A path is relative to dir.
func Read(dir string) ([]*source.File, error) {
	var files []*source.File
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !strings.HasSuffix(path, ".lua") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files = append(files, source.New(filepath.ToSlash(name), string(text)))
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no .lua files", dir)
	}
	return files, err
}
