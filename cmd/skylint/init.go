package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/internal/atomicfile"
)

func (p *program) initCommand() *cobra.Command {
	force := false
	cmd := &cobra.Command{
		Use:   "init [folder]",
		Short: "Write a sky.toml with comments",
		Long: `Write a sky.toml that lists what can be configured, each setting with a comment. A file that
is there already is kept unless --force is given.`,
		Example: `  skylint init
  skylint init ../server --force`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return p.init(dir, force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace a sky.toml that is there")
	return cmd
}

func (p *program) init(dir string, force bool) error {
	path := filepath.Join(dir, config.FileName)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return usage("%s is not a folder", dir)
	}
	if _, err := os.Lstat(path); err == nil && !force {
		e := usage("%s is there already", path)
		e.help = []string{"skylint init --force replaces it"}
		return e
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, config.Template())
		return err
	})
	if err != nil {
		return failure(err)
	}
	fmt.Fprintln(p.out, "wrote", path)
	return nil
}
