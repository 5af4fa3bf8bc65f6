// Package http is the modules http.httpd, http.httpc, http.sockethelper, http.url and http.tlshelper,
// over Go's net/http and crypto/tls: requests and responses are read by a parser that is known to stand
// whatever a peer sends.
package http

import (
	"net/http"
	"net/url"
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// Modules returns the modules of a node whose sockets are those of o.
func Modules(o *socket.Options) []actor.Module {
	return []actor.Module{
		helper(o), client(o), tlsHelper(o),
		actor.Functions("http.httpd", []library.Function{
			{Name: "read_request", Call: readRequest}, {Name: "write_response", Call: writeResponse},
		}),
		actor.Functions("http.url", []library.Function{{Name: "parse", Call: parse}, {Name: "parse_query", Call: parseQuery}}),
	}
}

// parse is url.parse(url): the path, decoded, and the query as it is.
func parse(L *lua.LState) int {
	path, query, _ := strings.Cut(arg.String(L, 1), "?")
	L.Push(lua.LString(decode(path)))
	L.Push(lua.LString(query))
	return 2
}

// parseQuery is url.parse_query(query): a table of texts, and of lists where a name comes again.
func parseQuery(L *lua.LState) int {
	t := L.CreateTable(0, 4)
	for pair := range strings.SplitSeq(arg.String(L, 1), "&") {
		limit.Of(L).Work(L, 1)
		if name, v, ok := strings.Cut(pair, "="); ok {
			add(L, t, decode(name), decode(v))
		}
	}
	L.Push(t)
	return 1
}

// add sets a field, or makes a list of it.
func add(L *lua.LState, t *lua.LTable, name, text string) {
	limit.Of(L).Charge(L, limit.String, int64(len(text)))
	switch old := t.RawGetString(name).(type) {
	case *lua.LNilType:
		t.RawSetString(name, lua.LString(text))
	case *lua.LTable:
		old.Append(lua.LString(text))
	default:
		list := L.CreateTable(2, 0)
		list.Append(old)
		list.Append(lua.LString(text))
		t.RawSetString(name, list)
	}
}

// decode undoes the escapes of a URL; what is none stays.
func decode(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if i+2 < len(s) && s[i] == '%' {
			if d, err := url.QueryUnescape(s[i : i+3]); err == nil {
				b.WriteString(d)
				i += 2
				continue
			}
		}
		if s[i] == '+' {
			b.WriteByte(' ')
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// headerInto puts header fields into a table, with names in lower case.
func headerInto(L *lua.LState, t *lua.LTable, header http.Header) {
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, v := range header[name] {
			add(L, t, strings.ToLower(name), v)
		}
	}
}

// A Field is one of a header.
type Field struct{ Name, Text string }

// Fields returns those of a table, sorted by name: of a list one for each element. It raises an error
// for one that would end its line.
func Fields(L *lua.LState, t *lua.LTable) []Field {
	var all []Field
	each := func(name string, v lua.LValue) {
		text := value.ToString(L, v)
		if strings.ContainsAny(name, "\r\n: ") || name == "" || strings.ContainsAny(text, "\r\n\x00") {
			thread.Errorf(L, "the header field %q has a line break, or no proper name", name)
		}
		all = append(all, Field{name, text})
	}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		name := lua.LVAsString(k)
		if list, ok := v.(*lua.LTable); ok {
			for i := 1; i <= list.Len(); i++ {
				each(name, list.RawGetInt(i))
			}
			continue
		}
		each(name, v)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all
}
