package solve

import (
	"slices"
	"strconv"
	"strings"

	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/syntax"
)

// An invocation is one way in which a call of the text calls a function: the call itself, or
// what a function like pcall, fork or a queue does with its arguments.
type invocation struct {
	file, call int32
	callee     ref
	skip       int32 // how many arguments of the call come before the function's own
	out        int32 // which result of the call the function's first one is; -1 for none
	self       Atom  // is the first argument, if not 0
	silent     bool  // the function gets no arguments from the call
	next       int32 // the next invocation of the same call, counted from 1
}

// call links a call of the text.
func (s *solver) call(file, call int32) {
	c := &s.irs[file].Calls[call]
	s.invokeOn(invocation{file: file, call: call, callee: s.refOf(file, c.Callee)})
}

func (s *solver) invokeOn(v invocation) {
	if v.callee == 0 {
		return
	}
	v.next = 0
	s.invocations = append(s.invocations, v)
	id := int32(len(s.invocations) - 1)
	c := s.chainOf(v.file, v.call)
	if c.first == 0 {
		c.first = id + 1
	} else {
		s.invocations[c.last-1].next = id + 1
	}
	c.last = id + 1
	at := site{v.file, v.call, invokedBy}
	if id+1 != c.first {
		at.kind = handedOn
	}
	s.on(v.callee, constraint{kind: invokedBy, file: v.file, number: id, site: at})
}

// arg returns the source of argument i of the function that an invocation calls.
func (s *solver) arg(v *invocation, i int) ref {
	if v.self != 0 {
		if i == 0 {
			return atomRef(v.self)
		}
		i--
	}
	if v.silent {
		return 0
	}
	return s.item(v.file, s.irs[v.file].Calls[v.call].Args, i+int(v.skip))
}

// out returns the cell of result i of the function that an invocation calls, 0 if it is lost.
func (s *solver) outCell(v *invocation, i int) ref {
	if v.out < 0 {
		return 0
	}
	return s.callResult(v.file, v.call, i+int(v.out))
}

// invoke links an invocation with one function that it may call.
func (s *solver) invoke(id int32, a Atom) {
	v := s.invocations[id]
	d := &s.atoms[a]
	switch d.Kind {
	case Function:
		s.enter(&v, s.anew(&v, d.unit, d.Func), d.Func)
	case API:
		s.model(&v, a, d.Entry, strings.Contains(d.Text, ":"))
	case Method:
		s.model(&v, a, d.Entry, true)
	case Object, Queue, Response:
		if e := s.memberOf(a, "__call"); e != nil {
			s.model(&v, a, e, false)
		}
	case Table:
		if t := s.tableAt(a); t != nil && t.meta != 0 && v.self == 0 {
			v.self = a
			v.callee = s.newCell()
			s.on(t.meta, constraint{kind: loadInto, file: v.file, key: s.key("__call"), to: v.callee})
			s.invokeOn(v)
		}
	}
}

// enter links arguments and results with a function of the program.
func (s *solver) enter(v *invocation, file int32, f scope.Func) {
	fn := s.function(file, f)
	n := int(fn.params)
	if fn.variadic {
		n += maxExtras // which stand behind the parameters
	}
	for i := range n {
		s.flow(s.arg(v, i), fn.first+ref(i))
	}
	if v.out < 0 {
		return
	}
	results := s.resultsOf(v.file, v.call)
	for i := range maxResults {
		if to := results[min(i+int(v.out), maxResults-1)]; to != 0 {
			s.flow(s.result(file, f, i), to)
		}
	}
}

// maxHandedOn is how many arguments of a call can stand in front of those of the function that is
// called in the end: pcall(pcall, ...) may get itself.
const maxHandedOn = 8

// model does what the model of a function says of its callbacks and results.
func (s *solver) model(v *invocation, a Atom, e *models.Entry, method bool) {
	at := *v
	if method && s.irs[v.file].Calls[v.call].Method && v.skip == 0 && v.self == 0 {
		at.skip++ // the receiver
	}
	if s.special(&at, e.Path) {
		return
	}
	out := int32(-1)
	for i := range e.Results {
		if e.Results[i].Role == models.RoleCalled {
			out = int32(i)
		}
		s.modelResult(&at, e, i)
	}
	for i := range e.Args {
		if e.Args[i].Role == models.RoleCallbacks && e.Args[i].Callback != models.CallbackHandler {
			inner := at
			inner.callee, inner.self, inner.silent, inner.out = s.newCell(), 0, true, -1
			s.on(s.arg(&at, i), constraint{kind: loadInto, file: v.file, key: anyKey, to: inner.callee})
			s.invokeOn(inner)
		}
		if e.Args[i].Role != models.RoleCallback || at.skip > maxHandedOn {
			continue
		}
		inner := at
		inner.callee = s.arg(&at, i)
		inner.self = 0
		if rest := i + 1; rest < len(e.Args) && e.Args[rest].Repeats {
			inner.skip = at.skip + int32(rest)
		} else if i == 0 && len(e.Args) > 2 && e.Args[len(e.Args)-1].Repeats {
			inner.skip = at.skip + int32(len(e.Args)-1) // xpcall: the handler stands between
		} else {
			inner.silent = true
		}
		inner.out = -1
		if out >= 0 && v.out >= 0 && i == 0 {
			inner.out = v.out + out
		}
		s.invokeOn(inner)
	}
}

// modelResult gives a result of a modelled function its value.
func (s *solver) modelResult(v *invocation, e *models.Entry, i int) {
	to := s.outCell(v, i)
	if to == 0 {
		return
	}
	node := s.irs[v.file].Calls[v.call].Node
	switch r := &e.Results[i]; r.Role {
	case models.RoleArgument:
		s.flow(s.arg(v, int(r.Arg)), to)
		if r.Repeats {
			for k := i + 1; k < maxResults; k++ {
				s.flow(s.arg(v, int(r.Arg)+k-i), s.outCell(v, k))
			}
		}
	case models.RoleFresh, models.RoleShared:
		s.put(to, s.made(Table, v.file, node, ""))
	case models.RoleQueue:
		s.put(to, s.made(Queue, v.file, node, r.Object))
	case models.RoleResponse:
		s.put(to, s.made(Response, v.file, node, r.Object))
	case models.RoleObject:
		s.put(to, s.made(Object, v.file, node, r.Object))
	case models.RoleAddress:
		s.address(v, e, to)
	}
}

// address gives a call that returns an address its value: what it launches, or the name that it
// looks up.
func (s *solver) address(v *invocation, e *models.Entry, to ref) {
	if e.Path == "skynet.self" {
		s.put(to, s.selfAtom(s.fileOf(v.file)))
		return
	}
	if e.Path == "skynet.launch" {
		s.native(v, to)
		return
	}
	known := false
	for _, svc := range s.launched(s.fileOf(v.file), v.call) {
		s.put(to, s.serviceAtom(svc))
		known = true
	}
	if known {
		return
	}
	for i := range e.Args {
		if role := e.Args[i].Role; role == models.RoleName || role == models.RoleService || role == models.RoleAddress {
			s.flow(s.arg(v, i), to)
		}
	}
}

// native gives a launch of a service of C code its value. That of Lua programs is named snlua,
// and its first word is the name of the program.
func (s *solver) native(v *invocation, to ref) {
	name := func(i int) string {
		if key := s.argKey(v, i); key != anyKey && !strings.HasPrefix(s.names[key], "#") {
			return s.names[key]
		}
		return ""
	}
	switch kind := name(0); kind {
	case "":
	case "snlua":
		for _, svc := range s.services[name(1)] {
			s.put(to, s.serviceAtom(svc))
		}
	default:
		s.put(to, s.nativeAtom(kind))
	}
}

// launched returns the services that a call of the text launches or finds.
func (s *solver) launched(file, call int32) []*project.Service {
	f := s.prog.Files[file]
	var found []*project.Service
	for _, use := range s.launches[nodeKey{file, s.irs[file].Calls[call].Node}] {
		if use.Kind == loads.LaunchFunction {
			for _, svc := range s.prog.Project.Services {
				if svc.Main == f.File && svc.Kind == project.FunctionService && svc.Program == use.Program {
					found = append(found, svc)
				}
			}
			continue
		}
		if s.isOwnName(file, call) {
			for _, svc := range f.Services {
				if svc.Main == f.File && svc.Kind != project.FunctionService {
					found = append(found, svc)
				}
			}
			continue
		}
		for k := range use.Names {
			if n := &use.Names[k]; n.Known() {
				found = s.nearby(found, f, s.services[n.Prefix])
			}
		}
	}
	return found
}

// nearby adds those services that can run on a node with one that loads a file.
func (s *solver) nearby(found []*project.Service, f *program.File, services []*project.Service) []*project.Service {
	for _, svc := range Nearest(f.Path, services) {
		if len(f.Services) == 0 || slices.ContainsFunc(f.Services, func(from *project.Service) bool { return Share(from, svc) }) {
			found = append(found, svc)
		}
	}
	return found
}

// Nearest returns those of some services of one name whose main files have the most folders in
// common with a path: a repository may hold several systems side by side.
func Nearest(path string, services []*project.Service) []*project.Service {
	if len(services) < 2 {
		return services
	}
	best, most := services[:0:0], -1
	for _, svc := range services {
		n := sharedFolders(path, svc.Main.Path)
		if n > most {
			best, most = best[:0], n
		}
		if n == most {
			best = append(best, svc)
		}
	}
	return best
}

// sharedFolders counts the folders that two paths begin with.
func sharedFolders(a, b string) int {
	n := 0
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			break
		}
		if a[i] == '/' {
			n++
		}
	}
	return n
}

// Share reports whether two services can run on one node. Of a service that no configuration
// finds it is not known where it runs.
func Share(a, b *project.Service) bool {
	unknown := func(n *project.Node) bool { return n.Config == nil }
	if slices.ContainsFunc(a.Nodes, unknown) || slices.ContainsFunc(b.Nodes, unknown) {
		return true
	}
	return len(a.Nodes) == 0 || len(b.Nodes) == 0 ||
		slices.ContainsFunc(a.Nodes, func(n *project.Node) bool { return slices.Contains(b.Nodes, n) })
}

// nodeKey is a node of a file.
type nodeKey struct {
	file int32
	node syntax.Node
}

// findLaunches notes where services are launched.
func (s *solver) findLaunches() {
	for i, f := range s.prog.Files {
		for k := range f.Summary.Uses {
			if use := &f.Summary.Uses[k]; launches(use.Kind) {
				at := nodeKey{int32(i), use.Node}
				s.launches[at] = append(s.launches[at], use)
			}
		}
	}
}

// isOwnName reports whether a call launches what SERVICE_NAME says: another instance of the
// service that runs it.
func (s *solver) isOwnName(file, call int32) bool {
	args := s.irs[file].Calls[call].Args.Terms
	return len(args) > 0 && s.irs[file].Term(args[0]).Ref() == (alias.Ref{Member: "SERVICE_NAME"})
}

// launches reports whether a use gives the address of a service.
func launches(k loads.Kind) bool {
	switch k {
	case loads.Launch, loads.LaunchSnax, loads.LaunchFunction, loads.Query, loads.QuerySnax:
		return true
	}
	return false
}

// special handles the functions of the base and table libraries that work on fields.
func (s *solver) special(v *invocation, path string) bool {
	result := s.outCell(v, 0)
	switch path {
	case "setmetatable":
		if result != 0 {
			s.flow(s.arg(v, 0), result)
		}
		s.on(s.arg(v, 0), constraint{kind: metatableIn, file: v.file, from: s.arg(v, 1)})
		s.metamethods(v)
	case "rawget":
		if result != 0 {
			s.on(s.arg(v, 0), constraint{kind: loadInto, file: v.file, key: s.argKey(v, 1), to: result})
		}
	case "rawset":
		if value := s.arg(v, 2); value != 0 {
			s.on(s.arg(v, 0), constraint{kind: storeFrom, file: v.file, key: s.argKey(v, 1), from: value})
		}
	case "table.insert":
		for i := 1; i <= 2; i++ {
			if value := s.arg(v, i); value != 0 {
				s.on(s.arg(v, 0), constraint{kind: storeFrom, file: v.file, key: anyKey, from: value})
			}
		}
	case "table.remove", "table.unpack", "unpack":
		for i := range maxResults {
			if to := s.outCell(v, i); to != 0 && (i == 0 || path != "table.remove") {
				s.on(s.arg(v, 0), constraint{kind: loadInto, file: v.file, key: s.itemKey(i + 1), to: to})
				s.on(s.arg(v, 0), constraint{kind: loadInto, file: v.file, key: anyKey, to: to})
			}
		}
	case "table.pack":
		packed := s.made(Table, v.file, s.irs[v.file].Calls[v.call].Node, "")
		for i := range maxExtras {
			s.flow(s.arg(v, i), s.fieldCell(packed, s.itemKey(i+1)))
		}
		if result != 0 {
			s.put(result, packed)
		}
	case "select":
		from := 1
		if k := s.argKey(v, 0); k != anyKey && strings.HasPrefix(s.names[k], "#") {
			from, _ = strconv.Atoi(s.names[k][1:])
		}
		for i := range maxResults {
			if to := s.outCell(v, i); to != 0 {
				s.flow(s.arg(v, from+i), to)
			}
		}
	case "skynet.datacenter.set":
		args := s.irs[v.file].Calls[v.call].Args.Terms
		if last := len(args) - 1 - int(v.skip); last > 0 {
			s.on(s.arg(v, last), constraint{kind: copyInto, file: -1, to: s.stored(s.argKey(v, 0))})
		}
	case "skynet.datacenter.get", "skynet.datacenter.wait":
		if result != 0 {
			key := s.argKey(v, 0)
			s.flow(s.stored(key), result)
			if key != anyKey {
				s.flow(s.stored(anyKey), result)
			}
		}
	case "tonumber": // the address among the words that a service gets at its start
		if result != 0 {
			s.on(s.arg(v, 0), constraint{kind: addressInto, file: v.file, to: result})
		}
	case "tostring":
		if result != 0 {
			s.flow(s.arg(v, 0), result)
		}
	default:
		return false
	}
	return true
}

// stored returns the cell of what the data centre holds below a key; what is stored below others is
// not told apart.
func (s *solver) stored(key int32) ref {
	k := globalKey{-1, s.names[key]}
	c := s.globals[k]
	if c == 0 {
		c = s.newCell()
		s.globals[k] = c
	}
	return c
}

// metamethods makes the functions of a metatable callees of the call that sets it: whoever uses
// the table calls them.
func (s *solver) metamethods(v *invocation) {
	inner := *v
	inner.callee, inner.self, inner.silent, inner.out = s.newCell(), 0, true, -1
	for _, name := range []string{"__index", "__newindex", "__gc", "__close"} {
		s.on(s.arg(v, 1), constraint{kind: fieldInto, file: v.file, key: s.key(name), to: inner.callee})
	}
	s.invokeOn(inner)
}

// argKey returns the key that an argument is.
func (s *solver) argKey(v *invocation, i int) int32 {
	args := s.irs[v.file].Calls[v.call].Args
	if i += int(v.skip); i < len(args.Terms) && args.Terms[i] != ir.None {
		return s.keyOf(v.file, args.Terms[i])
	}
	return anyKey
}
