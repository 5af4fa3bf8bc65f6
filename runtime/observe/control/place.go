package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Dir returns the folder in which nodes make their sockets: skyrun in the folder that the system has for
// the user's sockets, else one of the user's own among the temporary files.
func Dir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "skyrun")
	}
	return filepath.Join(os.TempDir(), "skyrun-"+strconv.Itoa(os.Getuid()))
}

// Path returns where a node of a name makes its socket.
func Path(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '.' {
			return r
		}
		return '_'
	}, name)
	return filepath.Join(Dir(), fmt.Sprintf("%.40s-%d%s", clean, os.Getpid(), suffix))
}

const suffix = ".sock"

// A Found is the socket of a node.
type Found struct {
	Path string
	Name string // of the node
	PID  int
}

// Find returns the sockets of the user's nodes, by name and then by process. One that is left of a process
// that has ended is taken away.
func Find() ([]Found, error) {
	entries, err := os.ReadDir(Dir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Found
	for _, e := range entries {
		base, ok := strings.CutSuffix(e.Name(), suffix)
		i := strings.LastIndexByte(base, '-')
		if !ok || i < 0 {
			continue
		}
		pid, err := strconv.Atoi(base[i+1:])
		if err != nil {
			continue
		}
		path := filepath.Join(Dir(), e.Name())
		if !alive(path) {
			os.Remove(path)
			continue
		}
		list = append(list, Found{path, base[:i], pid})
	}
	slices.SortFunc(list, func(a, b Found) int {
		if a.Name != b.Name {
			return strings.Compare(a.Name, b.Name)
		}
		return a.PID - b.PID
	})
	return list, nil
}

// alive reports whether somebody listens.
func alive(path string) bool {
	c, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// listen makes a socket that the user alone can open. It is made in a folder that nobody else gets into, and
// moved to its place when its mode is right, so that there is no moment in which others could open it.
func listen(path string) (net.Listener, func(), error) {
	dir := filepath.Dir(path)
	if err := own(dir); err != nil {
		return nil, nil, err
	}
	if info, err := os.Lstat(path); err == nil {
		if info.Mode()&fs.ModeSocket == 0 {
			return nil, nil, fmt.Errorf("%s is there, and no socket", path)
		}
		if alive(path) {
			return nil, nil, fmt.Errorf("another process listens at %s", path)
		}
	}
	temp, err := os.MkdirTemp(dir, ".new")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(temp)
	first := filepath.Join(temp, "s")
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "unix", first)
	if err != nil {
		return nil, nil, fmt.Errorf("%w (the path of a socket may have about 100 bytes)", err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err = os.Chmod(first, 0o600); err == nil {
		err = os.Rename(first, path)
	}
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	return l, func() { os.Remove(path) }, nil
}

// own makes the folder of Dir, and refuses one that others made to read along. Another folder is up to
// who names it.
func own(dir string) error {
	if dir != Dir() {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || !mine(info) {
		return fmt.Errorf("%s is not a folder of this user alone: take it away, or name another socket", dir)
	}
	return nil
}
