package script

import (
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/lower"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// A cache holds compiled chunks by their content, for all states of the process. It has two
// generations: what is used moves to the young one, and when that is full the old one is
// forgotten. What is in use stays in use.
type cache struct {
	sync.Mutex
	young, old map[key]*lower.Chunk
	size, room int // of the young generation, in bytes
}

// Chunks that scripts make by load have a cache of their own, so that no script can drive out
// the modules that all states share.
var (
	files = cache{room: 32 << 20}
	texts = cache{room: 4 << 20}
)

func init() {
	limit.Code = func(p *lua.FunctionProto) (any, int64) {
		if code := lower.CodeOf(p); code != nil {
			return code.Chunk, code.Chunk.Weight
		}
		return nil, 0
	}
}

type key struct {
	text, name string
	dialect    syntax.Dialect
	freeEnv    bool
}

// cacheText is the length above which a text is not kept.
const cacheText = 1 << 20

// weight is about what a compiled text takes, in bytes.
func weight(text string) int { return 24<<10 + 16*len(text) }

func (c *cache) get(k key) *lower.Chunk {
	c.Lock()
	defer c.Unlock()
	if chunk := c.young[k]; chunk != nil {
		return chunk
	}
	chunk := c.old[k]
	if chunk != nil {
		c.add(k, chunk)
	}
	return chunk
}

func (c *cache) put(k key, chunk *lower.Chunk) {
	c.Lock()
	defer c.Unlock()
	if c.young[k] == nil {
		c.add(k, chunk)
	}
}

func (c *cache) add(k key, chunk *lower.Chunk) {
	if w := weight(k.text); c.young == nil || c.size+w > c.room {
		c.old, c.young, c.size = c.young, make(map[key]*lower.Chunk), 0
	}
	c.young[k] = chunk
	c.size += weight(k.text)
}

// Compile compiles a file, or finds it compiled.
func Compile(file *source.File, dialect syntax.Dialect, opts lower.Options) (*lower.Chunk, error) {
	return files.compile(file, dialect, opts)
}

func (c *cache) compile(file *source.File, dialect syntax.Dialect, opts lower.Options) (*lower.Chunk, error) {
	name := opts.Name
	if name == "" {
		name = "@" + file.Path
	}
	k := key{file.Text, name, dialect, opts.FreeEnv}
	if chunk := c.get(k); chunk != nil {
		return chunk, nil
	}
	chunk, err := lower.Compile(syntax.Parse(file, dialect), opts)
	if err == nil && len(file.Text) <= cacheText {
		c.put(k, chunk)
	}
	return chunk, err
}
