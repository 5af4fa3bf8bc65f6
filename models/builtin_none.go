//go:build modelgen

package models

// builtin is empty while the generator runs, so that a change of the types that makes the
// generated tables invalid does not stop the generator from being built.
var builtin Catalogue
