package sarif

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// What GitHub's upload action computes for these files, line by line.
var lineHashVectors = []struct{ name, text, want string }{
	{"empty", "", `c129715d7a2bc9a3:1`},
	{"one line", "return 1", `f567fa51e3aecb3c:1`},
	{"newline at the end", "return 1\n", `c640be1c5b5a107a:1 c129715d7a2bc9a3:1`},
	{"blank lines", "\n\n \n\t\n", `8d2f5848087196b:1 4e5d562094661a0d:1 5b5d4caf73a13177:1 3c5bef55b72b93c9:1 c129715d7a2bc9a3:1`},
	{"same lines", "local x = 1\nlocal x = 1\n", `dba4a1acfe79de15:1 a7e4363e77f942:1 c129715d7a2bc9a3:1`},
	{"same windows", strings.Repeat("x = x + 1\n", 40), `ad63265ebdaa1580:1 ad63265ebdaa1580:2 ad63265ebdaa1580:3 ad63265ebdaa1580:4 ad63265ebdaa1580:5 ad63265ebdaa1580:6 ad63265ebdaa1580:7 ad63265ebdaa1580:8 ad63265ebdaa1580:9 ad63265ebdaa1580:10 ad63265ebdaa1580:11 ad63265ebdaa1580:12 ad63265ebdaa1580:13 ad63265ebdaa1580:14 ad63265ebdaa1580:15 ad63265ebdaa1580:16 ad63265ebdaa1580:17 ad63265ebdaa1580:18 ad63265ebdaa1580:19 ad63265ebdaa1580:20 ad63265ebdaa1580:21 ad63265ebdaa1580:22 ad63265ebdaa1580:23 ad63265ebdaa1580:24 ad63265f83283853:1 235d8e3ae57fd9ac:1 4857227500e0688d:1 6c0c0942db027736:1 a52089fcd708d9e7:1 ae750bc44436e0:1 8a75f280e3bf1661:1 f5fd0877a13672aa:1 6c3173469c42c7fb:1 df7c28879795a494:1 261f33267e4fb8b5:1 7387aa04b293669e:1 9d4dfe214c97d28f:1 cd8c45891ea072c8:1 ecbfbef2c05d1f89:1 953942a65b56a312:1 c129715d7a2bc9a3:1`},
	{"CRLF", "local a\r\nlocal b\r\n", `3a73d8fbe41ed7d4:1 eec3798e44464132:1 c129715d7a2bc9a3:1`},
	{"LF for that", "local a\nlocal b\n", `3a73d8fbe41ed7d4:1 eec3798e44464132:1 c129715d7a2bc9a3:1`},
	{"CR", "local a\rlocal b\r", `3a73d8fbe41ed7d4:1 eec3798e44464132:1 c129715d7a2bc9a3:1`},
	{"LF CR", "local a\n\rlocal b\n\r", `27b1954c1b59b874:1 5ee96a782e91c952:1 bf9c3d58bbf18670:1 3c5bef55b72b93c9:1 c129715d7a2bc9a3:1`},
	{"CR space LF", "a\r \nb", `67c066a59e652f5e:1 cc4c43d77869440f:1 8ee5a81e681643c1:1`},
	{"spaces do not count", "\tlocal  a =  1 \n", `7eaa739556beb8d3:1 c129715d7a2bc9a3:1`},
	{"without them", "locala=1\n", `7eaa739556beb8d3:1 c129715d7a2bc9a3:1`},
	{"99 characters", strings.Repeat("a", 99) + "\nb", `871f6af4d0d4dd25:1 8ee5a81e681643c1:1`},
	{"100 characters", strings.Repeat("a", 100) + "\nb", `871f6af4d0d4dd7c:1 8ee5a81e681643c1:1`},
	{"101 characters", strings.Repeat("a", 101) + "\nb", `871f6af4d0d4dd7c:1 8ee5a81e681643c1:1`},
	{"beyond the window", strings.Repeat("a", 100) + "X\n" + strings.Repeat("a", 100) + "Y\n", `871f6af4d0d4dd7c:1 871f6af4d0d4dd7c:2 c129715d7a2bc9a3:1`},
	{"CJK", "-- 服务\nlocal s = \"你好\"\n", `53d76dd146f3ec87:1 87f28ae38b4d3fe9:1 c129715d7a2bc9a3:1`},
	{"beyond the BMP", "-- 😀\nreturn", `949d51825545b438:1 e4d1eac68ae719f3:1`},
	{"byte order mark", "\uFEFFreturn", `ca06e23ede0296da:1`},
	{"NUL", "a\x00b\n", `636f257f958bb544:1 c129715d7a2bc9a3:1`},
	{"Latin-1", "-- caf\xE9 \xE9\n", `d2309718c5d575af:1 c129715d7a2bc9a3:1`},
	{"GBK", "-- \xC4\xE3\xBA\xC3\n", `fc79368be4a360aa:1 c129715d7a2bc9a3:1`},
	{"cut short", "a\xE4\xBDb\xF0\x9F\x98c\xE4\xBD", `edddcf4e875d7f90:1`},
	{"overlong, surrogate, too high", "\xC0\x80\xE0\x80\x80\xED\xA0\x80\xF4\x90\x80\x80\xFF", `52c4bc6084772014:1`},
	{"U+FFFF", "a\uFFFFb\uFFFF", `d80e8b8ad82795e0:1`},
	{"high hash", "z" + strings.Repeat("\uFFFD", 120), `6e34af02130ece75:1`},
}

func TestLineHashIsGitHubs(t *testing.T) {
	for _, v := range lineHashVectors {
		t.Run(v.name, func(t *testing.T) {
			want := strings.Fields(v.want)
			lines := make([]int, len(want))
			for i := range lines {
				lines[i] = i + 1
			}
			got := githubFingerprints(v.text, lines)
			if len(got) != len(want) || len(lineHashes(v.text)) != len(want) {
				t.Errorf("%d lines, want %d", len(lineHashes(v.text)), len(want))
			}
			for i, w := range want {
				if got[i+1] != w {
					t.Errorf("line %d: %s, want %s", i+1, got[i+1], w)
				}
			}
		})
	}
}

// The ordinal counts lines of the file, not lines with findings.
func TestLineHashOrdinalsCountAllLines(t *testing.T) {
	text := strings.Repeat("x = x + 1\n", 40)
	all := strings.Fields(lineHashVectors[5].want)
	for _, lines := range [][]int{{7}, {30, 7, 7}, {40, 1}} {
		got := githubFingerprints(text, lines)
		for _, line := range lines {
			if got[line] != all[line-1] {
				t.Errorf("of lines %v, %d: %s, want %s", lines, line, got[line], all[line-1])
			}
		}
		slices.Sort(lines)
		if have := slices.Sorted(maps.Keys(got)); !slices.Equal(have, slices.Compact(lines)) {
			t.Errorf("lines %v, want %v", have, lines)
		}
	}
}

func TestLinesThatAreNotThereHaveNoFingerprint(t *testing.T) {
	if got := githubFingerprints("a\nb", []int{-1, 0, 3, 1 << 30}); len(got) != 0 {
		t.Errorf("fingerprints %v", got)
	}
}

func TestHashLead(t *testing.T) {
	lead := uint64(1)
	for range hashWindow {
		lead *= hashBase
	}
	if lead != hashLead {
		t.Errorf("hashLead is %#x, want %#x", uint64(hashLead), lead)
	}
}

func BenchmarkLineHashes(b *testing.B) {
	text := strings.Repeat("local function handler(source, command, ...) -- answers\n", 20_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		lineHashes(text)
	}
}
