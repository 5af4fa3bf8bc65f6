package models_test

import (
	"slices"
	"sort"
	"testing"

	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

func TestLookup(t *testing.T) {
	c := models.Builtin()
	for _, test := range []struct{ path, want string }{
		{"print", "print"},
		{"os", "os"},
		{"os.execute", "os.execute"},
		{"_G", "_G"},
		{"skynet", "skynet"},
		{"skynet.call", "skynet.call"},
		{"skynet.queue", "skynet.queue"},
		{"skynet.socket", "skynet.socket"},
		{"skynet.socket.write", "skynet.socket.write"},
		{"skynet.crypt.padding.pkcs7", "skynet.crypt.padding.pkcs7"},
		{"jit.opt.start", "jit.opt.start"},
		{"io.File:read", "io.File:read"},
		{"io.stdout:write", "io.File:write"},
		{"io.File.read", ""},
		{"os:execute", ""},
		{"skynet.Queue:__call", "skynet.Queue:__call"},
		{"skynet.db.redis.Connection:hgetall", "skynet.db.redis.Connection:__index"},
		{"skynet.db.redis.Connection:exists", "skynet.db.redis.Connection:exists"},
		// By another name of the module or of the table.
		{"skynet.manager", "skynet.manager"},
		{"skynet.manager.kill", "skynet.kill"},
		{"socket.write", "skynet.socket.write"},
		{"mysql.connect", "skynet.db.mysql.connect"},
		{"skynet.cache.clear", "skynet.codecache.clear"},
		{"client.crypt.sha1", "skynet.crypt.sha1"},
		// Nothing.
		{"", ""},
		{".", ""},
		{"prin", ""},
		{"print.x", ""},
		{"os.", ""},
		{"os.executes", ""},
		{"skynet.call.x", ""},
		{"nosuch.module", ""},
	} {
		got := ""
		if e := c.Lookup(test.path); e != nil {
			got = e.Path
		}
		if got != test.want {
			t.Errorf("Lookup(%q) leads to %q, want %q", test.path, got, test.want)
		}
	}
}

func TestEveryEntryIsFoundByItsPath(t *testing.T) {
	c := models.Builtin()
	n := 0
	for i := range c.Tables {
		table := &c.Tables[i]
		for j := range table.Members {
			e := &table.Members[j]
			if got := c.Lookup(e.Path); got != e {
				t.Errorf("Lookup(%q) does not lead to the entry of that path", e.Path)
			}
			if got := table.Member(e.Name()); got != e {
				t.Errorf("Member(%q) of %s does not lead to %s", e.Name(), table.Path, e.Path)
			}
			n++
		}
		if got := c.Table(table.Path); got != table {
			t.Errorf("Table(%q) does not lead to the table of that path", table.Path)
		}
	}
	for i := range c.Modules {
		if m := &c.Modules[i]; c.Module(m.Name) != m {
			t.Errorf("Module(%q) does not lead to the module of that name", m.Name)
		}
	}
	if n < 1000 {
		t.Errorf("there are %d entries only", n)
	}
}

func TestOrder(t *testing.T) {
	c := models.Builtin()
	byName := func(list []models.Entry) bool {
		return sort.SliceIsSorted(list, func(i, j int) bool { return list[i].Name() < list[j].Name() })
	}
	if !slices.IsSortedFunc(c.Tables, func(a, b models.Table) int { return compare(a.Path, b.Path) }) {
		t.Error("the tables are not sorted by path")
	}
	if !slices.IsSortedFunc(c.Modules, func(a, b models.Module) int { return compare(a.Name, b.Name) }) {
		t.Error("the modules are not sorted by name")
	}
	for _, table := range c.Tables {
		if !byName(table.Members) {
			t.Errorf("the members of %s are not sorted", table.Path)
		}
	}
	for _, e := range c.Environments {
		if !byName(e.Members) {
			t.Errorf("the names of the environment %s are not sorted", e.Kind)
		}
	}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestModules(t *testing.T) {
	c := models.Builtin()
	for _, test := range []struct {
		name   string
		native bool
		kind   models.Kind
		member string
	}{
		{"skynet", false, models.KindTable, "call"},
		{"skynet.manager", false, models.KindTable, "kill"},
		{"skynet.queue", false, models.KindFunction, ""},
		{"skynet.core", true, models.KindTable, "send"},
		{"skynet.crypt", true, models.KindTable, "padding"},
		{"snax.loginserver", false, models.KindFunction, ""},
		{"cjson.safe", true, models.KindTable, "null"},
		{"lpeg", true, models.KindTable, "P"},
		{"string", true, models.KindTable, "rep"},
		{"ffi", true, models.KindTable, "cdef"},
		{"socketdriver", false, models.KindTable, "send"},
	} {
		m := c.Module(test.name)
		if m == nil {
			t.Errorf("there is no module %s", test.name)
			continue
		}
		if m.Native != test.native || m.Value.Kind != test.kind {
			t.Errorf("%s: native %v, kind %s; want %v, %s", m.Name, m.Native, m.Value.Kind, test.native, test.kind)
		}
		has := func(e models.Entry) bool { return e.Name() == test.member }
		if test.member != "" && !slices.ContainsFunc(c.Members(m.Name), has) {
			t.Errorf("%s has no member %s", m.Name, test.member)
		}
		if test.member == "" && c.Members(m.Name) != nil {
			t.Errorf("%s is a function and has members", m.Name)
		}
	}
	if m := c.Module("lfs"); !slices.Equal(m.Defines, []string{"lfs"}) {
		t.Errorf("lfs defines the globals %q", m.Defines)
	}
	if c.Module("nosuch") != nil {
		t.Error("there is a module nosuch")
	}
}

func TestReplacement(t *testing.T) {
	c := models.Builtin()
	for _, test := range []struct {
		path string
		d    syntax.Dialect
		want string
	}{
		{"unpack", syntax.Lua51, ""},
		{"unpack", syntax.Lua54, "table.unpack"},
		{"unpack", syntax.LuaJIT, ""},
		{"table.unpack", syntax.Lua51, "unpack"},
		{"table.unpack", syntax.Lua54, ""},
		{"loadstring", syntax.Lua52, "load"},
		{"table.getn", syntax.Lua51, "#"},
		{"table.getn", syntax.Lua55, "#"},
		{"setfenv", syntax.Lua53, "_ENV"},
		{"bit32.band", syntax.Lua54, "&"},
		{"bit32.band", syntax.LuaJIT, "bit.band"},
		{"bit.band", syntax.Lua52, "bit32.band"},
		{"bit.band", syntax.LuaJIT, ""},
		{"math.pow", syntax.Lua51, ""},
		{"math.pow", syntax.Lua54, "^"},
		{"utf8.len", syntax.Lua51, ""},
		{"skynet.pcall", syntax.Lua54, "pcall"},
	} {
		if got := c.Lookup(test.path).Replacement(test.d); got != test.want {
			t.Errorf("%s: the replacement of %s is %q, want %q", test.d.Title(), test.path, got, test.want)
		}
	}
}

func TestReplacementsExist(t *testing.T) {
	c := models.Builtin()
	isPath := func(s string) bool { return c.Lookup(s) != nil }
	for _, table := range c.Tables {
		for _, e := range table.Members {
			for _, d := range syntax.Dialects() {
				if r := e.Replacement(d); isPath(r) && !c.Lookup(r).MayBeIn(d) {
					t.Errorf("%s: %s is to be replaced by %s, which is not there", d.Title(), e.Path, r)
				}
			}
		}
	}
}

func TestEnvironments(t *testing.T) {
	c := models.Builtin()
	for _, test := range []struct {
		kind models.EnvironmentKind
		want []string
	}{
		{models.ServiceEnvironment, []string{"SERVICE_NAME", "SERVICE_PATH", "require"}},
		{models.PreloadEnvironment, []string{"LUA_PRELOAD", "SERVICE_NAME", "SERVICE_PATH"}},
		{models.SnaxEnvironment, []string{
			"SERVICE_NAME", "SERVICE_PATH", "accept", "exit", "hotfix", "init", "profile", "response",
		}},
	} {
		var got []string
		for _, e := range c.Environment(test.kind) {
			got = append(got, e.Path)
			want := e.Path == "exit" || e.Path == "hotfix" || e.Path == "init" || e.Path == "profile"
			if hook := e.Flags.Has(models.Hook); hook != want {
				t.Errorf("%s: hook is %v for %s", test.kind, hook, e.Path)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("the environment %s has %q, want %q", test.kind, got, test.want)
		}
	}
	if c.Environment(0) != nil {
		t.Error("there is an environment 0")
	}
}

func TestServices(t *testing.T) {
	c := models.Builtin()
	for name, want := range map[string][]string{"launcher": {".launcher"}, "service_mgr": {".service", "SERVICE"}, "gate": nil} {
		if s := c.Service(name); s == nil || s.Library != "skynet" || !slices.Equal(s.Names, want) {
			t.Errorf("the service %s is %+v, want the names %q", name, s, want)
		}
	}
	if s := c.Service("nobody"); s != nil {
		t.Errorf("there is a service %+v", s)
	}
}

// What the skynet table says of its functions: each of these was seen on a running skynet.
func TestWhatYields(t *testing.T) {
	c := models.Builtin()
	yields := []string{
		"call", "rawcall", "tracecall", "sleep", "yield", "wait", "exit", "newservice", "uniqueservice", "queryservice",
		"monitor", "init_service",
	}
	for _, e := range c.Members("skynet") {
		if want := slices.Contains(yields, e.Name()); e.Yields() != want {
			t.Errorf("%s: yields is %v", e.Path, e.Yields())
		}
	}
	for path, want := range map[string]models.Wait{
		"skynet.call":                          models.WaitReply,
		"skynet.Queue:__call":                  models.WaitLock,
		"skynet.socket.read":                   models.WaitSocket,
		"skynet.socket.write":                  models.WaitNone,
		"skynet.socket.close":                  models.WaitSocket,
		"skynet.cluster.call":                  models.WaitReply,
		"skynet.cluster.send":                  models.WaitNone,
		"skynet.db.mysql.Connection:query":     models.WaitSocket,
		"skynet.datacenter.wait":               models.WaitData,
		"skynet.service.query":                 models.WaitRegistration,
		"skynet.uniqueservice":                 models.WaitLaunch,
		"skynet.Request:select":                models.WaitReply,
		"coroutine.yield":                      models.WaitResume,
		"http.websocket.read":                  models.WaitSocket,
		"http.Read:__call":                     models.WaitSocket,
		"sproto.Host:dispatch":                 models.WaitNone,
		"skynet.db.mongo.Collection:insert":    models.WaitNone,
		"skynet.db.mongo.Collection:findOne":   models.WaitSocket,
		"skynet.snax.Request:anything":         models.WaitReply,
		"skynet.socketchannel.channel":         models.WaitNone,
		"skynet.socketchannel.Channel:request": models.WaitSocket,
	} {
		if got := c.Lookup(path).WaitsFor; got != want {
			t.Errorf("%s waits for %q, want %q", path, got, want)
		}
	}
}

func TestCallsOfSkynet(t *testing.T) {
	c := models.Builtin()
	call := c.Lookup("skynet.call")
	for i, want := range []models.Role{models.RoleAddress, models.RoleProtocol, models.RoleCommand, models.RolePayload,
		models.RolePayload, models.RolePayload} {
		if a, ok := call.Arg(i); !ok || a.Role != want {
			t.Errorf("argument %d of skynet.call is %v, want %s", i, a, want)
		}
	}
	if call.Raises == "" || len(call.Results) != 1 || call.Results[0].Role != models.RoleReply || !call.Results[0].Repeats {
		t.Errorf("skynet.call raises %q and returns %v", call.Raises, call.Results)
	}
	unique := c.Lookup("skynet.uniqueservice")
	if !unique.HasLeadingFlag() || call.HasLeadingFlag() {
		t.Error("a flag stands in front of uniqueservice alone")
	}
	if unique.Spawns != models.SpawnService || !unique.Capabilities.Has(models.CanLaunch) {
		t.Error("uniqueservice starts a service")
	}
	if a, _ := c.Lookup("skynet.fork").Arg(0); a.Callback != models.CallbackCoroutine {
		t.Errorf("skynet.fork calls its function as %q", a.Callback)
	}
	if a, _ := c.Lookup("table.sort").Arg(1); a.Callback != models.CallbackUnyieldable {
		t.Errorf("table.sort calls its function as %q", a.Callback)
	}
	if _, ok := c.Lookup("skynet.self").Arg(0); ok {
		t.Error("skynet.self has an argument")
	}
	if !c.Lookup("table.insert").Changes(0) || c.Lookup("table.insert").Changes(1) || c.Lookup("table.concat").Changes(0) {
		t.Error("table.insert changes its first argument alone, and table.concat none")
	}
	for path, want := range map[string]models.Reply{
		"skynet.ret": models.ReplyNow, "skynet.retpack": models.ReplyNow, "skynet.response": models.ReplyLater,
		"skynet.ignoreret": models.ReplyNever, "skynet.send": models.ReplyNone,
	} {
		if got := c.Lookup(path).Replies; got != want {
			t.Errorf("%s replies %q, want %q", path, got, want)
		}
	}
}

func TestCapabilities(t *testing.T) {
	c := models.Builtin()
	for path, want := range map[string]string{
		"os.execute":         "exec",
		"os.exit":            "exit",
		"io.popen":           "exec",
		"io.open":            "fs-read, fs-write",
		"load":               "dynamic-code, bytecode",
		"string.dump":        "bytecode",
		"package.loadlib":    "native",
		"package.cpath":      "native",
		"ffi.cdef":           "native",
		"debug.sethook":      "debug",
		"debug.traceback":    "",
		"debug.getinfo":      "",
		"debug.setmetatable": "debug, metatable",
		"setmetatable":       "metatable",
		"setfenv":            "environment",
		"require":            "",
		"skynet.kill":        "kill",
		"skynet.register":    "registry",
		"skynet.inject":      "dynamic-code, debug",
		"skynet.snax.hotfix": "dynamic-code",
	} {
		if got := c.Lookup(path).Capabilities.String(); got != want {
			t.Errorf("%s has the capabilities %q, want %q", path, got, want)
		}
	}
}

func BenchmarkGlobal(b *testing.B) {
	c := models.Builtin()
	names := []string{"print", "pairs", "GATE", "setmetatable", "skynet", "x", "tostring"}
	b.ReportAllocs()
	for i := range b.N {
		c.Global(names[i%len(names)])
	}
}

func BenchmarkLookup(b *testing.B) {
	c := models.Builtin()
	names := []string{"print", "os.execute", "skynet.socket.write", "skynet.call", "skynet.manager.kill", "a.b.c"}
	b.ReportAllocs()
	for i := range b.N {
		c.Lookup(names[i%len(names)])
	}
}
