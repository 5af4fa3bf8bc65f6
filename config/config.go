// Package config reads sky.toml, the one configuration of both programs.
//
// Reading is strict: an unknown key, a value of the wrong type, a rule that does not exist
// and a bad glob are errors with their place and the name that was probably meant, and all
// errors of a file are reported at once. What could be understood is still returned, so
// that a run can go on without the rest.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/config/glob"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// FileName is the name of the configuration's file.
const FileName = "sky.toml"

// A Config is what a project says about itself. Its fields may be changed before the first
// call of For; after it the Config is immutable and safe for concurrent use.
type Config struct {
	// File is sky.toml, nil where there is none.
	File *source.File
	// Root is the folder that paths and globs are relative to, "" without a file.
	Root string

	// Dialect is what files are read as that no override names. It is a guess, and
	// DialectSet false, where the file does not say it.
	Dialect    syntax.Dialect
	DialectSet bool
	Profile    Profile
	Files      Files
	Lint       Lint
	// Models are the model files of the project's own libraries, relative to Root.
	Models PathList
	// System is what all nodes share.
	System System
	// Nodes are the [node.NAME] sections in the order of the file; what one does not say
	// itself is taken from System.
	Nodes []Node

	rules     layer
	options   map[*rules.Rule]*optionTable
	overrides []override
	owned     map[string]any            // by section: what its owner decoded
	perNode   map[string]map[string]any // the same by node, for what [node.NAME.SECTION] says
	settings  effective
}

// Files says which files there are to look at.
type Files struct {
	Include   Globs `toml:"include" doc:"Globs of the files that are analysed."`
	Exclude   Globs `toml:"exclude" doc:"Globs of files and folders that are not looked at, not even to resolve a require."`
	Vendored  Globs `toml:"vendored" doc:"Globs of folders with other people's code, besides those that are recognised. They are analysed, and their findings not reported."`
	Gitignore bool  `toml:"gitignore" doc:"Leave out what git ignores."`
}

// Wants reports whether the file of that path, relative to Root and separated by "/", is
// included and not excluded.
func (f *Files) Wants(path string) bool {
	return glob.Set(f.Include).Match(path) && !glob.Set(f.Exclude).Match(path)
}

// Excludes reports whether a file, or a folder with all that is in it, is excluded.
func (f *Files) Excludes(path string) bool { return glob.Set(f.Exclude).Match(path) }

// Lint says what is reported.
type Lint struct {
	FailOn         Threshold `toml:"fail-on" doc:"The mildest severity of a finding that makes the exit code 1."`
	Globals        Names     `toml:"globals" doc:"Global variables that any file may write and read. A name may end in *."`
	ReadGlobals    Names     `toml:"read-globals" doc:"Global variables that any file may read. A name may end in *."`
	ReportVendored bool      `toml:"report-vendored" doc:"Report the findings in vendored folders too."`
	// Baseline is relative to Root.
	Baseline document.Text `toml:"baseline" doc:"The file with the findings that are known: only others are reported. skylint baseline writes it."`
}

// Options are what the reader of a configuration has to be told.
type Options struct {
	// RuleOptions returns a pointer to the struct of a rule's options, filled with their
	// defaults, and nil for a rule without options. With it, options are checked when the
	// file is read; without it, by Config.Options.
	RuleOptions func(*rules.Rule) any
	// Sections are those that other packages own. They are kept in the Config.
	Sections []Section
}

// Default returns what holds where there is no sky.toml.
func Default() *Config {
	return &Config{
		Dialect: syntax.DefaultDialect,
		Profile: Compat,
		Files:   Files{Include: Globs(glob.MustCompile("*.lua")), Gitignore: true},
		Lint:    Lint{FailOn: Threshold(rules.Warning)},
	}
}

// Find returns the path of the sky.toml that holds for a folder: the nearest one in it or
// above it, not above the folder of its repository. It returns "" where there is none.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		path := filepath.Join(dir, FileName)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return "", err
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return "", nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", nil
		}
		dir = parent
	}
}

// Load reads the configuration at path. The Config is never nil: together with an error,
// which then is a *document.Error, it holds what could be understood.
func Load(path string, opts Options) (*Config, error) {
	data, err := read(path)
	if err != nil {
		cfg := Default()
		cfg.Root = filepath.Dir(path)
		return cfg, &document.Error{Problems: []rules.Problem{{
			Path:    filepath.Base(path),
			Message: "cannot read the configuration: " + reason(err),
		}}}
	}
	cfg, err := Parse(filepath.Base(path), data, opts)
	cfg.Root = filepath.Dir(path)
	return cfg, err
}

// read returns the content of a regular file, cut where it is longer than any
// configuration that document.Parse takes.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, document.MaxFile+1))
}

// reason returns what went wrong without operation and path, which the problem names.
func reason(err error) string {
	if perr := (*fs.PathError)(nil); errors.As(err, &perr) {
		return perr.Err.Error()
	}
	return err.Error()
}

// top is the whole file; what needs more than its own text is kept raw.
type top struct {
	Dialect  dialect    `toml:"dialect" doc:"The Lua dialect of all files that no override names."`
	Profile  Profile    `toml:"profile" doc:"How strictly skyrun enforces the rules."`
	Models   PathList   `toml:"models" doc:"The model files that say what the functions of the project's own libraries mean."`
	Files    Files      `toml:"files" doc:"Which files there are to look at."`
	Lint     Lint       `toml:"lint" doc:"What is reported."`
	Rules    ruleTable  `toml:"rules" doc:"Severity and options by rule (id or name), by family (SKY1xx or its name), or for all."`
	Override []override `toml:"override" doc:"Settings for some paths only. The last one that sets something wins."`
	System   System     `toml:"system" doc:"What all nodes share: where services and modules are."`
	Node     nodeTable  `toml:"node" doc:"The nodes of the system, by name."`
}

// Parse reads a configuration from its text; name stands in its errors. The Config is never
// nil: together with an error, which then is a *document.Error, it holds what could be
// understood. Root is left empty.
func Parse(name string, data []byte, opts Options) (*Config, error) {
	file := source.New(name, string(data))
	errs := &document.Errors{File: file}
	errs.Elsewhere = elsewhere(opts.Sections)
	doc := document.Parse(file, errs)

	cfg := Default()
	cfg.File = file
	cfg.Profile = Strict
	raw := top{Profile: cfg.Profile, Files: cfg.Files, Lint: cfg.Lint}
	document.DecodeOpen(doc.Root, &raw, errs, sectionNames(opts.Sections), func(e *document.Entry) bool {
		return cfg.decodeOwned(e, opts.Sections, errs)
	})
	if raw.Dialect.set {
		cfg.Dialect, cfg.DialectSet = raw.Dialect.Dialect, true
	}
	cfg.Profile, cfg.Files, cfg.Lint, cfg.System, cfg.Models = raw.Profile, raw.Files, raw.Lint, raw.System, raw.Models
	cfg.overrides = raw.Override
	cfg.limitOverrides(errs)
	cfg.decodeRules(raw.Rules.table, opts, errs)
	cfg.decodeNodes(raw.Node.table, opts.Sections, errs)
	if len(errs.List) == 0 {
		return cfg, nil
	}
	slices.SortStableFunc(errs.List, func(a, b rules.Problem) int { return cmp.Compare(a.Start, b.Start) })
	return cfg, &document.Error{Problems: errs.List}
}

// elsewhere knows in which section each key belongs.
func elsewhere(sections []Section) func(string) string {
	return func(key string) string {
		for _, s := range []struct {
			place string
			of    any
		}{
			{"above the first [section]", top{}},
			{"in [files]", Files{}},
			{"in [lint]", Lint{}},
			{"in [system] or [node.NAME]", Skynet{}},
		} {
			if slices.Contains(document.Keys(s.of), key) {
				if _, isKey := topKeys[key]; s.place == "above the first [section]" && !isKey {
					return fmt.Sprintf("at the top level: [%s]", key)
				}
				return s.place
			}
		}
		for _, s := range sections {
			if s.sectionName() == key {
				return fmt.Sprintf("at the top level: [%s]", key)
			}
		}
		return ""
	}
}

// topKeys are the keys of the top level that are no sections.
var topKeys = map[string]bool{"dialect": true, "profile": true, "models": true}
