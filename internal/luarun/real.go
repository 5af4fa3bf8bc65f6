package luarun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/syntax"
)

// liveness is how long a program may run before it is taken for hanging.
const liveness = 20 * time.Second

// A Real is a real lua5.4.
type Real struct {
	path, folder string
}

// FindReal finds the real Lua as package luadiff does; Close must be called.
func FindReal() (*Real, error) {
	path, err := luadiff.Find(syntax.Lua54)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "luarun-")
	if err != nil {
		return nil, err
	}
	return &Real{path: path, folder: folder}, nil
}

// Close removes what was made.
func (r *Real) Close() error { return os.RemoveAll(r.folder) }

// Run runs a program in a process of its own. The error says that it could not be run to
// its end.
func (r *Real) Run(p *Program) (Result, error) {
	folder, err := os.MkdirTemp(r.folder, "p")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(folder)
	if err := os.WriteFile(filepath.Join(folder, p.Chunk()), []byte(p.Text), 0o600); err != nil {
		return Result{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), liveness)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.path, p.Chunk())
	cmd.Dir = folder
	cmd.Env = []string{"TZ=UTC", "LC_ALL=C"} // and no LUA_INIT
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	result := Result{Output: stdout.String()}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return Result{}, fmt.Errorf("%s: %s did not end within %v", r.path, p.Name, liveness)
	case errors.As(err, &exit):
		result.Exit = exit.ExitCode()
	case err != nil:
		return Result{}, err
	}
	first, _, _ := strings.Cut(stderr.String(), "\n")
	if _, message, ok := strings.Cut(first, ": "); ok && strings.HasPrefix(first, r.path) {
		first = message
	}
	result.Message = first
	return result, nil
}
