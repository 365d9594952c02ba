package dicom

import (
	"cmp"
	"fmt"
	"math"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// Shown says how a file wants its image shown: by windows, or by a table where it has none
// (PS3.3, C.11.2, VOI LUT). Its numbers are modality values as Image has them: of MONOCHROME1,
// whose values are turned round, turned like these.
type Shown struct {
	Windows []Window `json:",omitempty"`
	Table   *Table   `json:",omitempty"`
	// Fault is why what the file says of it cannot be read; "" where it can, or says nothing.
	Fault string `json:",omitempty"`
}

// Window is one range of values to be shown, from black to white.
type Window struct {
	Function      string // LINEAR, LINEAR_EXACT or SIGMOID
	Center, Width float64
}

// windows are those of a header. A width that its function cannot take is a fault.
func (h Header) windows() (s Shown) {
	function := cmp.Or(h.WindowFunction, "LINEAR")
	if function != "LINEAR" && function != "LINEAR_EXACT" && function != "SIGMOID" {
		return Shown{Fault: fmt.Sprintf("VOILUTFunction is %q; LINEAR, LINEAR_EXACT and SIGMOID are read", function)}
	}
	for i := range min(len(h.WindowCenter), len(h.Width)) {
		w := Window{function, h.WindowCenter[i], h.Width[i]}
		if end, turned := h.turned(); turned {
			w.Center = end - w.Center
			if function == "LINEAR" { // whose middle lies half a value below its center
				w.Center++
			}
		}
		s.Windows = append(s.Windows, w)
	}
	return s
}

// turned gives what modality values were subtracted from, where they were: m became end − m.
func (h Header) turned() (end float64, turned bool) {
	low, high := h.grey().Range()
	return float64(low+high)*h.Slope + 2*h.Intercept, h.Photometric == "MONOCHROME1"
}

// Ends are the values that become 0 and 1 by a linear function (PS3.3, C.11.2.1.2.1 and
// C.11.2.1.3.2). ok is false of another, or of a width that it cannot take.
func (w Window) Ends() (low, high float64, ok bool) {
	switch {
	case w.Function == "LINEAR" && w.Width > 1:
		half := (w.Width - 1) / 2
		return w.Center - 0.5 - half, w.Center - 0.5 + half, true
	case w.Function == "LINEAR_EXACT" && w.Width > 0:
		return w.Center - w.Width/2, w.Center + w.Width/2, true
	}
	return 0, 0, false
}

// Sigmoid maps values to 0 to 1 by the function SIGMOID (PS3.3, C.11.2.1.3.1).
func (w Window) Sigmoid(values []float32) {
	for i, v := range values {
		values[i] = float32(1 / (1 + math.Exp(-4*(float64(v)-w.Center)/w.Width)))
	}
}

// Table maps modality values to 0 to 1, by an entry for each whole value.
type Table struct {
	First  int32    // the value of the first entry, before values were turned round
	Grey   []uint16 // what is shown
	Bits   int      // of an entry: 8 to 16
	Turned *float64 `json:",omitempty"` // what values are subtracted from before, and greys after
}

// Apply maps values; those beyond the ends take the end's.
func (t *Table) Apply(values []float32) {
	top := float64(int(1)<<t.Bits - 1)
	for i, v := range values {
		at := float64(v)
		if t.Turned != nil {
			at = *t.Turned - at
		}
		grey := float64(t.Grey[t.at(at)]) / top
		if t.Turned != nil {
			grey = 1 - grey
		}
		values[i] = float32(grey)
	}
}

// at is the entry of a value; the first of what is no number, as a slope beyond all measure makes it.
func (t *Table) at(value float64) int {
	switch entry := math.Round(value) - float64(t.First); {
	case entry >= float64(len(t.Grey)):
		return len(t.Grey) - 1
	case entry > 0:
		return int(entry)
	}
	return 0
}

// shown is what a file says, with the table where that counts.
func (h Header) shown(s *source) Shown {
	if h.windowFault != nil {
		return Shown{Fault: h.windowFault.Error()}
	}
	out := h.windows()
	if len(out.Windows) > 0 || out.Fault != "" || len(h.shownBy) == 0 {
		return out
	}
	table, err := h.table(s)
	if err != nil {
		return Shown{Fault: err.Error()}
	}
	return Shown{Table: table}
}

// table reads the first item of VOILUTSequence.
func (h Header) table(s *source) (*Table, error) {
	p, err := h.shownBy[0].read(s, "VOILUTSequence")
	if err != nil {
		return nil, err
	}
	t := &Table{First: p.first, Bits: p.bits, Grey: make([]uint16, len(p.grey))}
	if low, _ := h.grey().Range(); h.Signed || h.Modality(low) < 0 { // what is mapped may lie below 0
		t.First = int32(int16(t.First))
	}
	for i, v := range p.grey {
		if v >= 1<<p.bits {
			return nil, bad(tag.LUTData, "of VOILUTSequence has the entry %d, of %d bits", v, p.bits)
		}
		t.Grey[i] = uint16(v)
	}
	if end, turned := h.turned(); turned {
		t.Turned = &end
	}
	return t, nil
}
