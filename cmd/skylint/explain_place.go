package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/flow/inspect"
	programs "github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/lint"
)

// placeFlags are the flags of explain that are about a place in the text.
type placeFlags struct {
	at    string
	check checkFlags // those that check has too
}

// shared are the names of the flags that mean something only with --path.
var shared = []string{"config", "no-config", "dialect", "jobs"}

func (f *placeFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.at, "path", "p", "", "say what is known at `FILE:LINE`, or FILE:LINE:COLUMN")
	addConfigFlags(cmd, &f.check, "with --path: ")
	flags.IntVarP(&f.check.jobs, "jobs", "j", 0, "with --path: `N` files at a time; the answer is the same for any N")
}

// unused returns an error if a flag is given that is for --path.
func (f *placeFlags) unused(cmd *cobra.Command) error {
	for _, name := range shared {
		if cmd.Flags().Changed(name) {
			return usage("--%s is for --path: a page of a rule reads no project", name)
		}
	}
	return nil
}

// A textPlace is a place as it is given: FILE:LINE or FILE:LINE:COLUMN.
type textPlace struct {
	file         string
	line, column int // column is 0 if none is given
}

// parsePlace reads a place. What stands before the numbers is the file, colons and all.
func parsePlace(s string) (textPlace, error) {
	var numbers []int
	file := s
	for len(numbers) < 2 {
		i := strings.LastIndexByte(file, ':')
		if i < 0 {
			break
		}
		n, err := strconv.Atoi(file[i+1:])
		if err != nil {
			break
		}
		numbers = append([]int{n}, numbers...)
		file = file[:i]
	}
	if len(numbers) == 0 || file == "" {
		e := usage("--path takes FILE:LINE or FILE:LINE:COLUMN, not %q", s)
		e.help = []string{"for example: skylint explain --path service/login.lua:42"}
		return textPlace{}, e
	}
	if numbers[0] < 1 || len(numbers) == 2 && numbers[1] < 1 {
		return textPlace{}, usage("--path %s: lines and columns count from 1", s)
	}
	at := textPlace{file: file, line: numbers[0]}
	if len(numbers) == 2 {
		at.column = numbers[1]
	}
	return at, nil
}

// explainPlace says what the analysis knows at a place.
func (p *program) explainPlace(ctx context.Context, f *placeFlags) error {
	at, err := parsePlace(f.at)
	if err != nil {
		return err
	}
	f.check.color = "auto"
	r := &checkRun{program: p, flags: &f.check}
	if err := r.prepare([]string{at.file}); err != nil {
		return err
	}
	// Without a sky.toml or a repository around it, the project is the current folder.
	if local(at.file) {
		r.options.Project.Paths = append(r.options.Project.Paths, ".")
	}
	r.options.System, r.options.NoRules = true, true
	result, err := r.lint(ctx)
	if err != nil {
		return err
	}
	file, err := r.fileAt(result.Program, at)
	if err != nil {
		return err
	}
	err = inspect.At(result.System, file, at.line, at.column, shownPath(result.Program.Project.Root)).WriteText(p.out)
	if err != nil {
		return failure(err)
	}
	if problem := problemOf(result, file.Path); problem != nil {
		p.code = exitProblems
		p.complain(failure(problem))
	}
	return nil
}

// local reports whether a path leads into the current folder.
func local(path string) bool {
	if filepath.IsAbs(path) {
		path = shorter(path)
	}
	return filepath.IsLocal(path)
}

// fileAt returns the file of a place, which has to have its line and column.
func (r *checkRun) fileAt(prog *programs.Program, at textPlace) (*programs.File, error) {
	abs, err := filepath.Abs(at.file)
	if err != nil {
		return nil, failure(err)
	}
	name, err := filepath.Rel(prog.Project.Root, abs)
	if err != nil {
		return nil, failure(err)
	}
	name = filepath.ToSlash(name)
	i := slices.IndexFunc(prog.Files, func(f *programs.File) bool { return f.Path == name })
	if i < 0 {
		for _, problem := range prog.Project.Problems {
			if problem.Path == name {
				return nil, failure(fmt.Errorf("%s: %s", at.file, problem.Message))
			}
		}
		if info, err := os.Stat(abs); err == nil && info.IsDir() {
			return nil, usage("%s is a folder: --path takes a line of a file", at.file)
		}
		e := usage("%s is not among the files of the project at %s", at.file, prog.Project.Root)
		e.help = []string{"sky.toml or .gitignore may leave it out"}
		return nil, e
	}
	f := prog.Files[i]
	if n := f.LineCount(); at.line > n {
		return nil, usage("%s has %d lines, and no line %d", at.file, n, at.line)
	}
	if n := utf8.RuneCountInString(f.LineText(at.line)); at.column > max(n, 1) {
		return nil, usage("line %d of %s has %d characters, and no column %d", at.line, at.file, n, at.column)
	}
	return f, nil
}

// problemOf returns an error if a file was read only in part.
func problemOf(result *lint.Result, path string) error {
	for _, problem := range result.Report.Problems {
		if problem.Path == path {
			return fmt.Errorf("%s: %s: the answer may lack something", path, problem.Message)
		}
	}
	return nil
}
