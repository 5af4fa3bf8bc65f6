package script

import (
	"sync"

	"github.com/skylint/skylint/runtime/lower"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// cache holds compiled chunks by their content, for all states of the process. What is in it
// is bounded by the size of the texts; above the bound everything is forgotten, since what
// is in use stays in use.
var cache struct {
	sync.Mutex
	chunks map[key]*lower.Chunk
	size   int
}

type key struct {
	text, name string
	dialect    syntax.Dialect
	freeEnv    bool
}

const (
	cacheSize = 8 << 20
	cacheText = 1 << 20 // a larger text is not kept
)

// weight is about what a compiled text takes.
func weight(text string) int { return 8<<10 + 16*len(text) }

// Compile compiles a text, or finds it compiled. A path that is not empty is that of the file
// the text was read from, for reports.
func Compile(file *source.File, dialect syntax.Dialect, opts lower.Options) (*lower.Chunk, error) {
	name := opts.Name
	if name == "" {
		name = "@" + file.Path
	}
	k := key{file.Text, name, dialect, opts.FreeEnv}
	cache.Lock()
	chunk := cache.chunks[k]
	cache.Unlock()
	if chunk != nil {
		return chunk, nil
	}
	chunk, err := lower.Compile(syntax.Parse(file, dialect), opts)
	if err != nil || len(file.Text) > cacheText {
		return chunk, err
	}
	cache.Lock()
	defer cache.Unlock()
	if cache.chunks == nil || cache.size+weight(file.Text) > cacheSize {
		cache.chunks, cache.size = make(map[key]*lower.Chunk), 0
	}
	cache.chunks[k] = chunk
	cache.size += weight(file.Text)
	return chunk, nil
}
