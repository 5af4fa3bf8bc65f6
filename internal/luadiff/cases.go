package luadiff

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/syntax"
)

// A Case is a small program with what the dialects make of it.
type Case struct {
	Name string
	Text string
	Want [6]Verdict // by dialect; without messages
}

// A CaseFile is a file of cases: a txtar archive of programs, or a table of one-line
// programs.
//
// What is expected stands in the name of an archive's file, and before the program in
// a table:
//
//	-- goto as a name | 5.1,luajit @2 5.5@3 --
//	5.1,luajit @2 5.5@3 | program
//
// First the dialects that accept it (or all, or none), then the line at which the
// others reject it, 1 if nothing is said, then where one of them says another line.
// A program that starts with a double quote is the text of a Go string. In a table,
// lines that are empty or start with # are comments.
type CaseFile struct {
	Path  string
	Cases []*Case

	archive *txtar.Archive
	lines   []string // of a table
	at      []int    // for each case: its file of the archive or its line of the table
}

// ReadCases reads all case files of a folder.
func ReadCases(folder string) ([]*CaseFile, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.txt*"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: no *.txtar or *.txt files", folder)
	}
	sort.Strings(paths)
	var files []*CaseFile
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		f := &CaseFile{Path: path}
		if filepath.Ext(path) == ".txtar" {
			err = f.readArchive(data)
		} else {
			err = f.readTable(data)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		files = append(files, f)
	}
	return files, nil
}

func (f *CaseFile) readArchive(data []byte) error {
	f.archive = txtar.Parse(data)
	for i, file := range f.archive.Files {
		name, expected, _ := strings.Cut(file.Name, " | ")
		text := string(file.Data)
		if strings.HasPrefix(text, `"`) {
			text = strings.TrimSuffix(text, "\n")
		}
		if err := f.add(i, name, expected, text); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (f *CaseFile) readTable(data []byte) error {
	f.lines = strings.Split(string(data), "\n")
	for i, line := range f.lines {
		if line == "" || line[0] == '#' {
			continue
		}
		expected, text, found := strings.Cut(line, "| ")
		if !found {
			return fmt.Errorf("line %d: no \"| \" before the program", i+1)
		}
		if err := f.add(i, fmt.Sprintf("line %d", i+1), strings.TrimSpace(expected), text); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return nil
}

func (f *CaseFile) add(at int, name, expected, text string) error {
	if strings.HasPrefix(text, `"`) {
		var err error
		if text, err = strconv.Unquote(text); err != nil {
			return fmt.Errorf("the program is no Go string: %w", err)
		}
	}
	c := &Case{Name: name, Text: text}
	if err := c.parse(expected); err != nil {
		return err
	}
	f.Cases = append(f.Cases, c)
	f.at = append(f.at, at)
	return nil
}

// parse reads "5.1,luajit @2 5.5@3".
func (c *Case) parse(expected string) error {
	fields := strings.Fields(expected)
	if len(fields) == 0 {
		return nil // to be filled in
	}
	accepts := syntax.DialectSet(0)
	switch fields[0] {
	case "all":
		accepts = syntax.AllDialects
	case "none":
	default:
		for _, name := range strings.Split(fields[0], ",") {
			d, err := syntax.ParseDialect(name)
			if err != nil {
				return err
			}
			accepts |= syntax.DialectsOf(d)
		}
	}
	for _, d := range syntax.Dialects() {
		c.Want[d] = Verdict{OK: true}
		if !accepts.Has(d) {
			c.Want[d] = Verdict{Line: 1}
		}
	}
	for _, field := range fields[1:] {
		name, number, _ := strings.Cut(field, "@")
		line, err := strconv.Atoi(number)
		if err != nil {
			return fmt.Errorf("%q is not DIALECT@LINE", field)
		}
		only := syntax.AllDialects
		if name != "" {
			d, err := syntax.ParseDialect(name)
			if err != nil {
				return err
			}
			only = syntax.DialectsOf(d)
		}
		for _, d := range syntax.Dialects() {
			if only.Has(d) && !accepts.Has(d) {
				c.Want[d].Line = line
			}
		}
	}
	return nil
}

// expected writes what parse reads.
func (c *Case) expected() string {
	var accepting []string
	counts := make(map[int]int)
	usual := 1
	for _, d := range syntax.Dialects() {
		if c.Want[d].OK {
			accepting = append(accepting, d.String())
			continue
		}
		line := c.Want[d].Line
		counts[line]++
		if counts[line] > counts[usual] {
			usual = line
		}
	}
	s := strings.Join(accepting, ",")
	switch len(accepting) {
	case 0:
		s = "none"
	case len(c.Want):
		return "all"
	}
	if usual != 1 {
		s += fmt.Sprintf(" @%d", usual)
	}
	for _, d := range syntax.Dialects() {
		if v := c.Want[d]; !v.OK && v.Line != usual {
			s += fmt.Sprintf(" %s@%d", d, v.Line)
		}
	}
	return s
}

// Format returns the file with what its cases expect now.
func (f *CaseFile) Format() []byte {
	for i, c := range f.Cases {
		at := f.at[i]
		if f.archive != nil {
			f.archive.Files[at].Name = c.Name + " | " + c.expected()
			continue
		}
		_, text, _ := strings.Cut(f.lines[at], "| ")
		f.lines[at] = fmt.Sprintf("%-28s | %s", c.expected(), text)
	}
	if f.archive != nil {
		return txtar.Format(f.archive)
	}
	return []byte(strings.Join(f.lines, "\n"))
}
