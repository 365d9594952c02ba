package preprocess

func init() {
	Steps.Add("order", "says which slices of a series are neighbours, for stack", SliceOrder{By: "position", Direction: "forward"})
}

// SliceOrder orders the slices of a series: by position, projected on the normal
// of the slices and within each group of one orientation (from the patient's
// right, front and feet), by InstanceNumber, or by file name. Without this step
// stack orders by position.
type SliceOrder struct {
	By        string `help:"what orders slices; files without a position are ordered by instance, then by name" oneof:"position instance name"`
	Direction string `help:"which way neighbours with larger offsets lie" oneof:"forward backward"`
}

// Apply leaves pixels alone.
func (o SliceOrder) Apply(p *Picture) error {
	p.Order = Order(o)
	return nil
}

// Shape stays.
func (SliceOrder) Shape(in Shape) (Shape, error) { return in, nil }

func (SliceOrder) takesWords() {}

// Version is that of the ordering.
func (SliceOrder) Version() int { return 1 }
