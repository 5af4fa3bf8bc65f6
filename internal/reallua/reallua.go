// Package reallua asks the real lua5.4 what a program does. Tests compare with it.
//
// It wants the interpreter lua5.4 on the path, or its path in SKYLINT_LUA_5_4.
package reallua

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

//go:embed driver.lua
var driver string

// Variable names the environment variable that may hold the interpreter's path.
const Variable = "SKYLINT_LUA_5_4"

// Find returns the path of lua5.4. The error says how to install it.
func Find() (string, error) {
	name := os.Getenv(Variable)
	if name == "" {
		name = "lua5.4"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not installed: run 'apt-get install lua5.4', or set %s to its path", name, Variable)
	}
	return path, nil
}

// A Lua is a running lua5.4. It is safe for concurrent use; one program runs at a time.
type Lua struct {
	mu     sync.Mutex
	folder string
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
}

// Start runs lua5.4. Close must be called.
func Start() (*Lua, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "reallua-")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "driver.lua")
	if err := os.WriteFile(file, []byte(driver), 0o600); err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	l := &Lua{folder: folder, cmd: exec.Command(path, file)}
	l.cmd.Stderr = os.Stderr
	if l.in, err = l.cmd.StdinPipe(); err == nil {
		var out io.ReadCloser
		if out, err = l.cmd.StdoutPipe(); err == nil {
			l.out = bufio.NewReader(out)
			err = l.cmd.Start()
		}
	}
	if err != nil {
		os.RemoveAll(folder)
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

// Close ends the interpreter.
func (l *Lua) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.in.Close()
	err := l.cmd.Wait()
	os.RemoveAll(l.folder)
	return err
}

// Run runs a program as the chunk named "chunk". The answer begins with "ok" or "error";
// then follows, on a line each, what was returned, or the error value: "integer 3",
// "float 0x1p-1", "string a\010b" (bytes that are not printable are written in decimal),
// "boolean true", "nil nil", "table".
func (l *Lua) Run(program string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := io.WriteString(l.in, strconv.Itoa(len(program))+" "+program); err != nil {
		return "", err
	}
	line, err := l.out.ReadString('\n')
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return "", err
	}
	answer := make([]byte, n)
	_, err = io.ReadFull(l.out, answer)
	return string(answer), err
}

// Quote writes a text as a string of Lua.
func Quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 127:
			fmt.Fprintf(&b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// String describes a text as Run does.
func String(text string) string {
	var b strings.Builder
	b.WriteString("string ")
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 127 {
			fmt.Fprintf(&b, "\\%03d", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
