// Command gen makes config/sky.schema.json from the structs of package config and the
// catalogue of rules. Run it with "go generate ./config". With --check it writes nothing
// and fails when the file is stale.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/skylint/skylint/analyzers/registry"
	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/running"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail when the file is stale")
	flag.Parse()
	if err := run("sky.schema.json", *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run makes the file at path, which go generate has in its working folder.
func run(path string, check bool) error {
	want, err := config.Schema(config.Options{Sections: running.Sections(), RuleOptions: registry.Options})
	if err != nil {
		return err
	}
	have, err := os.ReadFile(path)
	have = bytes.ReplaceAll(have, []byte("\r\n"), []byte("\n")) // a checkout on Windows
	switch {
	case err == nil && bytes.Equal(have, want):
		return nil
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	case check:
		return fmt.Errorf("config/%s is stale: run go generate ./config", path)
	}
	if err := os.WriteFile(path, want, 0o644); err != nil {
		return err
	}
	fmt.Println("wrote", path)
	return nil
}
