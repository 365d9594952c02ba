package preprocess

// shelf keeps pictures of one series, the oldest first out when there is no room.
type shelf struct {
	pictures map[key]*Picture
	order    []key
	bytes    int
}

func (m *shelf) get(k key) *Picture { return m.pictures[k] }

func (m *shelf) put(k key, p *Picture) {
	size := p.bytes()
	if m.pictures[k] != nil || size > heldMost {
		return
	}
	if m.pictures == nil {
		m.pictures = map[key]*Picture{}
	}
	for m.bytes+size > heldMost {
		m.bytes -= m.pictures[m.order[0]].bytes()
		delete(m.pictures, m.order[0])
		m.order = m.order[1:]
	}
	m.pictures[k], m.bytes, m.order = p, m.bytes+size, append(m.order, k)
}
