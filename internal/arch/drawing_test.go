package arch

import (
	"fmt"
	"slices"
	"strings"
)

// A drawing is what docs/ARCHITECTURE.md says in a form that can be checked.
type drawing struct {
	folders []string            // of the house, top level
	arrows  map[string][]string // group -> groups that it may import
	uses    []use
}

// A use is a row, or a part of one, of the table of modules.
type use struct {
	module, group string
	tests         bool // only its tests
}

// parse reads the block "house", the block "arrows" and the table of modules.
//
// In the house a line that begins with a name and a slash is a folder. An arrow is a line
// "from -> to, to"; "folder/*" is each of its subfolders, which do not know each other. In the table the second column names groups in backquotes; behind
// "tests of" only their tests are meant.
func parse(page string) (*drawing, error) {
	d := &drawing{arrows: map[string][]string{}}
	for _, line := range block(page, "house") {
		if name, _, ok := strings.Cut(line, "/"); ok && name != "" && !strings.ContainsAny(name, " \t") {
			if !slices.Contains(d.folders, name) {
				d.folders = append(d.folders, name)
			}
		}
	}
	for _, line := range block(page, "arrows") {
		from, to, ok := strings.Cut(line, "->")
		from = strings.TrimSpace(from)
		if !ok || from == "" {
			return nil, fmt.Errorf("not an arrow: %q", line)
		}
		if _, twice := d.arrows[from]; twice {
			return nil, fmt.Errorf("two lines of arrows from %s", from)
		}
		d.arrows[from] = append([]string{}, strings.FieldsFunc(to, func(r rune) bool { return r == ' ' || r == ',' })...)
	}
	for from, tos := range d.arrows {
		for _, to := range tos {
			if _, ok := d.arrows[to]; !ok {
				return nil, fmt.Errorf("the arrow %s -> %s leads to nothing", from, to)
			}
		}
	}
	if err := d.parseModules(page); err != nil {
		return nil, err
	}
	if len(d.folders) == 0 || len(d.arrows) == 0 || len(d.uses) == 0 {
		return nil, fmt.Errorf("the page lacks the house (%d folders), the arrows (%d) or the modules (%d)",
			len(d.folders), len(d.arrows), len(d.uses))
	}
	return d, nil
}

// block returns the lines of the fenced block with that info string.
func block(page, info string) []string {
	_, rest, ok := strings.Cut("\n"+page, "\n```"+info+"\n")
	if !ok {
		return nil
	}
	text, _, _ := strings.Cut(rest, "\n```")
	return strings.Split(text, "\n")
}

func (d *drawing) parseModules(page string) error {
	_, table, ok := strings.Cut(page, "| module | used by | for |\n")
	if !ok {
		return nil
	}
	for _, row := range strings.Split(table, "\n")[1:] {
		if !strings.HasPrefix(row, "|") {
			break
		}
		cells := strings.Split(strings.Trim(row, "| "), "|")
		if len(cells) != 3 || strings.TrimSpace(cells[2]) == "" {
			return fmt.Errorf("a module needs a name, a user and a reason: %s", row)
		}
		name := strings.Trim(strings.TrimSpace(cells[0]), "`")
		tests := false
		// The odd parts between backquotes are names, the even ones the words before them.
		for i, part := range strings.Split(cells[1], "`") {
			if i%2 == 0 {
				tests = tests || strings.Contains(part, "tests of")
				continue
			}
			if group, _ := d.groupOf(part); group == "" {
				return fmt.Errorf("%s is used by %s, which is not among the arrows", name, part)
			}
			d.uses = append(d.uses, use{module: name, group: part, tests: tests})
		}
	}
	return nil
}
