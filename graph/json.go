package graph

import (
	"encoding/json"
	"io"
)

// WriteJSON writes a graph as JSON. docs/GRAPH.md says what is in it.
func (g *Graph) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(g)
}
