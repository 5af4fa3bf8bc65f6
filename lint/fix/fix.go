// Package fix carries out the fixes that findings offer.
package fix

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/skylint/skylint/internal/atomicfile"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// A Change is what fixes make of a file.
type Change struct {
	File *source.File
	// Edits are in the order of the text and do not overlap.
	Edits []rules.Edit
}

// A Plan is a set of fixes that can be carried out together.
type Plan struct {
	// Changes are sorted by path.
	Changes []Change
	// Fixed is the number of findings that go away.
	Fixed int
}

// Safe plans the safe fixes of findings: for each that is not suppressed the first one
// that is safe. A fix is taken whole or not at all. One that would overlap a fix of an
// earlier finding is left out; it can be made in a second round.
func Safe(found []rules.Diagnostic) *Plan {
	return choose(found, func(f *rules.Fix) bool { return f.Safe })
}

// All is Safe with unsafe fixes too: for each finding the first fix that it offers.
func All(found []rules.Diagnostic) *Plan {
	return choose(found, func(*rules.Fix) bool { return true })
}

func choose(found []rules.Diagnostic, allowed func(*rules.Fix) bool) *Plan {
	p := &Plan{}
	taken := map[*source.File][]rules.Edit{} // by file, sorted
	for i := range found {
		d := &found[i]
		if d.Suppressed != nil {
			continue
		}
		at := slices.IndexFunc(d.Fixes, func(f rules.Fix) bool { return allowed(&f) && len(f.Edits) > 0 })
		if at < 0 {
			continue
		}
		if add(taken, d.Fixes[at].Edits) {
			p.Fixed++
		}
	}
	for file, edits := range taken {
		p.Changes = append(p.Changes, Change{file, edits})
	}
	slices.SortFunc(p.Changes, func(a, b Change) int { return cmp.Compare(a.File.Path, b.File.Path) })
	return p
}

// add takes all edits, or none if one of them overlaps one that was taken. An edit that two
// fixes have in common is made once.
func add(taken map[*source.File][]rules.Edit, edits []rules.Edit) bool {
	var fresh []rules.Edit
	for _, e := range edits {
		if slices.Contains(taken[e.File], e) || slices.Contains(fresh, e) {
			continue
		}
		for _, other := range slices.Concat(taken[e.File], fresh) {
			if other.File == e.File && overlap(other, e) {
				return false
			}
		}
		fresh = append(fresh, e)
	}
	for _, e := range fresh {
		list := taken[e.File]
		at, _ := slices.BinarySearchFunc(list, e, func(a, b rules.Edit) int { return cmp.Compare(a.Start, b.Start) })
		taken[e.File] = slices.Insert(list, at, e)
	}
	return true
}

// overlap reports whether two edits of a file get into each other's way. Two insertions at
// one place do: their order would be a guess.
func overlap(a, b rules.Edit) bool {
	if a.Start == b.Start {
		return true
	}
	if a.Start > b.Start {
		a, b = b, a
	}
	return b.Start < a.End
}

// Text returns the text of the file after the change.
func (c *Change) Text() string { return c.splice(0, uint32(len(c.File.Text)), c.Edits) }

// ErrChanged says that a file is no longer what was checked.
var ErrChanged = errors.New("the file has changed since it was read: run again")

// Write changes the files. path returns where a file is on the disk. A file is replaced
// whole or not at all, and left alone if it is not what was read. One that cannot be
// changed does not stop the others; the error joins all of them, each with its path.
func (p *Plan) Write(path func(*source.File) string) error {
	var errs []error
	for i := range p.Changes {
		c := &p.Changes[i]
		name := path(c.File)
		now, err := os.ReadFile(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("cannot fix %s: %w", name, err))
			continue
		}
		if string(now) != c.File.Text {
			errs = append(errs, fmt.Errorf("cannot fix %s: %w", name, ErrChanged))
			continue
		}
		err = atomicfile.Write(name, func(w io.Writer) error {
			_, err := io.WriteString(w, c.Text())
			return err
		})
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
