package loads

import "github.com/skylint/skylint/flow/alias"

// An api is a function that loads, launches or starts.
type api struct {
	kind   Kind
	path   string
	name   int // which argument is the name, from 1; 0 for none
	flag   bool
	unique bool
	global bool
	snlua  bool // the name is a command line for a C service, of interest if that is snlua
}

// apiOf returns what a reference to a function means here, and false for a function that
// loads nothing. This is what Lua and skynet's own loader, launcher and snax do, and no
// project's business to change.
func apiOf(ref alias.Ref) (api, bool) {
	var a api
	switch ref.Module {
	case "":
		switch ref.Member {
		case "require":
			a.kind, a.name = Require, 1
		case "dofile":
			a.kind, a.name = Run, 1
		case "loadfile":
			a.kind, a.name = Chunk, 1
		}
	case "skynet.require":
		if ref.Member == "require" {
			a.kind, a.name = Require, 1
		}
	case "skynet", "skynet.manager": // one table
		switch ref.Member {
		case "newservice":
			a.kind, a.name = Launch, 1
		case "uniqueservice":
			a.kind, a.name, a.flag, a.unique = Launch, 1, true, true
		case "queryservice":
			a.kind, a.name, a.flag, a.unique = Query, 1, true, true
		case "launch":
			a.kind, a.name, a.snlua = Launch, 1, true
		case "monitor":
			a.kind, a.name, a.unique = Launch, 1, true
		case "start", "filter", "forward_type":
			a.kind = Start
		}
	case "skynet.service":
		switch ref.Member {
		case "new":
			a.kind, a.name, a.unique = LaunchFunction, 1, true
		case "query":
			a.kind, a.name, a.unique = Query, 1, true
		}
	case "skynet.snax", "snax": // the old name
		switch ref.Member {
		case "newservice", "rawnewservice":
			a.kind, a.name = LaunchSnax, 1
		case "uniqueservice":
			a.kind, a.name, a.unique = LaunchSnax, 1, true
		case "globalservice":
			a.kind, a.name, a.unique, a.global = LaunchSnax, 1, true, true
		case "queryservice":
			a.kind, a.name, a.unique = QuerySnax, 1, true
		case "queryglobal":
			a.kind, a.name, a.unique, a.global = QuerySnax, 1, true, true
		}
	case "snax.gateserver", "snax.msgserver":
		if ref.Member == "start" {
			a.kind = Start
		}
	case "snax.loginserver": // the module is a function
		if ref.Member == "" {
			a.kind = Start
		}
	}
	if a.kind == 0 {
		return api{}, false
	}
	a.path = ref.Path()
	return a, true
}
