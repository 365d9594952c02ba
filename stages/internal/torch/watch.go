package torch

// #include "shim_device.h"
import "C"

// Watch is a number on its way from the device to the host.
type Watch struct {
	scope *Scope
	watch C.vt_watch
}

// Watch starts to read the only number of a tensor, and lets the caller go on
// handing work to the device meanwhile. Value must be called once.
func (s *Scope) Watch(t Tensor) Watch {
	w := Watch{scope: s}
	if s.ok("watch", t) {
		s.note(C.vt_watch_begin(t.c(), &w.watch))
	}
	return w
}

// Value waits until the number was computed, and not for what was asked of the
// device after it.
func (w Watch) Value() float64 {
	if w.watch == nil {
		return 0
	}
	var value C.double
	w.scope.note(C.vt_watch_end(w.watch, &value))
	return float64(value)
}

// CountHits adds to hits (one int64) how many rows of scores_BK have their largest
// number at labels_B. Nothing is read back.
func (s *Scope) CountHits(hits, scores_BK, labels_B Tensor) {
	if s.ok("count hits", hits, scores_BK, labels_B) {
		s.note(C.vt_count_hits(hits.c(), scores_BK.c(), labels_B.c()))
	}
}
