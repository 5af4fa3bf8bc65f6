// Package luadiff compares what package syntax says about a Lua text with what real
// Lua interpreters say: both accept it, or both reject it at the same line.
//
// It finds and runs real Luas for the whole project: the interpreters lua5.1, lua5.3, lua5.4
// and luajit, and lua5.2 and lua5.5 where the environment names them.
package luadiff

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/skylint/skylint/syntax"
)

//go:embed driver.lua
var driver string

// A Verdict is what a real Lua says about one text.
type Verdict struct {
	// OK says that the text compiles.
	OK bool
	// Line is the line, from 1, of the message that rejects it; 0 where the message
	// has none (a broken binary chunk, or a C stack used up).
	Line int
	// Message is the message without chunk name and line.
	Message string
}

// String returns "accepts" or "rejects at line 3: message".
func (v Verdict) String() string {
	if v.OK {
		return "accepts"
	}
	if v.Line == 0 {
		return "rejects: " + v.Message
	}
	return fmt.Sprintf("rejects at line %d: %s", v.Line, v.Message)
}

// Required returns the dialects whose real Lua must be there for the tests.
func Required() []syntax.Dialect {
	return []syntax.Dialect{syntax.Lua51, syntax.Lua53, syntax.Lua54, syntax.LuaJIT}
}

// Optional returns the dialects that are compared only where the environment names
// an interpreter, because distributions do not carry one.
func Optional() []syntax.Dialect {
	return []syntax.Dialect{syntax.Lua52, syntax.Lua55}
}

// Variable returns the name of the environment variable that holds the path of the
// dialect's interpreter: SKYLINT_LUA_5_4, SKYLINT_LUA_LUAJIT.
func Variable(d syntax.Dialect) string {
	return "SKYLINT_LUA_" + strings.ToUpper(strings.ReplaceAll(d.String(), ".", "_"))
}

// Command returns the usual name of the dialect's interpreter: lua5.4, luajit.
func Command(d syntax.Dialect) string {
	if d == syntax.LuaJIT {
		return "luajit"
	}
	return "lua" + d.String()
}

// Find returns the path of the dialect's interpreter: what the environment variable
// Variable(d) says or, for a required dialect, the usual name ("lua5.4") on the path.
// The error says how to install it.
func Find(d syntax.Dialect) (string, error) {
	if path := os.Getenv(Variable(d)); path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("%s=%s: %w", Variable(d), path, err)
		}
		return found, nil
	}
	for _, r := range Required() {
		if d != r {
			continue
		}
		if path, err := exec.LookPath(Command(d)); err == nil {
			return path, nil
		}
		return "", fmt.Errorf("%s is not installed: run 'apt-get install %s', or set %s to its path",
			Command(d), Command(d), Variable(d))
	}
	return "", fmt.Errorf("no interpreter for %s: set %s to its path", d.Title(), Variable(d))
}

// An Interpreter is a running real Lua that judges texts. It is safe for concurrent
// use; one text is judged at a time.
type Interpreter struct {
	Dialect syntax.Dialect
	Path    string

	mu     sync.Mutex
	folder string
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors strings.Builder
	dead   bool
}

// Start runs the dialect's interpreter. Close must be called.
func Start(d syntax.Dialect) (*Interpreter, error) {
	path, err := Find(d)
	if err != nil {
		return nil, err
	}
	it := &Interpreter{Dialect: d, Path: path}
	if it.folder, err = os.MkdirTemp("", "luadiff-"); err != nil {
		return nil, err
	}
	if err := it.start(); err != nil {
		os.RemoveAll(it.folder)
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return it, nil
}

func (it *Interpreter) start() error {
	script := filepath.Join(it.folder, "driver.lua")
	if err := os.WriteFile(script, []byte(driver), 0o600); err != nil {
		return err
	}
	it.cmd = exec.Command(it.Path, script, filepath.Join(it.folder, "chunk"))
	// LUA_INIT and its like would run the user's code first.
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "LUA_") {
			it.cmd.Env = append(it.cmd.Env, v)
		}
	}
	it.cmd.Stderr = &it.errors
	in, err := it.cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := it.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	it.in, it.out = in, bufio.NewReaderSize(out, 1<<16)
	return it.cmd.Start()
}

// Close ends the interpreter.
func (it *Interpreter) Close() error {
	it.mu.Lock()
	defer it.mu.Unlock()
	var err error
	if !it.dead {
		it.in.Close()
		err = it.cmd.Wait()
		it.dead = true
	}
	if e := os.RemoveAll(it.folder); err == nil {
		err = e
	}
	return err
}

// Judge returns the verdict on each text, in order. All texts are sent at once, so
// that many small ones cost little. An error means that the interpreter died or did
// not keep to the protocol; it is then of no further use.
func (it *Interpreter) Judge(texts ...string) ([]Verdict, error) {
	verdicts := make([]Verdict, 0, len(texts))
	err := it.ask(texts, 1, func(v Verdict, _ string) { verdicts = append(verdicts, v) })
	return verdicts, err
}

// Evaluate runs each text, which must be harmless, and returns what it returns: a string
// as it is, a float with 17 digits, and other values as tostring gives them. It returns
// "error" for a text that does not compile.
func (it *Interpreter) Evaluate(texts ...string) ([]string, error) {
	values := make([]string, 0, len(texts))
	err := it.ask(texts, -1, func(v Verdict, value string) {
		if !v.OK {
			value = "error"
		}
		values = append(values, value)
	})
	return values, err
}

// Quote writes a text as a string literal that every Lua reads back byte for byte.
func Quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03d`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func (it *Interpreter) ask(texts []string, sign int, take func(Verdict, string)) error {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.dead {
		return fmt.Errorf("%s: is closed", it.Path)
	}
	sent := make(chan error, 1)
	go func() {
		w := bufio.NewWriterSize(it.in, 1<<16)
		for _, text := range texts {
			fmt.Fprintf(w, "%d ", sign*len(text))
			w.WriteString(text)
		}
		sent <- w.Flush()
	}()
	for i := range texts {
		v, value, err := it.answer()
		if err != nil {
			it.cmd.Process.Kill() // unblocks the sender
			<-sent
			it.cmd.Wait()
			it.dead = true
			return fmt.Errorf("%s: %w at text %d of %d: %s", it.Path, err, i+1, len(texts), it.errors.String())
		}
		take(v, value)
	}
	return <-sent
}

var rejection = regexp.MustCompile(`(?s)^chunk:(\d+): (.*)$`)

// answer reads one answer: a verdict, or a value.
func (it *Interpreter) answer() (v Verdict, value string, err error) {
	head, err := it.out.ReadString('\n')
	if err != nil || head == "ok\n" {
		return Verdict{OK: true}, "", err
	}
	kind, number, _ := strings.Cut(strings.TrimSpace(head), " ")
	size, err := strconv.Atoi(number)
	if err != nil {
		return v, "", fmt.Errorf("unexpected answer %q", head)
	}
	message := make([]byte, size)
	if _, err := io.ReadFull(it.out, message); err != nil {
		return v, "", err
	}
	if kind == "value" {
		return Verdict{OK: true}, string(message), nil
	}
	parts := rejection.FindSubmatch(message)
	if parts == nil {
		return Verdict{Message: string(message)}, "", nil
	}
	line, err := strconv.Atoi(string(parts[1]))
	return Verdict{Line: line, Message: string(parts[2])}, "", err
}
