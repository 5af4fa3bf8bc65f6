package lint

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// A Stage is one part of a run.
type Stage struct {
	Name string
	Time time.Duration
	// Count says what it was about: "171 files"; it may be empty.
	Count string
	// Parts are what it did; empty unless Options.Measure is set. They ran side by side: their
	// times add up to the work of all goroutines.
	Parts []Part
}

// A Part is a piece of a stage.
type Part struct {
	Name  string
	Time  time.Duration
	Count string
}

// A meter adds up how long the parts of a stage take. It is safe for concurrent use.
type meter struct {
	on    bool
	mu    sync.Mutex
	parts []Part
}

// time runs a part, and measures it if that is asked for.
func (m *meter) time(name string, do func()) {
	if !m.on {
		do()
		return
	}
	began := time.Now()
	do()
	m.add(Part{Name: name, Time: time.Since(began)})
}

// add adds to what is known of a part.
func (m *meter) add(p Part) {
	if !m.on {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.IndexFunc(m.parts, func(q Part) bool { return q.Name == p.Name }); i >= 0 {
		m.parts[i].Time += p.Time
		m.parts[i].Count = cmp.Or(p.Count, m.parts[i].Count)
		return
	}
	m.parts = append(m.parts, p)
}

// take returns the parts so far, the longest first, and begins anew.
func (m *meter) take() []Part {
	m.mu.Lock()
	defer m.mu.Unlock()
	parts := m.parts
	m.parts = nil
	slices.SortStableFunc(parts, func(a, b Part) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.Name, b.Name))
	})
	return parts
}
