package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/syntax"
)

// A build says what this program was made of, as the Go tool recorded it.
type build struct {
	version string // v1.2.3, or "devel" for a working copy
	commit  string // with "+changes" where the working copy had any; "unknown"
	goInfo  string
}

func buildInfo() build {
	b := build{version: "devel", commit: "unknown", goInfo: fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.version = v
	}
	changed := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if changed {
		b.commit += "+changes"
	}
	return b
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print version, commit and the Lua dialects",
		Long:  "Print the version of skylint, the commit and the Go version it was built with, and the Lua dialects it reads.",
		Args:  cobra.NoArgs,
		Example: `  skylint version
  go install github.com/skylint/skylint/cmd/skylint@latest && skylint version`,
		RunE: func(*cobra.Command, []string) error {
			b := buildInfo()
			fmt.Fprintf(p.out, "skylint %s\n", b.version)
			fmt.Fprintf(p.out, "commit   %s\n", b.commit)
			fmt.Fprintf(p.out, "go       %s\n", b.goInfo)
			fmt.Fprintf(p.out, "dialects %s (%s unless configured)\n", syntax.AllDialects, syntax.DefaultDialect)
			return nil
		},
	}
}
