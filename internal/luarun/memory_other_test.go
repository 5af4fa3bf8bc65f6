//go:build !linux || race

package luarun

// limitMemory does nothing: there is no such limit, or the race detector needs more address
// space than any limit leaves.
func limitMemory(uint64) {}
