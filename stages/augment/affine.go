package augment

import "math"

// Affine is the matrix (A B C; D E F): x' = A·x + B·y + C, y' = D·x + E·y + F,
// in pixels from the image's centre, y downwards.
type Affine struct{ A, B, C, D, E, F float64 }

// Identity leaves every place where it is.
var Identity = Affine{A: 1, E: 1}

// Then gives the map of doing m to the image first and n afterwards. Since maps
// lead from output to input, a place goes through n before it goes through m.
func (m Affine) Then(n Affine) Affine {
	return Affine{
		A: m.A*n.A + m.B*n.D, B: m.A*n.B + m.B*n.E, C: m.A*n.C + m.B*n.F + m.C,
		D: m.D*n.A + m.E*n.D, E: m.D*n.B + m.E*n.E, F: m.D*n.C + m.E*n.F + m.F,
	}
}

// rotation by degrees, counter-clockwise on the screen.
func rotation(degrees float64) Affine {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return Affine{A: cos, B: -sin, D: sin, E: cos}
}

// normalised gives the two rows for torch's affine_grid, whose places run from
// −1 to 1 over the image's width and height (align_corners=False).
func (m Affine) normalised(s Size) []float32 {
	return []float32{
		float32(m.A), float32(m.B * s.Height / s.Width), float32(2 * m.C / s.Width),
		float32(m.D * s.Width / s.Height), float32(m.E), float32(2 * m.F / s.Height),
	}
}
