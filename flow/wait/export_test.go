package wait

// Edges returns what each point waits for, in the order of the services.
func (g *Graph) Edges() [][]Edge { return g.out }
