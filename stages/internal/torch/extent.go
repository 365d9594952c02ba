package torch

// Extent is what the maps of a net are like, whatever the size of the image.
type Extent struct {
	Channels int64
	Stride   int64 // pixels of the image from one place to the next
	Behind   bool  // channels lie last: maps_BHWC in the place of maps_BCHW
}

// Through is what a module makes of such maps. A module says so itself by a method Extent; one
// without leaves them as they are.
func (e Extent) Through(m Module) Extent {
	if changes, ok := m.(interface{ Extent(Extent) Extent }); ok {
		return changes.Extent(e)
	}
	return e
}

// Extent is what all modules in turn make of e.
func (q Sequence) Extent(e Extent) Extent {
	for _, m := range q {
		e = e.Through(m)
	}
	return e
}
