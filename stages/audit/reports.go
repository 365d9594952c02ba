package audit

// reports collects what a source finds wrong while it reads. The zero value is
// ready.
type reports struct {
	hits map[string][]hit // by rule
	seen map[string]bool  // ids that have a reason
}

// add reports an id that is left out, unless it has a reason already.
func (r *reports) add(rule, id, detail string) {
	if r.chosen(id) {
		r.again(rule, id, detail)
	}
}

// chosen notes that an id is left out for a reason that needs no telling. It
// says whether the id had none so far.
func (r *reports) chosen(id string) bool {
	if r.seen == nil {
		r.seen = map[string]bool{}
	}
	first := !r.seen[id]
	r.seen[id] = true
	return first
}

// again reports one of several rows with the same id; another may stay.
func (r *reports) again(rule, id, detail string) {
	if r.hits == nil {
		r.hits = map[string][]hit{}
	}
	r.hits[rule] = append(r.hits[rule], hit{id: id, detail: detail})
}
