package runtime

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
)

// missing are the modules of skynet that need C or sockets and are not there yet. They are named, so
// that require says so instead of finding half of one in the project's copy of skynet.
var missing = []string{
	"skynet.cluster.core",
	"skynet.multicast.core", "skynet.sharedata.core", "skynet.sharedata.corelib", "skynet.sharetable.core",
	"skynet.datasheet.core", "skynet.debugchannel", "skynet.remotedebug", "skynet.inject",
	"skynet.harbor", "skynet.db.mongo", "mongo.driver",
	"lpeg", "ltls.c", "ltls.init.c", "snax.hotfix", "md5.core",
}

// missingModules returns modules whose loaders say that they are not there.
func missingModules() []actor.Module {
	var modules []actor.Module
	for _, name := range missing {
		modules = append(modules, actor.Module{Name: name, Open: func(L *lua.LState) lua.LValue {
			actor.Raise(L, fmt.Errorf("module '%s' is not part of skyrun yet: see docs/RUN.md", name))
			return nil
		}})
	}
	return modules
}
