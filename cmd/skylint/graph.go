package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/graph"
	"github.com/skylint/skylint/graph/svg"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/project"
)

// The formats of a graph.
const (
	graphJSON    = "json"
	graphDOT     = "dot"
	graphMermaid = "mermaid"
	graphSVG     = "svg"
)

var graphFormats = []string{graphJSON, graphDOT, graphMermaid, graphSVG}

// graphFlags are the flags of graph as they were given.
type graphFlags struct {
	check    checkFlags // those that both have
	node     string
	from     string
	depth    int
	handlers bool
	title    string
}

func (p *program) graphCommand() *cobra.Command {
	f := &graphFlags{}
	cmd := &cobra.Command{
		Use:   "graph [flags] [path ...]",
		Short: "Draw which service sends what to which",
		Long: `Draw the message-call graph: the services of the project around the paths, their handlers,
and who calls, sends to and starts whom, with the place of each message, the cycles, and the
messages of which nobody knows where they go. No rule is checked.

The format is what the name of the output ends in, else JSON.

Exit codes:
  0  the graph is complete
  2  skylint was used wrongly: unknown flag, format, node or service, broken sky.toml
  3  something could not be read or parsed, so that the graph may lack something
  130, 143  interrupted, terminated`,
		Example: `  skylint graph -o graph.svg                  a picture of all services
  skylint graph -o login.svg --from login     what login reaches
  skylint graph --from login --depth 1 --handlers -o login.svg
  skylint graph --format mermaid              to paste into Markdown
  skylint graph | jq '.cycles'                the cycles, as data`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, paths []string) error {
			return p.graph(cmd.Context(), f, paths)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.check.format, "format", "f", "", "`FORMAT` of the graph: "+enumerate(graphFormats)+" (else as FILE ends)")
	flags.StringVarP(&f.check.output, "output", "o", "", "write the graph to `FILE`, whole or not at all")
	flags.StringVar(&f.node, "node", "", "only services that can run on this `NODE`: the name of a configuration file")
	flags.StringVar(&f.from, "from", "", "only what messages reach from this `SERVICE`")
	flags.IntVar(&f.depth, "depth", -1, "with --from: at most `N` messages away")
	flags.BoolVar(&f.handlers, "handlers", false, "join handlers, not services; JSON does so anyway")
	flags.StringVar(&f.title, "title", "", "`TITLE` of the picture (else the name of the folder)")
	addConfigFlags(cmd, &f.check, "")
	flags.IntVarP(&f.check.jobs, "jobs", "j", 0, "`N` files at a time; the graph is the same for any N")
	flags.BoolVar(&f.check.stats, "stats", false, "print how long each stage took, and what it did")
	complete(cmd, "format", graphFormats...)
	_ = cmd.RegisterFlagCompletionFunc("from", p.completeServices)
	_ = cmd.RegisterFlagCompletionFunc("node", p.completeNodes)
	return cmd
}

// graph carries out the command.
func (p *program) graph(ctx context.Context, f *graphFlags, paths []string) error {
	format, err := graphFormatOf(f.check.format, f.check.output)
	if err != nil {
		return err
	}
	if f.depth >= 0 && f.from == "" {
		e := usage("--depth counts from a service, and none is given")
		e.help = []string{"add --from SERVICE"}
		return e
	}
	if slices.Contains(paths, "-") {
		return usage("one file from standard input has no graph: give the paths of a project")
	}
	output := f.check.output
	f.check.format, f.check.output, f.check.color = "", "", "auto" // those of a report, which there is none of
	r := &checkRun{program: p, flags: &f.check}
	if err := r.prepare(paths); err != nil {
		return err
	}
	f.check.output = output
	r.options.System, r.options.NoRules = true, true
	result, err := r.lint(ctx)
	if err != nil {
		return err
	}
	g, err := f.choose(graph.Build(result.System), result.Program.Project)
	if err != nil {
		return err
	}
	title := f.title
	if title == "" {
		title = graphTitle(f, paths)
	}
	err = r.output(func(w io.Writer) error { return writeGraph(w, g, format, f.handlers, title) })
	if f.check.stats {
		r.printStats(result)
	}
	if err != nil {
		return failure(err)
	}
	if len(result.Report.Problems) > 0 {
		p.code = exitProblems
		p.complain(failure(problemsError(result, "the graph")))
	}
	return nil
}

// graphFormatOf returns the format of a graph: what --format says, or what the output's name ends
// in.
func graphFormatOf(format, output string) (string, error) {
	if format != "" {
		if !slices.Contains(graphFormats, format) {
			return "", oneOf("--format", format, graphFormats...)
		}
		return format, nil
	}
	if output == "" || output == "-" {
		return graphJSON, nil
	}
	switch strings.ToLower(filepath.Ext(output)) {
	case ".json":
		return graphJSON, nil
	case ".dot", ".gv":
		return graphDOT, nil
	case ".mmd", ".mermaid":
		return graphMermaid, nil
	case ".svg":
		return graphSVG, nil
	}
	e := usage("the name %s does not say the format of the graph", output)
	e.help = []string{"add --format " + enumerate(graphFormats)}
	return "", e
}

// choose returns the part of the graph that the flags ask for.
func (f *graphFlags) choose(g *graph.Graph, p *project.Project) (*graph.Graph, error) {
	if f.node != "" {
		if !slices.ContainsFunc(p.Nodes, func(n *project.Node) bool { return n.Name == f.node }) {
			e := usage("no node is called %s", f.node).suggest(f.node, nodeNames(p))
			if e.help == nil {
				e.help = []string{"the nodes are " + enumerate(slices.Collect(nodeNames(p)))}
			}
			return nil, e
		}
		g = g.OnNode(f.node)
	}
	if f.from != "" {
		if !slices.ContainsFunc(g.Services, func(s graph.Service) bool { return s.Is(f.from) }) {
			return nil, usage("no service is called %s", f.from).suggest(f.from, serviceNames(g))
		}
		g = g.From(f.from, f.depth)
	}
	return g, nil
}

func nodeNames(p *project.Project) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, n := range p.Nodes {
			if !yield(n.Name) {
				return
			}
		}
	}
}

func serviceNames(g *graph.Graph) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range g.Services {
			if !yield(g.Services[i].Name) {
				return
			}
		}
	}
}

// graphTitle returns the name of what is drawn.
func graphTitle(f *graphFlags, paths []string) string {
	dir := "."
	if len(paths) > 0 {
		dir = paths[0]
	}
	title := dir
	if abs, err := filepath.Abs(dir); err == nil {
		title = filepath.Base(abs)
	}
	if f.node != "" {
		title += ", node " + f.node
	}
	if f.from != "" {
		title += ", from " + f.from
	}
	return title
}

func writeGraph(w io.Writer, g *graph.Graph, format string, handlers bool, title string) error {
	if format == graphJSON {
		return g.WriteJSON(w)
	}
	v := graph.NewView(g, handlers)
	switch format {
	case graphDOT:
		return v.WriteDOT(w, title)
	case graphMermaid:
		return v.WriteMermaid(w, title)
	}
	return svg.Write(w, v, svg.Options{Title: title})
}

// problemsError says that what was made may lack something.
func problemsError(result *lint.Result, what string) error {
	problems := result.Report.Problems
	first := problems[0]
	if len(problems) == 1 {
		return fmt.Errorf("%s: %s: %s may lack something", first.Path, first.Message, what)
	}
	return fmt.Errorf("%s: %s, and %d more problems: %s may lack something", first.Path, first.Message, len(problems)-1, what)
}

// completeServices offers the services of the project to the shell.
func (p *program) completeServices(cmd *cobra.Command, paths []string, _ string) ([]string, cobra.ShellCompDirective) {
	project := loadForCompletion(cmd.Context(), paths)
	var names []string
	for _, s := range project.Services {
		names = append(names, s.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeNodes offers the nodes of the project to the shell.
func (p *program) completeNodes(cmd *cobra.Command, paths []string, _ string) ([]string, cobra.ShellCompDirective) {
	return slices.Collect(nodeNames(loadForCompletion(cmd.Context(), paths))), cobra.ShellCompDirectiveNoFileComp
}

// loadForCompletion reads the project; one that cannot be read has nothing to offer.
func loadForCompletion(ctx context.Context, paths []string) *project.Project {
	loaded, err := project.Load(ctx, project.Options{Paths: paths})
	if err != nil {
		return &project.Project{}
	}
	return loaded
}
