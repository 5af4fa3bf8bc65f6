package strlib

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// appendInt writes an integer, its sign filling what is more than eight bytes.
func appendInt(b *builder, n uint64, size int, big, negative bool) {
	var room [maxIntSize]byte
	for i := range size {
		c := byte(n)
		if i >= sizeJ {
			c = 0
			if negative {
				c = 0xff
			}
		}
		n >>= 8
		if big {
			room[size-1-i] = c
		} else {
			room[i] = c
		}
	}
	b.bytes(room[:size])
}

func pad(b *builder, n int) {
	for ; n > 0; n-- {
		b.byte(0)
	}
}

func pack(L *lua.LState) int {
	l := layout{L: L, format: arg.String(L, 1), align: 1}
	limit.Of(L).Work(L, int64(len(l.format)))
	out := builder{L: L}
	L.Push(lua.LNil) // what a missing argument is, in messages
	n := 1
	for l.more() {
		o := l.next(out.Len())
		pad(&out, o.padding)
		switch o.kind {
		case packInt:
			n++
			v := exactInteger(L, n)
			if o.size < sizeJ {
				limit := int64(1) << (o.size*8 - 1)
				arg.Check(L, -limit <= v && v < limit, n, "integer overflow")
			}
			appendInt(&out, uint64(v), o.size, l.big, v < 0)
		case packUint:
			n++
			v := exactInteger(L, n)
			if o.size < sizeJ {
				arg.Check(L, uint64(v) < 1<<(o.size*8), n, "unsigned overflow")
			}
			appendInt(&out, uint64(v), o.size, l.big, false)
		case packFloat:
			n++
			appendInt(&out, uint64(math.Float32bits(float32(arg.Number(L, n)))), 4, l.big, false)
		case packDouble:
			n++
			appendInt(&out, math.Float64bits(arg.Number(L, n)), 8, l.big, false)
		case packFixed:
			n++
			s := arg.String(L, n)
			arg.Check(L, len(s) <= o.size, n, "string longer than given size")
			out.room(o.size)
			out.text(s)
			pad(&out, o.size-len(s))
		case packPrefix:
			n++
			s := arg.String(L, n)
			arg.Check(L, o.size >= sizeJ || uint64(len(s)) < 1<<(o.size*8), n, "string length does not fit in given size")
			appendInt(&out, uint64(len(s)), o.size, l.big, false)
			out.text(s)
		case packZero:
			n++
			s := arg.String(L, n)
			arg.Check(L, strings.IndexByte(s, 0) < 0, n, "string contains zeros")
			out.text(s)
			out.byte(0)
		case packPadding:
			out.byte(0)
		}
	}
	return out.push()
}

// exactInteger is an integer that has lost no bits.
func exactInteger(L *lua.LState, n int) int64 {
	v := arg.Integer(L, n)
	if v > number.Exact || v < -number.Exact {
		if v&(v-1) != 0 && v != math.MinInt64 {
			arg.Error(L, n, "number "+number.Format(float64(v))+" is beyond 2^53 and may have lost bits (see docs/LUA.md, integers)")
		}
	}
	return v
}

func packsize(L *lua.LState) int {
	l := layout{L: L, format: arg.String(L, 1), align: 1}
	limit.Of(L).Work(L, int64(len(l.format)))
	total := 0
	for l.more() {
		o := l.next(total)
		arg.Check(L, o.kind != packPrefix && o.kind != packZero, 1, "variable-length format")
		size := o.size + o.padding
		arg.Check(L, total <= math.MaxInt32-size, 1, "format result too large")
		total += size
	}
	L.Push(lua.LNumber(total))
	return 1
}

func unpack(L *lua.LState) int {
	l := layout{L: L, format: arg.String(L, 1), align: 1}
	data := arg.String(L, 2)
	limit.Of(L).Work(L, int64(len(l.format)))
	place := arg.OptInteger(L, 3, 1)
	at := len(data) + 1
	if place <= int64(len(data))+1 {
		at = start(place, len(data)) - 1
	}
	arg.Check(L, at <= len(data), 3, "initial position out of string")
	value.Reserve(L, min(len(l.format), maxResults))
	n := 0
	for l.more() {
		o := l.next(at)
		arg.Check(L, o.padding+o.size <= len(data)-at, 2, "data string too short")
		at += o.padding
		if n++; n > maxResults {
			thread.Errorf(L, "too many results")
		}
		switch o.kind {
		case packInt, packUint:
			L.Push(pushable(L, readInt(L, data[at:at+o.size], l.big, o.kind == packInt)))
		case packFloat:
			bits := readInt(L, data[at:at+4], l.big, false)
			L.Push(lua.LNumber(math.Float32frombits(uint32(bits))))
		case packDouble:
			bits := readInt(L, data[at:at+8], l.big, false)
			L.Push(lua.LNumber(math.Float64frombits(uint64(bits))))
		case packFixed:
			L.Push(part(L, data, at, at+o.size))
		case packPrefix:
			size := readInt(L, data[at:at+o.size], l.big, false)
			at += o.size
			arg.Check(L, size >= 0 && size <= int64(len(data)-at), 2, "data string too short")
			L.Push(part(L, data, at, at+int(size)))
			at += int(size)
			continue
		case packZero:
			end := strings.IndexByte(data[at:], 0)
			arg.Check(L, end >= 0, 2, "unfinished string for format 'z'")
			limit.Of(L).Work(L, int64(end)/32)
			L.Push(part(L, data, at, at+end))
			at += end + 1
			continue
		default:
			n--
		}
		at += o.size
	}
	L.Push(lua.LNumber(at + 1))
	return n + 1
}

// readInt reads an integer of any size.
func readInt(L *lua.LState, data string, big, signed bool) int64 {
	size := len(data)
	var n uint64
	at := func(i int) byte { // byte i from the least
		if big {
			return data[size-1-i]
		}
		return data[i]
	}
	for i := min(size, sizeJ) - 1; i >= 0; i-- {
		n = n<<8 | uint64(at(i))
	}
	if size < sizeJ {
		if signed {
			mask := uint64(1) << (size*8 - 1)
			n = (n ^ mask) - mask
		}
	} else if size > sizeJ {
		fill := byte(0)
		if signed && int64(n) < 0 {
			fill = 0xff
		}
		for i := sizeJ; i < size; i++ {
			if at(i) != fill {
				thread.Errorf(L, "%d-byte integer does not fit into Lua Integer", size)
			}
		}
	}
	return int64(n)
}

// pushable refuses an integer that no number holds: it would come out as another one.
func pushable(L *lua.LState, n int64) lua.LValue {
	f, exact := number.Float(n)
	if !exact {
		thread.Errorf(L, "integer %d is beyond 2^53 and cannot be held exactly (see docs/LUA.md, integers)", n)
	}
	return lua.LNumber(f)
}
