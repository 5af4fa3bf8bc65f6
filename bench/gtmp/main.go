package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/graph"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
)

func main() {
	p, err := project.Load(context.Background(), project.Options{Paths: os.Args[1:2]})
	if err != nil {
		panic(err)
	}
	var files []*program.File
	var irs []*ir.File
	for _, f := range p.Files {
		if f.Tree == nil {
			continue
		}
		a := program.Analyse(f, p.Config.For(f.Path), models.Builtin())
		files = append(files, a)
		if a.Vendored != "" && !a.InService() {
			irs = append(irs, ir.Empty(f.Scope, f.API))
		} else {
			irs = append(irs, ir.Build(f.Scope, f.API))
		}
	}
	t := time.Now()
	r := solve.Solve(program.New(p, files, models.Builtin()), irs)
	fmt.Fprintln(os.Stderr, "solve", time.Since(t))
	t = time.Now()
	sys := effect.Analyse(r)
	fmt.Fprintln(os.Stderr, "effect", time.Since(t))
	t = time.Now()
	g := graph.Build(sys)
	fmt.Fprintln(os.Stderr, "graph", time.Since(t), len(g.Services), len(g.Edges), len(g.Unresolved))
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", " ")
	e.Encode(g)
}
