// Gen writes the models of the folder data as static Go tables. It is run by
//
//	go generate ./models
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := generate("data", "data_gen.go"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// generate reads all model files of a folder and writes what they say to a Go file.
func generate(folder, to string) error {
	c, err := read(folder)
	if err != nil {
		return err
	}
	text, err := render(c)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Clean(to), text, 0o644)
}
