package runtime

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/running"
	"github.com/skylint/skylint/runtime/socket"
)

// Without a word in sky.toml sockets have the limits that Go programs get, and each key sets its own.
func TestSocketSettings(t *testing.T) {
	read := func(text string) socket.Limits {
		file := filepath.Join(t.TempDir(), "sky.toml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(file, config.Options{Sections: running.Sections()})
		if err != nil {
			t.Fatal(err)
		}
		var o Options
		o.Configure(c, "gate")
		return *o.Sockets
	}
	if got := read(""); got != socket.Default() {
		t.Errorf("nothing said: %+v, want %+v", got, socket.Default())
	}
	got := read(`
[socket]
sockets = 10
per-service = 3
unsent = "1KiB"
unread = "2KiB"
idle = "5s"
dial = "6s"
accepts = 7
[node.gate.socket]
sockets = 20
`)
	want := socket.Limits{Sockets: 20, Owned: 3, Unsent: 1 << 10, Unread: 2 << 10, Idle: 5 * time.Second, Dial: 6 * time.Second, Accepts: 7}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
