package runtime_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// absent are the members that the models have of modules that are here, and that these have not. A new one is a
// gap, or a mistake in the models.
var absent = []string{
	// Functions for buffers of C, and for descriptors of the process.
	"skynet.socketdriver.buffer", "skynet.socketdriver.clear", "skynet.socketdriver.pop", "skynet.socketdriver.push",
	"skynet.socketdriver.readall", "skynet.socketdriver.readline", "skynet.socketdriver.str2p", "skynet.socketdriver.bind", "skynet.socket.bind",
	"skynet.socketdriver.resolve", "skynet.socketdriver.udp_dial", "skynet.socketdriver.udp_listen",
	// What only jemalloc, or C's own tables, can tell.
	"skynet.memory.dump", "skynet.memory.dumpheap", "skynet.memory.dumpinfo", "skynet.memory.jestat", "skynet.memory.mallctl",
	"skynet.memory.profactive", "skynet.codecache.loadfile", "skynet.sharetable.address",
	// Not there.
	"skynet.cluster.get_sender", "skynet._proto", "skynet.debug.init", "sprotoparser.dump", "cjson.decode_big_numbers_as_strings",
	"cjson.encode_skip_unsupported_value_types", "lfs.link", "lfs.lock", "lfs.lock_dir", "lfs.setmode", "lfs.touch", "lfs.unlock",
	// Not set until a program sets them; or only in a snax service.
	"http.httpc.timeout", "skynet.dns.DEFAULT_HOSTS", "skynet.dns.DEFAULT_RESOLV_CONF", "skynet.snax.enablecluster",
	// A module of its own.
	"skynet.queue",
}

// TestModels makes sure that each module that is there has the members that the models say it has.
func TestModels(t *testing.T) {
	catalogue := models.Builtin()
	var names []string
	for i := range catalogue.Modules {
		m := &catalogue.Modules[i]
		if table := catalogue.Table(m.Name); table != nil && m.Value.SameAs == "" && m.Library != "lua" && m.Library != "luajit" {
			for j := range table.Members {
				if name := strings.TrimPrefix(table.Members[j].Path, m.Name+"."); !strings.HasPrefix(name, "__") {
					names = append(names, m.Name+" "+name)
				}
			}
		}
	}
	var out strings.Builder
	program := "local skynet = require 'skynet' skynet.start(function() for _, name in ipairs { '" + strings.Join(names, "', '") + `' } do
  local module, member = name:match "(%S+) (%S+)"
  local ok, m = pcall(require, module)
  if ok and type(m) == "table" and m[member] == nil then print(module .. "." .. member) end
end skynet.exit() end)`
	n, err := runtime.New(runtime.Options{
		Dialect: syntax.DefaultDialect, Out: writerFunc(func(p []byte) { out.Write(p) }),
		Find: func(name string) (*source.File, bool) { return source.New("main.lua", program), name == "main" },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Launch(context.Background(), "main"); err != nil && !errors.Is(err, actor.ErrExited) {
		t.Error(err)
	}
	if err := n.WaitIdle(context.Background()); err != nil {
		t.Error(err)
	}
	n.Close()
	for _, name := range strings.Fields(out.String()) {
		if !slices.Contains(absent, name) {
			t.Errorf("the models have %s, and the module has not", name)
		}
	}
}
