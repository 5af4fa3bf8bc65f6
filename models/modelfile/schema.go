package modelfile

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

// A document is a model file as it is written. What each key means is in docs/MODELS.md.
type document struct {
	Library      string                `toml:"library"`
	Doc          string                `toml:"doc"`
	Modules      map[string]*module    `toml:"module"`
	Globals      map[string]*entry     `toml:"global"`
	Objects      map[string]*container `toml:"object"`
	Environments map[string]*container `toml:"environment"`
	Services     map[string]*service   `toml:"service"`
}

// A service comes with the library.
type service struct {
	Doc   string   `toml:"doc"`
	Names []string `toml:"names"`
}

type module struct {
	entry
	Native  bool     `toml:"native"`
	Global  bool     `toml:"global"`
	Defines []string `toml:"defines"`

	// bare says that nothing but members is written: the file adds to a module that
	// another one describes.
	bare bool
}

// settle notes whether the module is bare and, if its kind is not written, what it is: a
// table, unless something is said of calls.
func (m *module) settle() {
	header := *m
	header.Members = nil
	m.bare = reflect.ValueOf(header).IsZero()
	if m.Kind == 0 && m.SameAs == "" && len(m.callKeys()) == 0 {
		m.Kind = models.KindTable
	}
}

// A container has members but is no value itself: a kind of objects, an environment.
type container struct {
	Doc     string            `toml:"doc"`
	Members map[string]*entry `toml:"members"`
}

type entry struct {
	Doc           string                 `toml:"doc"`
	Kind          models.Kind            `toml:"kind"`
	Dialects      []dialects             `toml:"dialects"`
	Compat        []dialects             `toml:"compat"`
	Deprecated    []dialects             `toml:"deprecated"`
	Replacement   string                 `toml:"replacement"`
	ReplacementIn map[string]string      `toml:"replacement-in"`
	SameAs        string                 `toml:"same-as"`
	Object        string                 `toml:"object"`
	Needs         string                 `toml:"needs"`
	Args          []argument             `toml:"args"`
	Returns       []result               `toml:"returns"`
	Raises        string                 `toml:"raises"`
	Serial        []string               `toml:"serial"`
	Asks          request                `toml:"asks"`
	AsksFlagged   request                `toml:"asks-flagged"`
	Protocol      string                 `toml:"protocol"`
	WaitsFor      models.Wait            `toml:"waits-for"`
	Replies       models.Reply           `toml:"replies"`
	Spawns        []models.SpawnSet      `toml:"spawns"`
	Source        models.Source          `toml:"source"`
	Sanitises     []models.Role          `toml:"sanitises"`
	Capability    []models.CapabilitySet `toml:"capability"`
	Mutates       []int                  `toml:"mutates-argument"`
	NeverReturns  bool                   `toml:"never-returns"`
	Blocks        bool                   `toml:"blocks"`
	Pure          bool                   `toml:"pure"`
	Writable      bool                   `toml:"writable"`
	Open          bool                   `toml:"open"`
	Hook          bool                   `toml:"hook"`
	Members       map[string]*entry      `toml:"members"`
}

// kind returns the kind that is written or, without one, what the rest says.
func (e *entry) kind() models.Kind {
	switch {
	case e.Kind != 0:
		return e.Kind
	case e.Object != "":
		return models.KindObject
	case e.Members != nil || e.Open:
		return models.KindTable
	}
	return models.KindFunction
}

func (e *entry) flags() models.Flags {
	var f models.Flags
	for _, x := range []struct {
		on   bool
		flag models.Flags
	}{
		{e.NeverReturns, models.NeverReturns}, {e.Blocks, models.Blocks}, {e.Pure, models.Pure},
		{e.Writable, models.Writable}, {e.Open, models.Open}, {e.Hook, models.Hook},
	} {
		if x.on {
			f |= x.flag
		}
	}
	return f
}

func (e *entry) capabilities() (s models.CapabilitySet) {
	for _, c := range e.Capability {
		s |= c
	}
	return s
}

func (e *entry) spawns() (s models.SpawnSet) {
	for _, c := range e.Spawns {
		s |= c
	}
	return s
}

// dialects is one item of a list of dialects: "5.1", "5.2-5.4", "luajit" or "all".
type dialects struct{ set syntax.DialectSet }

func (d *dialects) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "all" {
		d.set = syntax.AllDialects
		return nil
	}
	from, to, isRange := strings.Cut(s, "-")
	first, err := syntax.ParseDialect(from)
	if err != nil {
		return err
	}
	last := first
	if isRange {
		if last, err = syntax.ParseDialect(to); err != nil {
			return err
		}
		if first == syntax.LuaJIT || last == syntax.LuaJIT || first > last {
			return fmt.Errorf("%q is no range of dialects: write it as \"5.2-5.4\", LuaJIT by itself", s)
		}
	}
	for v := first; v <= last; v++ {
		d.set |= syntax.DialectsOf(v)
	}
	return nil
}

// A presence says which dialects have a name: always, or only with compatibility options.
type presence struct{ always, compat syntax.DialectSet }

var everywhere = presence{always: syntax.AllDialects}

func (p presence) some() syntax.DialectSet { return p.always | p.compat }

// presence returns where an entry is there, as a member of what is there within.
func (e *entry) presence(within presence) presence {
	compat := union(e.Compat)
	if e.Dialects != nil {
		return presence{union(e.Dialects), compat}
	}
	return presence{within.always &^ compat, within.compat | compat}
}

func union(list []dialects) (s syntax.DialectSet) {
	for _, d := range list {
		s |= d.set
	}
	return s
}

// A request is written as "service.command".
type request struct{ models.Request }

func (r *request) UnmarshalText(text []byte) error {
	service, command, _ := strings.Cut(string(text), ".")
	if service != "*" && !isName(service) || !isName(command) {
		return fmt.Errorf("%q is no request: write service and command as in \"datacenterd.QUERY\"", text)
	}
	r.Request = models.Request{Service: service, Command: command}
	return nil
}

// An argument is written as "role", "role?" (optional), "role..." (any number), and
// "callback:way".
type argument struct{ models.Arg }

func (a *argument) UnmarshalText(text []byte) error {
	role, detail, optional, repeats, err := splitRole(string(text))
	if err != nil {
		return err
	}
	a.Arg = models.Arg{Role: role, Optional: optional, Repeats: repeats}
	calls := role == models.RoleCallback || role == models.RoleCallbacks
	switch {
	case role.ResultOnly():
		return fmt.Errorf("the role %q is for results, not for arguments", role)
	case calls && detail == "":
		return fmt.Errorf("say how it is called: \"%s:called\", \"%s:coroutine\" ...", role, role)
	case calls:
		return a.Callback.UnmarshalText([]byte(detail))
	case detail != "":
		return fmt.Errorf("the role %q of an argument takes nothing behind a colon", role)
	}
	return nil
}

// A result is written as an argument, and as "argument:1", "object:io.File" and, where more
// is known of a function or a table, "function:http.Read".
type result struct{ models.Result }

func (r *result) UnmarshalText(text []byte) error {
	role, detail, optional, repeats, err := splitRole(string(text))
	if err != nil {
		return err
	}
	r.Result = models.Result{Role: role, Optional: optional, Repeats: repeats}
	switch {
	case role.ArgumentOnly():
		return fmt.Errorf("the role %q is for arguments, not for results", role)
	case role == models.RoleArgument:
		n, err := strconv.ParseUint(detail, 10, 8)
		if err != nil || n == 0 || n > 8 {
			return fmt.Errorf("say which argument it is: \"argument:1\" to \"argument:8\"")
		}
		r.Arg = uint8(n - 1)
	case role == models.RoleObject && detail == "":
		return fmt.Errorf("say what object it is: \"object:io.File\"")
	default:
		r.Object = detail
	}
	return nil
}

func splitRole(s string) (role models.Role, detail string, optional, repeats bool, err error) {
	s, repeats = strings.CutSuffix(s, "...")
	s, optional = strings.CutSuffix(s, "?")
	if repeats && optional {
		return 0, "", false, false, fmt.Errorf("\"...\" stands for none, too: leave the \"?\" out")
	}
	name, detail, _ := strings.Cut(s, ":")
	err = role.UnmarshalText([]byte(name))
	return role, detail, optional, repeats, err
}
