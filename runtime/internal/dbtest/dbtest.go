// Package dbtest starts real servers of databases for tests, each on a free port of the loopback, with
// its files in a folder of the test.
package dbtest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// patience is how long a server may take to start.
const patience = 30 * time.Second

// find returns the programs that a server needs. Where CI is set, and so in the gate, a missing
// one fails the test; elsewhere ok is false and the test says so and returns, so that Go and make are
// enough to run the tests.
func find(t *testing.T, names ...string) (paths []string, ok bool) {
	t.Helper()
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			path, err = exec.LookPath(filepath.Join("/usr/sbin", name))
		}
		switch {
		case err == nil:
			paths = append(paths, path)
		case os.Getenv("CI") != "":
			t.Fatalf("no %s to compare with: %v", name, err)
		default:
			t.Logf("not run against a real server: %v", err)
			return nil, false
		}
	}
	return paths, true
}

// port returns a port that nobody uses.
func port(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start starts a server, waits until it listens, and ends it with the test.
func start(t *testing.T, port int, path string, args ...string) {
	t.Helper()
	var out bytes.Buffer
	c := exec.Command(path, args...)
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		c.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		c.Process.Kill()
		<-ended
	})
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s has ended:\n%s", path, out.String())
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not listen:\n%s", path, out.String())
		}
	}
}

// Redis starts a Redis server, and returns its port.
func Redis(t *testing.T, args ...string) (at int, ok bool) {
	t.Helper()
	paths, ok := find(t, "redis-server")
	if !ok {
		return 0, false
	}
	at = port(t)
	start(t, at, paths[0], append([]string{"--port", strconv.Itoa(at), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir()}, args...)...)
	return at, true
}

// MariaDB starts a MariaDB server with the database and the user skyrun, password "secret", and
// returns its port.
func MariaDB(t *testing.T) (at int, ok bool) {
	t.Helper()
	paths, ok := find(t, "mariadb-install-db", "mariadbd")
	if !ok {
		return 0, false
	}
	dir, err := os.MkdirTemp("", "db") // the path of a Unix socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	if out, err := exec.Command(paths[0], "--no-defaults", "--datadir="+data, "--user="+me.Username, "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=4M").CombinedOutput(); err != nil {
		t.Fatalf("mariadb-install-db: %v\n%s", err, out)
	}
	script := filepath.Join(dir, "init.sql")
	text := "CREATE DATABASE skyrun;\nCREATE USER skyrun@'%' IDENTIFIED BY 'secret';\nGRANT ALL ON *.* TO skyrun@'%';\n"
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	at = port(t)
	start(t, at, paths[1], "--no-defaults", "--datadir="+data, "--user="+me.Username, "--bind-address=127.0.0.1", "--port="+strconv.Itoa(at),
		"--socket="+filepath.Join(dir, "s"), "--pid-file="+filepath.Join(dir, "pid"), "--init-file="+script, "--skip-name-resolve",
		"--innodb-log-file-size=4M", "--innodb-buffer-pool-size=8M", "--performance-schema=off")
	return at, true
}
