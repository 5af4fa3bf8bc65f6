package luadata

import (
	"strings"

	"github.com/skylint/skylint/syntax"
)

// maxDepth bounds how deep an expression is followed, but for concatenation, whose chains
// are followed to any length.
const maxDepth = 200

func (r *run) expression(n syntax.Node, depth int) Value {
	if depth > maxDepth {
		return r.unknown(n, "it is nested too deeply")
	}
	depth++
	switch r.t.Kind(n) {
	case syntax.Nil:
		return r.at(Value{Kind: Nil}, n)
	case syntax.True:
		return r.at(boolean(true), n)
	case syntax.False:
		return r.at(boolean(false), n)
	case syntax.Number:
		if why := r.opaque(n); why != "" {
			return r.unknown(n, "%s", why)
		}
		return r.at(Value{Kind: Number, Number: r.t.Number(n)}, n)
	case syntax.String:
		v := r.at(Value{Kind: String, Str: r.t.Str(n)}, n)
		if why := r.opaque(n); why != "" {
			v.Partial, v.Reason = true, why
		}
		return v
	case syntax.Name:
		return r.name(n)
	case syntax.Paren:
		return r.expression(r.t.Operand(n), depth)
	case syntax.Index:
		return r.indexed(n, depth)
	case syntax.Table:
		return r.table(n, depth)
	case syntax.Binary:
		return r.binaryExpression(n, depth)
	case syntax.Unary:
		return r.unary(n, depth)
	case syntax.Call, syntax.MethodCall:
		return r.call(n, depth)
	case syntax.Function:
		return r.unknown(n, "it is a function")
	case syntax.Vararg:
		return r.unknown(n, `it is "..."`)
	}
	return r.unknown(n, "it could not be parsed")
}

func (r *run) opaque(n syntax.Node) string {
	if r.Opaque == nil {
		return ""
	}
	return r.Opaque(r.t.File, r.t.Span(n))
}

func (r *run) name(n syntax.Node) Value {
	if why := r.opaque(n); why != "" {
		return r.unknown(n, "%s", why)
	}
	name := r.t.Name(n)
	if i, ok := r.scope[name]; ok {
		return r.locals[i].value
	}
	if i, ok := r.index[name]; ok {
		return r.globals[i].Value
	}
	if t, ok := r.tainted[name]; ok {
		return t
	}
	return r.at(Value{Kind: Nil, Reason: "nothing assigns " + name}, n)
}

func (r *run) indexed(n syntax.Node, depth int) Value {
	object, key := r.t.Index(n)
	o := r.expression(object, depth)
	k := r.expression(key, depth)
	switch {
	case o.Kind == Unknown:
		return o
	case o.Kind != TableKind:
		return r.unknown(n, "it is a field of %s", describe(o))
	case !k.Known():
		return r.unknown(key, "the field's name is unknown")
	}
	f, ok := asField(k)
	if !ok {
		return r.unknown(key, "the field's name is %s", k.Kind)
	}
	v := o.Table.get(fieldKey(f.Name, f.Number, f.IsItem))
	if v.Kind == Nil && o.Table.Vivify && !f.IsItem {
		f.At, f.Value = r.t.Span(key), r.at(Value{Kind: TableKind, Table: &Table{}}, n)
		o.Table.set(f)
		return f.Value
	}
	if v.File == nil {
		v = r.at(v, n)
	}
	return v
}

func describe(v Value) string {
	if v.Kind == Nil && v.Reason != "" {
		return "nil: " + v.Reason
	}
	return v.Kind.String()
}

func (r *run) table(n syntax.Node, depth int) Value {
	t := &Table{}
	fields := r.t.Fields(n)
	for i, field := range fields {
		key, value := r.t.Field(field)
		v := r.expression(value, depth)
		if key == syntax.None {
			t.next++
			t.set(Field{Number: t.next, IsItem: true, At: r.t.Span(value), Value: v})
			switch r.t.Kind(value) {
			case syntax.Call, syntax.MethodCall, syntax.Vararg:
				if i == len(fields)-1 && v.Kind == Unknown {
					t.Open = v.Reason
				}
			}
			continue
		}
		k := r.expression(key, depth)
		f, ok := asField(k)
		if !ok {
			if !k.Known() {
				t.Open = "the name of one of its fields is unknown"
			}
			continue
		}
		f.At, f.Value = r.t.Span(key), v
		t.set(f)
	}
	return r.at(Value{Kind: TableKind, Table: t}, n)
}

func (r *run) binaryExpression(n syntax.Node, depth int) Value {
	op, left, right := r.t.Binary(n)
	switch op {
	case syntax.Concat:
		// a .. b .. c is a .. (b .. c): walk down the right side.
		parts := []Value{r.expression(left, depth)}
		for r.t.Kind(right) == syntax.Binary && r.t.Op(right) == syntax.Concat {
			_, left, right = r.t.Binary(right)
			parts = append(parts, r.expression(left, depth))
		}
		parts = append(parts, r.expression(right, depth))
		for i := range parts {
			if parts[i].Kind == Nil && parts[i].Reason != "" {
				parts[i] = Value{Reason: parts[i].Reason, File: parts[i].File, At: parts[i].At}
			}
		}
		v := concat(parts)
		if v.File == nil || v.Known() {
			v = r.at(v, n)
		}
		return v
	case syntax.And, syntax.Or:
		l := r.expression(left, depth)
		is, ok := l.truth()
		if !ok {
			r.expression(right, depth) // for what a call in it may change
			return l
		}
		if is == (op == syntax.Or) {
			return l
		}
		return r.expression(right, depth)
	}
	l, rt := r.expression(left, depth), r.expression(right, depth)
	for _, v := range []Value{l, rt} {
		if !v.Known() {
			return Value{Reason: v.Reason, File: v.File, At: v.At}
		}
	}
	if v, ok := binary(op, l, rt); ok {
		if v.Kind == Unknown {
			return r.unknown(n, "it divides by zero")
		}
		return r.at(v, n)
	}
	return r.unknown(n, `"%s" does not apply to %s and %s`, op, describe(l), describe(rt))
}

func (r *run) unary(n syntax.Node, depth int) Value {
	op, operand := r.t.Unary(n)
	v := r.expression(operand, depth)
	if !v.Known() && !(op == syntax.Not && v.Partial) {
		return Value{Reason: v.Reason, File: v.File, At: v.At}
	}
	is, _ := v.truth()
	switch {
	case op == syntax.Not:
		return r.at(boolean(!is), n)
	case op == syntax.Len && v.Kind == String:
		return r.at(integer(int64(len(v.Str))), n)
	case op == syntax.Len && v.Kind == TableKind && v.Table.Open == "":
		return r.at(integer(int64(len(v.Table.Items()))), n)
	case op == syntax.Neg && v.Kind == Number && v.Number.IsInt:
		return r.at(integer(-v.Number.Int), n)
	case op == syntax.Neg && v.Kind == Number:
		return r.at(float(-v.Number.Float), n)
	case op == syntax.BitNot && v.Kind == Number && v.Number.IsInt:
		return r.at(integer(^v.Number.Int), n)
	}
	return r.unknown(n, `"%s" does not apply to %s`, op, describe(v))
}

// call evaluates the arguments of a call, asks the Evaluator's owner about it, and gives up
// what it may change.
func (r *run) call(n syntax.Node, depth int) Value {
	callee, argNodes := r.arguments(n)
	if r.t.Kind(n) == syntax.Call && r.t.Kind(callee) != syntax.Name {
		r.expression(callee, depth) // for what a call in it may change
	}
	var args []Value
	for _, a := range argNodes {
		args = append(args, r.expression(a, depth))
	}
	name := ""
	if r.t.Kind(n) == syntax.Call && r.t.Kind(callee) == syntax.Name {
		if _, isLocal := r.scope[r.t.Name(callee)]; !isLocal {
			name = r.t.Name(callee)
		}
	}
	if r.Call != nil {
		if v, ok := r.Call(r.t, n, name, args); ok {
			return v
		}
	}
	reason := "the call of " + clip(r.t.Text(callee)) + " is not evaluated"
	for _, a := range args {
		if a.Kind == TableKind {
			a.Table.open("it is passed to " + clip(r.t.Text(callee)))
		}
	}
	return r.unknown(n, "%s", reason)
}

// clip shortens the text of an expression for a message.
func clip(s string) string {
	const most = 40
	for i := 0; i < len(s); i++ {
		if i == most || s[i] == '\n' || s[i] == '\r' {
			return strings.ToValidUTF8(s[:i], "") + "..."
		}
	}
	return s
}
