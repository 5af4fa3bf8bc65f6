package script

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/runtime/lower"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

func TestCacheForgetsWhatIsNotUsed(t *testing.T) {
	c := cache{room: 10 * weight("return 100")}
	compile := func(text string) *lower.Chunk {
		t.Helper()
		chunk, err := c.compile(source.New("x.lua", text), syntax.Lua54, lower.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return chunk
	}
	used := compile("return 'used'")
	for i := range 100 {
		compile(fmt.Sprint("return ", 100+i))
		if compile("return 'used'") != used {
			t.Fatalf("after %d other chunks the one that is used has gone", i)
		}
		if n := len(c.young) + len(c.old); n > 20 {
			t.Fatalf("%d chunks are kept, in room for 20", n)
		}
	}
	if c.get(key{text: "return 100", name: "@x.lua", dialect: syntax.Lua54}) != nil {
		t.Error("the first chunk is still there")
	}
	compile("return '" + strings.Repeat("x", cacheText) + "'")
	if n := len(c.young) + len(c.old); n > 20 {
		t.Errorf("a text above %d bytes is kept", cacheText)
	}
}
