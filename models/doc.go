// Package models knows what API names mean: which names the standard libraries of each
// Lua dialect have, what a require of a module of skynet gives, and what a call of such a
// function does: whether it yields, what it needs its arguments for, what it makes possible.
//
// The knowledge is data. The files in the folder data are read by internal/gen, which
// writes them as static Go tables, so that nothing is decoded when a program starts. How a
// model is written is in docs/MODELS.md; package modelfile reads one at run time.
package models

//go:generate go run -tags modelgen ./internal/gen
