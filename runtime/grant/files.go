// Package grant is what a script may be given of the world outside: the files of folders.
package grant

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
)

// ErrOutside is the reason why a file is not opened that belongs to no granted folder.
var ErrOutside = errors.New("not granted")

// ErrKind is the reason why something is not opened that is neither file nor folder: reading
// from it might never end.
var ErrKind = errors.New("not a regular file")

// Files are the files of some folders. Neither ".." nor a symbolic link leads out of them. It
// may be used by several goroutines.
type Files struct {
	roots []root
}

type root struct {
	path string // absolute
	dir  *os.Root
}

// OpenFiles grants the files of folders; Close must be called.
func OpenFiles(folders ...string) (*Files, error) {
	f := new(Files)
	for _, folder := range folders {
		path, err := filepath.Abs(folder)
		if err == nil {
			var dir *os.Root
			if dir, err = os.OpenRoot(path); err == nil {
				f.roots = append(f.roots, root{path, dir})
				continue
			}
		}
		f.Close()
		return nil, fmt.Errorf("the folder %s cannot be granted: %w", folder, err)
	}
	return f, nil
}

// Close gives back the folders. Files that are open stay so.
func (f *Files) Close() {
	for _, r := range f.roots {
		r.dir.Close()
	}
}

// find returns the folder that a name belongs to, and its path there.
func (f *Files) find(name string) (*os.Root, string, error) {
	path, err := absolute(name)
	if err != nil {
		return nil, "", err
	}
	for _, r := range f.roots {
		if rel, ok := within(r.path, path); ok {
			return r.dir, rel, nil
		}
	}
	return nil, "", ErrOutside
}

func absolute(name string) (string, error) {
	if name == "" {
		return "", syscall.ENOENT
	}
	return filepath.Abs(name)
}

// within returns the path of a file in a folder, if it is there by its name. Both are absolute.
func within(folder, path string) (rel string, ok bool) {
	rel, err := filepath.Rel(folder, path)
	return rel, err == nil && filepath.IsLocal(rel)
}

// Read returns what a file holds that is in one of some folders, without keeping them open: see Files. Folders
// and file are absolute.
func Read(folders []string, name string, most int64) ([]byte, error) {
	for _, folder := range folders {
		if _, ok := within(folder, name); !ok {
			continue
		}
		f, err := OpenFiles(folder)
		if err != nil {
			return nil, err
		}
		data, err := f.Read(name, most)
		f.Close()
		if err != ErrOutside {
			return data, err
		}
	}
	return nil, ErrOutside
}

// Read returns what a file holds: of one that is larger, one byte more than a number of bytes.
func (f *Files) Read(name string, most int64) ([]byte, error) {
	file, err := f.Open(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, most+1))
}

// Open opens a file as os.OpenFile does, if it is within the folders: one that lies in several by its name is, if no
// link leads out of one of them.
func (f *Files) Open(name string, flag int) (*os.File, error) {
	path, err := absolute(name)
	if err != nil {
		return nil, err
	}
	for _, r := range f.roots {
		if rel, ok := within(r.path, path); ok {
			file, err := r.open(rel, flag)
			if err != ErrOutside {
				return file, err
			}
		}
	}
	return nil, ErrOutside
}

func (r root) open(rel string, flag int) (*os.File, error) {
	if info, err := r.dir.Stat(rel); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, ErrKind
	}
	file, err := r.dir.OpenFile(rel, flag, 0o666)
	return file, reason(err)
}

// Stat says what a name leads to, if that is within the folders.
func (f *Files) Stat(name string) (fs.FileInfo, error) {
	return f.stat(name, (*os.Root).Stat)
}

// Lstat says what a name is, if it is a link.
func (f *Files) Lstat(name string) (fs.FileInfo, error) {
	return f.stat(name, (*os.Root).Lstat)
}

func (f *Files) stat(name string, stat func(*os.Root, string) (fs.FileInfo, error)) (fs.FileInfo, error) {
	dir, rel, err := f.find(name)
	if err != nil {
		return nil, err
	}
	info, err := stat(dir, rel)
	return info, reason(err)
}

// Mkdir makes a folder.
func (f *Files) Mkdir(name string) error {
	dir, rel, err := f.find(name)
	if err != nil {
		return err
	}
	return reason(dir.Mkdir(rel, 0o777))
}

// Remove removes a file, or a folder that is empty.
func (f *Files) Remove(name string) error {
	dir, rel, err := f.find(name)
	if err != nil {
		return err
	}
	return reason(dir.Remove(rel))
}

// Rename gives a file another name in the same granted folder.
func (f *Files) Rename(from, to string) error {
	dir, old, err := f.find(from)
	if err != nil {
		return err
	}
	target, rel, err := f.find(to)
	if err != nil {
		return err
	}
	if target != dir {
		return syscall.EXDEV
	}
	return reason(dir.Rename(old, rel))
}

// Temp makes an empty file in the first folder, and returns its name too.
func (f *Files) Temp() (*os.File, string, error) {
	for {
		name := filepath.Join(f.roots[0].path, fmt.Sprintf("lua_%08x", rand.Uint32()))
		file, err := f.Open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
		if !errors.Is(err, fs.ErrExist) {
			return file, name, err
		}
	}
}

// reason returns what the system says of a failure, without the path; ErrOutside when a link
// leads out.
func reason(err error) error {
	if err == nil {
		return nil
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return ErrOutside // os.Root has refused it
}
