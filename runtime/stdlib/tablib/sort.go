package tablib

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// A sorter sorts a list as Lua does: the same comparisons in the same order, so that a
// comparison function sees the same calls, and a wrong one the same errors.
type sorter struct {
	list
	budget *limit.Budget
	// values are those of a table without metamethods, from index 1 on, at 1. They are put back
	// at the end: after an error the table is as it was.
	values []lua.LValue
	less   *lua.LFunction
	work   int64 // what a comparison is charged
}

func sort(L *lua.LState) int {
	s := sorter{list: listAt(L, 1, "__index", "__newindex", "__len"), budget: limit.Of(L)}
	n := s.len()
	if n <= 1 {
		return 0
	}
	arg.Check(L, n < 1<<31-1, 1, "array too big")
	if L.Get(2) != lua.LNil {
		s.less = arg.Function(L, 2)
	}
	s.work = 2
	if !s.plain {
		s.work = 10
		s.sort(1, n)
		return 0
	}
	s.budget.Charge(L, limit.Memory, n*16)
	s.values = make([]lua.LValue, n+1)
	for i := 1; i <= int(n); i++ {
		s.values[i] = s.table.RawGetInt(i)
	}
	if s.less != nil || !s.alike(s.values[1:]) {
		s.sort(1, n)
	}
	for i := 1; i <= int(n); i++ {
		s.table.RawSetInt(i, s.values[i])
	}
	return 0
}

// alike sorts values that are all numbers, but for NaN, or all strings, if they are: nobody sees in
// which order they are compared. They are charged for as the others are.
func (s *sorter) alike(values []lua.LValue) bool {
	size := 0
	switch values[0].(type) {
	case lua.LNumber:
		for _, v := range values {
			if x, ok := v.(lua.LNumber); !ok || x != x {
				return false
			}
		}
	case lua.LString:
		for _, v := range values {
			x, ok := v.(lua.LString)
			if !ok {
				return false
			}
			size = max(size, len(x))
		}
	default:
		return false
	}
	comparisons := int64(len(values)) * int64(bits.Len(uint(len(values))))
	s.budget.Work(s.L, comparisons*s.work)
	if size > longString {
		slices.SortFunc(values, func(a, b lua.LValue) int {
			x, y := a.(lua.LString), b.(lua.LString)
			s.budget.Work(s.L, int64(min(len(x), len(y)))/longString)
			return strings.Compare(string(x), string(y))
		})
		return true
	}
	slices.SortFunc(values, func(a, b lua.LValue) int {
		if x, ok := a.(lua.LNumber); ok {
			return cmp.Compare(x, b.(lua.LNumber))
		}
		return strings.Compare(string(a.(lua.LString)), string(b.(lua.LString)))
	})
	return true
}

// longString is how many bytes are compared for nothing.
const longString = 64

func (s *sorter) get(i int64) lua.LValue {
	if s.values != nil {
		return s.values[i]
	}
	return s.list.get(i)
}

func (s *sorter) before(a, b lua.LValue) bool {
	L := s.L
	s.budget.Work(L, s.work)
	if s.less == nil {
		switch x := a.(type) {
		case lua.LNumber:
			if y, ok := b.(lua.LNumber); ok {
				return x < y
			}
		case lua.LString:
			s.budget.Work(L, int64(len(x))/64)
		}
		return value.Less(L, a, b)
	}
	L.Push(s.less)
	L.Push(a)
	L.Push(b)
	limit.CallPinned(L, 2, 1)
	result := lua.LVAsBool(L.Get(-1))
	L.SetTop(L.GetTop() - 1)
	return result
}

func (s *sorter) put(i int64, a lua.LValue, j int64, b lua.LValue) {
	if s.values != nil {
		s.values[i], s.values[j] = a, b
		return
	}
	s.set(i, a)
	s.set(j, b)
}

// large is the size above which the pivot is not simply the middle one.
const large = 100

func (s *sorter) sort(low, up int64) {
	for low < up {
		a, b := s.get(low), s.get(up)
		if s.before(b, a) {
			s.put(low, b, up, a)
		}
		if up-low == 1 {
			return
		}
		p := (low + up) / 2
		a, b = s.get(p), s.get(low)
		if s.before(a, b) {
			s.put(p, b, low, a)
		} else if b = s.get(up); s.before(b, a) {
			s.put(p, b, up, a)
		}
		if up-low == 2 {
			return
		}
		pivot := s.get(p)
		s.put(p, s.get(up-1), up-1, pivot)
		p = s.partition(low, up, pivot)
		if p-low < up-p {
			s.sort(low, p-1)
			low = p + 1
		} else {
			s.sort(p+1, up)
			up = p - 1
		}
	}
}

// partition puts what is less than the pivot below it, what is greater above; it returns
// where the pivot is.
func (s *sorter) partition(low, up int64, pivot lua.LValue) int64 {
	i, j := low, up-1
	for {
		i++
		a := s.get(i)
		for s.before(a, pivot) {
			if i == up-1 {
				thread.Errorf(s.L, "invalid order function for sorting")
			}
			i++
			a = s.get(i)
		}
		j--
		b := s.get(j)
		for s.before(pivot, b) {
			if j < i {
				thread.Errorf(s.L, "invalid order function for sorting")
			}
			j--
			b = s.get(j)
		}
		if j < i {
			s.put(up-1, s.get(i), i, pivot)
			return i
		}
		s.put(i, b, j, a)
	}
}
