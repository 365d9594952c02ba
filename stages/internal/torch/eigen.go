package torch

import "github.com/sugarme/gotch/libtch"

// Eigen gives the eigenvalues_N of a symmetric matrix_NN, ascending, and its eigenvectors_NN
// as columns, of which each may have either sign (torch.linalg.eigh).
func (s *Scope) Eigen(symmetric Tensor) (values, vectors Tensor) {
	var all [2]libtch.Ctensor
	values = s.call("eigh", func(out *libtch.Ctensor) {
		libtch.AtgLinalgEigh(&all[0], symmetric.at.raw, "L")
		*out = all[0]
	}, symmetric)
	if s.err != nil {
		return Tensor{}, Tensor{}
	}
	return values, s.own(all[1])
}
