package augment

import "math"

// Matrix is a homography, row by row: the place (x, y), in pixels from the
// image's centre with y downwards, goes to
// ((M0·x + M1·y + M2) / w, (M3·x + M4·y + M5) / w) with w = M6·x + M7·y + M8.
// Matrices lead from a place of the output to its place in the input.
type Matrix [9]float64

// Identity leaves every place where it is.
var Identity = Matrix{1, 0, 0, 0, 1, 0, 0, 0, 1}

// affine is the homography without perspective.
func affine(a, b, c, d, e, f float64) Matrix { return Matrix{a, b, c, d, e, f, 0, 0, 1} }

// times is the matrix product m·n: a place goes through n first. Since matrices
// lead from output to input, it changes an image by m first and by n afterwards.
func (m Matrix) times(n Matrix) Matrix {
	var out Matrix
	for row := range 3 {
		for column := range 3 {
			for k := range 3 {
				out[3*row+column] += m[3*row+k] * n[3*k+column]
			}
		}
	}
	return out
}

// at sends a place through the matrix.
func (m Matrix) at(x, y float64) (float64, float64) {
	w := m[6]*x + m[7]*y + m[8]
	return (m[0]*x + m[1]*y + m[2]) / w, (m[3]*x + m[4]*y + m[5]) / w
}

// inverse is the reciprocal, scaled so that its last element is 1.
func (m Matrix) inverse() Matrix {
	out := m.cofactors()
	return out.divided(out[8])
}

// reciprocal is the matrix whose product with m is the identity.
func (m Matrix) reciprocal() Matrix {
	out := m.cofactors()
	return out.divided(m[0]*out[0] + m[1]*out[3] + m[2]*out[6])
}

// cofactors are those of the transposed matrix: the reciprocal times the determinant.
func (m Matrix) cofactors() Matrix {
	return Matrix{
		m[4]*m[8] - m[5]*m[7], m[2]*m[7] - m[1]*m[8], m[1]*m[5] - m[2]*m[4],
		m[5]*m[6] - m[3]*m[8], m[0]*m[8] - m[2]*m[6], m[2]*m[3] - m[0]*m[5],
		m[3]*m[7] - m[4]*m[6], m[1]*m[6] - m[0]*m[7], m[0]*m[4] - m[1]*m[3],
	}
}

func (m Matrix) divided(by float64) Matrix {
	for i := range m {
		m[i] /= by
	}
	return m
}

// rotation by degrees, counter-clockwise on the screen.
func rotation(degrees float64) Matrix {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return affine(cos, -sin, 0, sin, cos, 0)
}

// magnification by a factor along each axis.
func magnification(x, y float64) Matrix { return affine(1/x, 0, 0, 0, 1/y, 0) }

// translation by pixels, to the right and down.
func translation(x, y float64) Matrix { return affine(1, 0, -x, 0, 1, -y) }
