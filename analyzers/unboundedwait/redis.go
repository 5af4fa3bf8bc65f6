package unboundedwait

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// blocking are the commands of redis that wait until another client does something.
var blocking = []string{"blpop", "brpop", "brpoplpush", "blmove", "blmpop", "bzpopmin", "bzpopmax", "bzmpop"}

// connection is the model of a connection to redis, whose answers come in the order of the requests.
const connection = "skynet.db.redis.Connection."

// holdsConnection reports commands that wait on a connection over which the program sends others:
// their answers come behind it.
func holdsConnection(p *analyzers.SystemPass) {
	type use struct {
		site effect.Site
		name string
	}
	uses := map[solve.Atom][]use{}
	var objects []solve.Atom
	for i := range p.Values.Program().Files {
		file := int32(i)
		for k := range p.Values.IR(file).Calls {
			p.Values.Callees(file, int32(k), func(c solve.Callee) {
				d := p.Values.Atom(c.Atom)
				if d.Kind != solve.Method || d.Entry == nil || !strings.HasPrefix(strings.ReplaceAll(d.Entry.Path, ":", "."), connection) {
					return
				}
				if uses[d.Of] == nil {
					objects = append(objects, d.Of)
				}
				uses[d.Of] = append(uses[d.Of], use{effect.Site{File: file, Call: int32(k)}, d.Text})
			})
		}
	}
	for _, o := range objects {
		var waits, other *use
		for i := range uses[o] {
			if u := &uses[o][i]; slices.Contains(blocking, strings.ToLower(u.name)) {
				if waits == nil {
					waits = u
				}
			} else if other == nil && !strings.EqualFold(u.name, "auth") && !strings.EqualFold(u.name, "select") {
				other = u
			}
		}
		if waits == nil || other == nil || !isOne(p, o) {
			continue
		}
		p.Report(rules.Diagnostic{
			Rule: rules.UnboundedWait, Location: p.At(waits.site), Key: waits.name,
			Message: fmt.Sprintf("'%s' waits on a connection that is used for other commands, too", waits.name),
			Label:   "the answers of a connection come in order: all that is asked later waits with it",
			Help:    []string{"make a connection of its own for the command that waits"},
			Related: []rules.Related{{Location: p.At(other.site), Message: "this is answered only behind it"}},
		})
	}
}

// isOne reports whether an object is surely made once: not in a loop, and in a main chunk or in a
// function without a name that a call is given, such as that of skynet.start.
func isOne(p *analyzers.SystemPass, o solve.Atom) bool {
	d := p.Values.Atom(o)
	t := p.Values.Program().Files[d.File].Tree
	fn := t.EnclosingFunction(d.Node)
	if loop := t.Enclosing(d.Node, syntax.WhileStat, syntax.RepeatStat, syntax.NumericFor, syntax.GenericFor); loop != syntax.None && (fn == syntax.None || t.Within(loop, fn)) {
		return false
	}
	return fn == syntax.None || t.Kind(t.Parent(fn)) == syntax.Call && t.EnclosingFunction(t.Parent(fn)) == syntax.None
}
