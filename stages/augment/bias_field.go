package augment

import (
	"math"
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("bias_field", "makes the image unevenly bright, as receiver coils in MRI do, and clips", BiasField{When: Always, By: 0.3, Order: 3})
}

// BiasField multiplies the image by exp(Σ cᵢⱼ xⁱ yʲ) over 1 ≤ i+j ≤ Order, with x and
// y from −1 to 1 over the image and cᵢⱼ from U(−By, By) (Sudre, Cardoso and
// Ourselin 2017; RandomBiasField of TorchIO, but without its constant term, which
// is brightness).
type BiasField struct {
	By    float64 `help:"largest coefficient of the polynomial" min:"0" max:"3"`
	Order int     `help:"order of the polynomial" min:"1" max:"6"`
	When
}

// Draw draws the coefficients: those of y⁰ by rising powers of x, then of y¹ and
// so on.
func (a BiasField) Draw(r *rand.Rand, _ Size) []float64 {
	out := make([]float64, (a.Order+1)*(a.Order+2)/2)
	for i := range out {
		if i > 0 {
			out[i] = uniform(r, -a.By, a.By)
		}
	}
	return out
}

// Apply multiplies by the field.
func (a BiasField) Apply(m Images) torch.Tensor {
	var exponent torch.Tensor
	at := 0
	for j := 0; j <= a.Order; j++ {
		row := a.row(m, at, a.Order-j)
		at += a.Order - j + 1
		if j == 0 {
			exponent = m.Expand(row, int64(len(m.Numbers)), 1, m.Height(), m.Width())
			continue
		}
		exponent = m.Scale(row, m.FromFloat32(powers(m.Size.Height, j), 1, 1, m.Height(), 1), exponent)
	}
	return m.Clamp(m.Mul(m.Images_NCHW, m.Exp(exponent)), 0, 1)
}

// row_N11W is the polynomial in x whose coefficients begin at a position.
func (a BiasField) row(m Images, first, order int) torch.Tensor {
	values := make([]float32, 0, len(m.Numbers)*int(m.Width()))
	for _, numbers := range m.Numbers {
		for column := range int(m.Width()) {
			x, sum := along(column, m.Size.Width), 0.0
			for i := order; i >= 0; i-- {
				sum = sum*x + numbers[first+i]
			}
			values = append(values, float32(sum))
		}
	}
	return m.FromFloat32(values, int64(len(m.Numbers)), 1, 1, m.Width())
}

func powers(length float64, power int) []float32 {
	out := make([]float32, int(length))
	for i := range out {
		out[i] = float32(math.Pow(along(i, length), float64(power)))
	}
	return out
}

// along is −1 at the first pixel of an axis and 1 at the last.
func along(i int, length float64) float64 { return 2*float64(i)/max(length-1, 1) - 1 }
