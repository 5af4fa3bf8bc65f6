// Package arch has no code: its tests hold the project to docs/ARCHITECTURE.md.
package arch
