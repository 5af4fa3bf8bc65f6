package inspect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/inspect"
)

// Services of which the same is known are told together, and long lists are cut.
func TestServicesInGroups(t *testing.T) {
	p := &inspect.Place{Path: "a.lua", Line: 1, Function: "the main chunk", Text: "\tprint \"\x1b[31m\""}
	for i := range 14 {
		p.Services = append(p.Services, inspect.Service{Name: fmt.Sprintf("s%02d", i), How: "service", Entries: []string{"init"}})
	}
	p.Services = append(p.Services,
		inspect.Service{Name: "s00", How: "service", Entries: []string{"init"}}, // on another node
		inspect.Service{Name: "db", How: "service"})
	var b strings.Builder
	if err := p.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	const want = `a.lua:1, in the main chunk

  print " [31m"

services
  s00, s01, s02, s03, s04, s05, s06, s07, s08, s09, and 4 more (service)
      reached from init
  db (service)
      nothing is known to get here

calls
  none begins here

values
  no name stands here
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
