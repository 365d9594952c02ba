package train

import (
	"math"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// TestPlacesLabels: a point's cell is that of where the augmentation brings it, that of the other
// side's target in a mirrored image, and nowhere where there is no point or it left the image.
func TestPlacesLabels(t *testing.T) {
	p := Places{torch.Grid{Height: 64, Width: 64, Stride: 4}, 1}
	at := func(x, y float64) *stage.Point { return &stage.Point{X: x, Y: y} }
	rows := []row{{image: 0, point: at(9.5, 41)}, {image: 0}, {image: 1, point: at(0, 0)}, {image: 1, point: at(63, 20)}}
	onEngine(t, func(s *torch.Scope) {
		cell := func(column, row int) float64 { return float64(row*16 + column) }
		check := func(what string, seen augment.Augmented, want ...float64) {
			shares := s.Float64s(p.cells(s, rows, seen))
			for i := range want {
				of := shares[257*i : 257*(i+1)]
				if got := largestAt(of); float64(got) != want[i] || !(math.Abs(sum(of)-1) < 1e-5) {
					t.Errorf("%s: row %d lies in cell %d, want %v; all are %v; %v", what, i, got, want[i], sum(of), s.Err())
				}
			}
		}
		check("as they are", augment.Augmented{}, cell(2, 10), 256, cell(0, 0), cell(15, 5))
		mirrored := s.FromFloat32([]float32{-1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 20, 0, 1, 0, 0, 0, 1}, 2, 3, 3)
		check("the first mirrored, the second moved to the left", augment.Augmented{Places_BHW2: s.Project(torch.Tensor{}, mirrored, 64, 64)},
			cell(13, 10), 256, 256, cell(10, 5))
		x, y := 0.0, 0.0
		for i, share := range s.Float64s(p.cells(s, rows[:1], augment.Augmented{}))[:256] {
			x, y = x+share*(4*float64(i%16)+1.5), y+share*(4*float64(i/16)+1.5)
		}
		if !(math.Abs(x-9.5) < 0.1 && math.Abs(y-41) < 0.1) {
			t.Errorf("the mean of the cells is (%v, %v), want (9.5, 41)", x, y)
		}
	})
}

func sum(values []float64) (all float64) {
	for _, v := range values {
		all += v
	}
	return all
}

// TestPlacesLoss: the loss of a net that is sure of the right cells is small, of parts of a batch
// adds up, and what the net says is the point.
func TestPlacesLoss(t *testing.T) {
	p := Places{torch.Grid{Height: 64, Width: 64, Stride: 4}, 2}
	if n := p.Outputs(6); n != 257 {
		t.Fatalf("%d outputs, want 257", n)
	}
	onEngine(t, func(s *torch.Scope) {
		rows := []row{{image: 0, point: &stage.Point{X: 21.5, Y: 13.5}}, {image: 1}}
		labels := p.cells(s, rows, augment.Augmented{})
		logits := make([]float32, 2*257)
		for i, share := range s.Float64s(labels) { // as sure as can be
			logits[i] = float32(math.Log(share + 1e-9))
		}
		z := s.FromFloat32(logits, 2, 257)
		entropy := 0.0
		for _, share := range s.Float64s(labels) {
			entropy -= share * math.Log(share+1e-9) / 2
		}
		if loss := s.Float64(p.Of(s, z, Targets{Shares_BK: labels})); !(math.Abs(loss-entropy) < 1e-4) {
			t.Errorf("the loss is %v, that of the labels themselves %v", loss, entropy)
		}
		found := s.Float64s(p.Probabilities(s, z))
		if len(found) != 12 || !(found[0] > 0.999) || !(math.Abs(found[1]-21.5) < 0.1) || !(math.Abs(found[2]-13.5) < 0.1) || !(found[6] < 1e-5) {
			t.Errorf("found %v, want (21.5, 13.5) surely, and nothing; %v", found, s.Err())
		}
		whole, sum := s.Float64(p.Of(s, s.Times(z, 0.01), Targets{Shares_BK: labels})), 0.0
		divisor := p.Divisor(s, Targets{Shares_BK: labels})
		for i := range 2 {
			part := Targets{Shares_BK: s.Rows(labels, []int{i}), Divisor: divisor}
			sum += s.Float64(p.Of(s, s.Rows(s.Times(z, 0.01), []int{i}), part))
		}
		if !(deviation([]float64{sum}, []float64{whole}) < 1e-6) {
			t.Errorf("the parts add up to %v, the whole has %v", sum, whole)
		}
	})
}
