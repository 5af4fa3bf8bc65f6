package lint

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/models/modelfile"
	"github.com/skylint/skylint/rules"
)

// A ModelError is what is wrong with the model files of a configuration.
type ModelError struct {
	// Errors are those of the files themselves, in their order.
	Errors []*modelfile.Error
	// Missing are the paths in sky.toml that lead to no file that can be read, with the place
	// of each.
	Missing []rules.Problem
}

func (e *ModelError) Error() string {
	if len(e.Errors) > 0 {
		return e.Errors[0].Error()
	}
	return e.Missing[0].Message
}

// Models returns the models that hold for a project: those that come with the program, and those
// of the files that sky.toml names, which take the place of what has the same name. The error is
// a *ModelError with all that is wrong; the files in it have the paths by which they were opened.
func Models(cfg *config.Config) (*models.Catalogue, error) {
	if cfg == nil || len(cfg.Models) == 0 {
		return models.Builtin(), nil
	}
	var files []*modelfile.File
	bad := &ModelError{}
	for _, p := range cfg.Models {
		name := filepath.Join(cfg.Root, filepath.FromSlash(p.Text))
		data, err := os.ReadFile(name)
		if err != nil {
			if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
				err = pathError.Err
			}
			bad.Missing = append(bad.Missing, rules.Problem{
				Path: cfg.File.Path, Location: rules.Location{File: cfg.File, Span: p.At},
				Message: "cannot read the models in " + p.Text + ": " + err.Error(),
			})
			continue
		}
		f, err := modelfile.Read(name, data)
		if err != nil {
			bad.add(err)
			continue
		}
		files = append(files, f)
	}
	if len(bad.Errors)+len(bad.Missing) > 0 {
		return nil, bad
	}
	all, err := modelfile.Combine(models.Builtin(), files...)
	if err != nil {
		bad.add(err)
		return nil, bad
	}
	return all, nil
}

// add takes an error of package modelfile apart.
func (e *ModelError) add(err error) {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range several.Unwrap() {
			e.add(one)
		}
		return
	}
	var one *modelfile.Error
	if errors.As(err, &one) {
		e.Errors = append(e.Errors, one)
	}
}
