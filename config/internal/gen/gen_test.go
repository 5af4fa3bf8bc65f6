package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSchemaIsFresh(t *testing.T) {
	if err := run(filepath.Join("..", "..", "sky.schema.json"), true); err != nil {
		t.Error(err)
	}
}

func TestCheckFindsStaleFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sky.schema.json")
	if run(path, true) == nil {
		t.Error("a missing file is not stale")
	}
	if err := run(path, false); err != nil {
		t.Fatal(err)
	}
	if err := run(path, true); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if run(path, true) == nil {
		t.Error("another file is not stale")
	}
}
