package runtime

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
)

// missing are the modules of skynet that are not there, with the reason. They are named, so that require says
// so instead of finding half of one in the project's copy of skynet.
var missing = []struct {
	reason string
	names  []string
}{
	{"it is the C code below a module that is native here: require that one", []string{
		"skynet.cluster.core", "skynet.multicast.core", "skynet.sharedata.core", "skynet.sharedata.corelib", "skynet.sharetable.core",
		"skynet.datasheet.core", "md5.core",
	}},
	{"it runs code that comes in a message, of which nobody knows who has written it", []string{
		"skynet.inject", "skynet.injectcode", "skynet.debugchannel", "skynet.remotedebug", "snax.hotfix",
	}},
	{"the parser of sproto, which skynet has it for, is native", []string{"lpeg"}},
	{"there is no driver yet", []string{"skynet.db.mongo", "mongo.driver"}},
	{"TLS is native: require http.tlshelper", []string{"ltls.c", "ltls.init.c"}},
}

// missingModules returns modules whose loaders say why they are not there.
func missingModules() []actor.Module {
	var modules []actor.Module
	for _, m := range missing {
		for _, name := range m.names {
			modules = append(modules, actor.Module{Name: name, Open: func(L *lua.LState) lua.LValue {
				actor.Raise(L, fmt.Errorf("module '%s' is not part of skyrun: %s", name, m.reason))
				return nil
			}})
		}
	}
	return modules
}
