// Package atomicfile writes files whole or not at all: whoever reads the file sees the
// old content or the new one, never a part, even if the writer dies half-way.
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
	"strconv"
)

// Write makes write's output the content of the file at path.
//
// The output goes to a temporary file in the same folder, which then takes the place of
// the file. An existing file keeps its permissions, and stays as it is when write or
// anything else fails; one that nobody may write is not replaced. A symbolic link is
// followed. What is no regular file, such as /dev/stdout or a named pipe, cannot be
// replaced and is written directly. Nothing forces the content to the disk: that would
// cost more than the analysis, and guards against no more than a crash of the machine.
//
// Errors name the path. An error of write is returned as it is.
func Write(path string, write func(io.Writer) error) (err error) {
	target, old, err := resolve(path)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	if old != nil && !old.Mode().IsRegular() {
		return writeDirectly(path, target, old, write)
	}

	temp, err := create(filepath.Dir(target))
	if err != nil {
		return fmt.Errorf("cannot write %s: no new file in its folder: %w", path, cause(err))
	}
	defer func() {
		if err != nil {
			temp.Close() // a second time does no harm; Windows removes closed files only
			os.Remove(temp.Name())
		}
	}()
	if old != nil {
		if err := temp.Chmod(old.Mode().Perm()); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return fmt.Errorf("cannot write %s: %w", path, cause(err))
		}
	}
	if err := fill(path, temp, write); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	if err := os.Rename(temp.Name(), target); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	return nil
}

// resolve returns the path behind symbolic links, and what is there now: nil for nothing.
func resolve(path string) (string, fs.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// Nothing there, or a link to nothing: then the file that it names is made.
		if link, linkErr := os.Readlink(path); linkErr == nil {
			if !filepath.IsAbs(link) {
				link = filepath.Join(filepath.Dir(path), link)
			}
			return link, nil, nil
		}
		return path, nil, nil
	case err != nil:
		return "", nil, err
	case info.IsDir():
		return "", nil, errors.New("it is a folder")
	case !info.Mode().IsRegular():
		// Not resolved: what /dev/stdout leads to has a name that cannot be opened.
		return path, info, nil
	case info.Mode().Perm()&0o222 == 0:
		return "", nil, errors.New("the file is read-only")
	}
	target, err := filepath.EvalSymlinks(path)
	return target, info, err
}

func writeDirectly(path, target string, old fs.FileInfo, write func(io.Writer) error) error {
	file, err := os.OpenFile(target, os.O_WRONLY, old.Mode().Perm())
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	if err := fill(path, file, write); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	return nil
}

// fill runs write on a buffered file, and keeps apart the errors of the two.
func fill(path string, file *os.File, write func(io.Writer) error) error {
	buffer := bufio.NewWriterSize(file, 1<<16)
	if err := write(buffer); err != nil {
		return err
	}
	if err := buffer.Flush(); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	return nil
}

// create opens a new file of an unused name. Unlike that of os.CreateTemp, its mode is
// the one that every new file of the user has.
func create(dir string) (*os.File, error) {
	for try := 0; ; try++ {
		name := filepath.Join(dir, ".skylint-"+strconv.FormatUint(rand.Uint64(), 36)+".tmp")
		file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) && try < 100 {
			continue
		}
		return file, err
	}
}

// cause drops operation and path of the error of a file, since the path is that of a
// temporary file and the message has its own.
func cause(err error) error {
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case errors.As(err, &pathErr):
		return pathErr.Err
	case errors.As(err, &linkErr):
		return linkErr.Err
	}
	return err
}
