// Package atomicfile writes files whole or not at all.
//
// It guards against a program that is stopped half-way and against readers that look too
// early. It does not wait for the disk, so it does not guard against a loss of power.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Write calls write, and puts what it has written in the place of the file at path. If
// write or anything else fails, what was at path before stays there. The mode of a file
// that is replaced is kept, and a symbolic link goes on pointing to it. A path that is
// not a regular file (a device, a named pipe) is written to directly.
//
// Write may be called by several goroutines at once, also for one path.
func Write(path string, write func(io.Writer) error) error {
	mode := fs.FileMode(0o666)
	exists := false
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder: name a file in it", path)
	case err == nil && !info.Mode().IsRegular():
		return writeThrough(path, write)
	case err == nil:
		mode, exists = info.Mode().Perm(), true
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}

	temp, err := create(path, mode)
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // is gone after the rename
	if exists {
		// The umask took its share when the file was made.
		if err := temp.Chmod(mode); err != nil {
			temp.Close()
			return err
		}
	}
	if err := fill(temp, write); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// writeThrough writes to what is not a file with a content to keep.
func writeThrough(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return fill(f, write)
}

// fill writes to f and closes it.
func fill(f *os.File, write func(io.Writer) error) error {
	w := bufio.NewWriterSize(f, 1<<16)
	return errors.Join(write(w), w.Flush(), f.Close())
}

// create opens a new file beside path: a rename works within one file system only.
func create(path string, mode fs.FileMode) (*os.File, error) {
	dir := filepath.Dir(path)
	for {
		name := filepath.Join(dir, fmt.Sprintf(".skylint-%08x.tmp", rand.Uint32()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			var p *fs.PathError
			if errors.As(err, &p) {
				err = p.Err
			}
			return nil, fmt.Errorf("%s: cannot make a file in its folder: %w", path, err)
		}
		return f, nil
	}
}
