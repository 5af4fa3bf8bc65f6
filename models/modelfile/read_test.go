package modelfile

import (
	"errors"
	"strings"
	"testing"
)

// The place and the text of each error, and that nothing else is wrong.
func TestErrors(t *testing.T) {
	const head = "library = \"x\"\n"
	for _, test := range []struct{ name, text, want string }{
		{"no library", `doc = "x"`, `m.toml:1:1: the file does not say which library it describes: add library = "name"`},
		{"not TOML", head + "[global.f\n", "m.toml:2:"},
		{"unknown key at the top", head + "modul = 1\n", `m.toml:2:1: unknown key "modul": did you mean "module"?`},
		{"unknown key of an entry", head + "[global.f]\nyields = true\n", `m.toml:3:1: unknown key "yields": use one of doc, kind,`},
		{"misspelt key of an entry", head + "[global.f]\ncapabilities = [\"exec\"]\n",
			`m.toml:3:1: unknown key "capabilities": did you mean "capability"?`},
		{"unknown key inside braces", head + "[module.m.members]\nf = { dok = \"x\" }\n",
			`m.toml:3:7: unknown key "dok": did you mean "doc"?`},
		{"unknown table at the top", head + "[modul.m.members.f]\n", `m.toml:2:2: unknown key "modul": did you mean "module"?`},
		{"unknown table inside", head + "[module.m.member.f]\n", `m.toml:2:11: unknown key "member": did you mean "members"?`},
		{"unknown dotted key", head + "[module.m]\nmember.f = {}\n", `m.toml:3:1: unknown key "member": did you mean "members"?`},
		{"unknown key of a module", head + "[module.m]\nnativ = true\n", `m.toml:3:1: unknown key "nativ": did you mean "native"?`},
		{"unknown key of an object", head + "[object.\"x.O\"]\nnative = true\n",
			`m.toml:3:1: unknown key "native": use one of doc, members`},
		{"a name twice", head + "[global.f]\n[global.g]\n[global.f]\n", "m.toml:4:"},
		{"a key twice", head + "[global.f]\ndoc = \"a\"\ndoc = \"b\"\n", "m.toml:4:"},
		{"a member twice", head + "[module.m.members]\nf = {}\n[module.m.members.f]\n", "m.toml:4:"},
		{"wrong type", head + "[global.f]\ndoc = 1\n", "m.toml:3:7: "},

		{"unknown kind", head + "[global.f]\nkind = \"functio\"\n", `m.toml:3:8: unknown kind "functio": did you mean "function"?`},
		{"unknown capability", head + "[global.f]\ncapability = [\"exec\", \"exit\", \"nett\"]\n",
			`m.toml:3:31: unknown capability "nett": did you mean "net"?`},
		{"unknown wait", head + "[global.f]\nwaits-for = \"godot\"\n", `m.toml:3:13: unknown wait "godot": use one of reply, time,`},
		{"unknown dialect", head + "[global.f]\ndialects = [\"5.4\", \"5.6\"]\n", `m.toml:3:20: unknown Lua dialect "5.6"`},
		{"a range backwards", head + "[global.f]\ndialects = [\"5.4-5.1\"]\n", `m.toml:3:13: "5.4-5.1" is no range of dialects`},
		{"a range to LuaJIT", head + "[global.f]\ndialects = [\"5.1-luajit\"]\n", `m.toml:3:13: "5.1-luajit" is no range of dialects`},
		{"unknown role", head + "[global.f]\nargs = [\"adress\"]\n", `m.toml:3:9: unknown role "adress": did you mean "address"?`},
		{"result as argument", head + "[global.f]\nargs = [\"fresh\"]\n", `m.toml:3:9: the role "fresh" is for results`},
		{"argument as result", head + "[global.f]\nreturns = [\"shell\"]\n", `m.toml:3:12: the role "shell" is for arguments`},
		{"callback without way", head + "[global.f]\nargs = [\"callback\"]\n", `m.toml:3:9: say how it is called`},
		{"callback with unknown way", head + "[global.f]\nargs = [\"callback:caled\"]\n",
			`m.toml:3:9: unknown callback "caled": did you mean "called"?`},
		{"detail without need", head + "[global.f]\nargs = [\"text:x\"]\n", `m.toml:3:9: the role "text" of an argument takes nothing`},
		{"optional and repeated", head + "[global.f]\nargs = [\"text?...\"]\n", `m.toml:3:9: "..." stands for none, too`},
		{"object without name", head + "[global.f]\nreturns = [\"object\"]\n", `m.toml:3:12: say what object it is`},
		{"argument without number", head + "[global.f]\nargs = [\"any\"]\nreturns = [\"argument:0\"]\n",
			`m.toml:4:12: say which argument it is`},
		{"environment of unknown kind", head + "[environment.servic]\n",
			`m.toml:2:14: unknown environment "servic": did you mean "service"?`},

		{"not a name", head + "[global.\"a-b\"]\n", `m.toml:2:9: "a-b" is not a name in Lua`},
		{"not a member's name", head + "[module.m.members]\n\"a.b\" = {}\n", `m.toml:3:1: "a.b" is not a name in Lua`},
		{"not a module's name", head + "[module.\"a/b\"]\n", `m.toml:2:9: "a/b" is not the name of a module`},
		{"not a service's name", head + "[service.\"a b\"]\n", `m.toml:2:10: "a b" is not the name of a service`},
		{"not a registered name", head + "[service.a]\nnames = [\":1\"]\n", `m.toml:3:1: ":1" is not a name that a service`},
		{"object in small letters", head + "[object.\"io.file\"]\n", `m.toml:2:9: the name of a kind of objects ends in a word with`},
		{"global with a dot", head + "[module.\"a.b\"]\nglobal = true\n", `m.toml:3:1: a global cannot have a dot`},
		{"globals out of order", head + "[module.m]\ndefines = [\"b\", \"a\"]\n", `m.toml:3:1: list the globals in alphabetical order`},
		{"global that is no name", head + "[module.m]\ndefines = [\"a b\"]\n", `m.toml:3:1: "a b" is not the name of a global`},

		{"call of a value", head + "[global.v]\nkind = \"value\"\nargs = [\"any\"]\n", `m.toml:4:1: "args" is said of calls`},
		{"effect of a table", head + "[module.m]\nkind = \"table\"\nblocks = true\n", `m.toml:4:1: "blocks" is said of calls`},
		{"members of a function", head + "[global.f]\nkind = \"function\"\n[global.f.members]\nx = {}\n",
			`m.toml:4:11: a function has no members`},
		{"members beside same-as", head + "[module.m]\nsame-as = \"n\"\n[module.m.members]\nx = {}\n",
			`m.toml:4:11: the members are those of "n"`},
		{"members beside object", head + "[global.v]\nobject = \"x.O\"\n[global.v.members]\nx = {}\n",
			`m.toml:4:11: the members are those of the objects "x.O"`},
		{"always and by compatibility", head + "[global.f]\ndialects = [\"5.1\"]\ncompat = [\"5.1-5.2\"]\n",
			`m.toml:4:1: 5.1 cannot have it always and only by compatibility`},
		{"member where the module is not", head + "[module.m]\ndialects = [\"5.4\"]\n[module.m.members.f]\ndialects = [\"5.3-5.4\"]\n",
			`m.toml:5:1: 5.3 cannot have it: what it is a member of is not there`},
		{"deprecated where absent", head + "[global.f]\ndialects = [\"5.1\"]\ndeprecated = [\"5.2\"]\n",
			`m.toml:4:1: 5.2 does not have it at all`},
		{"replacement of what is there", head + "[global.f]\nreplacement = \"g\"\n", `m.toml:3:1: nothing needs replacing`},
		{"replacement where it is there", head + "[global.f]\ndialects = [\"5.1\"]\nreplacement-in = { \"5.2\" = \"g\", \"5.1\" = \"g\" }\n",
			`m.toml:4:33: nothing needs replacing in 5.1`},
		{"replacement in an unknown dialect", head + "[global.f]\ndialects = [\"5.1\"]\nreplacement-in = { \"6.0\" = \"g\" }\n",
			`m.toml:4:20: unknown Lua dialect "6.0"`},
		{"repeated in the middle", head + "[global.f]\nargs = [\"any...\", \"any\"]\n", `m.toml:3:1: only the last argument can repeat`},
		{"results repeated in the middle", head + "[global.f]\nreturns = [\"any...\", \"any\"]\n",
			`m.toml:3:1: only the last result can repeat`},
		{"flag behind", head + "[global.f]\nargs = [\"any\", \"flag?\"]\n", `m.toml:3:1: a flag stands in front`},
		{"request without a command", head + "[global.f]\nasks = \"keeper\"\n", `m.toml:3:8: "keeper" is no request: write service and command`},
		{"request by a flag that is not there", head + "[global.f]\nargs = [\"any\"]\nasks-flagged = \"keeper.GET\"\n",
			`m.toml:4:1: there is no flag among the arguments`},
		{"no such argument", head + "[global.f]\nargs = [\"any\"]\nreturns = [\"argument:2\"]\n", `m.toml:4:1: there is no argument 2`},
		{"no such argument to change", head + "[global.f]\nargs = [\"any\"]\nmutates-argument = [2]\n", `m.toml:4:1: there is no argument 2`},
		{"pure and waiting", head + "[global.f]\npure = true\nwaits-for = \"time\"\n", `m.toml:4:1: what is pure has no "waits-for"`},
		{"pure and able", head + "[global.f]\npure = true\ncapability = [\"net\"]\n", `m.toml:4:1: what is pure has no "capability"`},
		{"results of what never returns", head + "[global.f]\nnever-returns = true\nreturns = [\"any\"]\n",
			`m.toml:4:1: what never returns has no results`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Read("m.toml", []byte(test.text))
			if err == nil {
				t.Fatal("it was read without an error")
			}
			if !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("the error is\n  %s\nwant\n  %s", err, test.want)
			}
			var e *Error
			if !errors.As(err, &e) || e.File != "m.toml" || e.Line < 1 || e.Column < 1 {
				t.Errorf("the error has no place: %#v", err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one error:\n%s", err)
			}
		})
	}
}

func TestErrorsAreInTheOrderOfPlaces(t *testing.T) {
	_, err := Read("m.toml", []byte(`library = "x"
[module.z]
defines = ["b", "a"]
[global.f]
pure = true
blocks = true
[module.a]
defines = ["1"]
`))
	want := `m.toml:3:1: list the globals in alphabetical order
m.toml:6:1: what is pure has no "blocks"
m.toml:8:1: "1" is not the name of a global`
	if err == nil || err.Error() != want {
		t.Errorf("the error is\n%v\nwant\n%s", err, want)
	}
}

func TestUnknownKeysAreAllReported(t *testing.T) {
	_, err := Read("m.toml", []byte("library = \"x\"\n[global.f]\ndok = \"\"\n[global.g]\nkin = \"\"\n"))
	want := "m.toml:3:1: unknown key \"dok\": did you mean \"doc\"?\nm.toml:5:1: unknown key \"kin\": did you mean \"kind\"?"
	if err == nil || err.Error() != want {
		t.Errorf("the error is\n%v\nwant\n%s", err, want)
	}
}
