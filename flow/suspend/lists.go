package suspend

// lists are lists of values by number, such as the edges to each function, in one piece of memory.
type lists[T any] struct {
	at  []int32 // where the list of a number begins; one more at the end
	all []T
}

// item is a value of the list of a number.
type item[T any] struct {
	list  int32
	value T
}

// newLists makes n lists of items, each in the order in which they are given.
func newLists[T any](n int, items []item[T]) lists[T] {
	l := lists[T]{at: make([]int32, n+1), all: make([]T, len(items))}
	for i := range items {
		l.at[items[i].list]++
	}
	for i := range n {
		l.at[i+1] += l.at[i]
	}
	// at says where each list ends. Filled from there, it says in the end where each begins.
	for i := len(items) - 1; i >= 0; i-- {
		at := &l.at[items[i].list]
		*at--
		l.all[*at] = items[i].value
	}
	return l
}

// len returns how many lists there are.
func (l *lists[T]) len() int32 { return int32(len(l.at) - 1) }

// of returns the list of a number.
func (l *lists[T]) of(n int32) []T { return l.all[l.at[n]:l.at[n+1]] }
