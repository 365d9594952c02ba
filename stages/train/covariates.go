package train

import (
	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
)

// covariates are what told says, on the device; none where the net takes none.
func (t *trainer) covariates(s *torch.Scope, items []int, seen augment.Augmented) (covariates_BV torch.Tensor) {
	if rows := t.covariateRows(items, seen); rows != nil {
		return t.net.CovariateInput(s, rows)
	}
	return torch.Tensor{}
}

// covariateRows are the covariates of some images as the net is to see them: of mirrored ones those
// of the other side, of mixed ones the shares of both. nil where the net takes none.
func (t *trainer) covariateRows(items []int, seen augment.Augmented) (rows [][]float32) {
	covariates := t.images.Covariates
	if len(covariates) == 0 {
		return nil
	}
	for i, tags := range t.tagsOf(items) {
		row := covariates.Row(t.without(tags))
		if seen.Mirrored != nil && seen.Mirrored[i] && t.sides.Covariates != nil {
			row = pick(row, t.sides.Covariates)
		}
		rows = append(rows, row)
	}
	if seen.Partner == nil {
		return rows
	}
	mixed := make([][]float32, len(rows))
	for i, row := range rows {
		mixed[i] = blended(row, rows[seen.Partner[i]], seen.Share[i])
	}
	return mixed
}

// tagsOf are those of the images of some items.
func (t *trainer) tagsOf(items []int) (out []map[string]string) {
	for _, item := range items {
		out = append(out, t.images.Cases[item].Tags)
	}
	return out
}

func pick(row []float32, from []int) []float32 {
	out := make([]float32, len(row))
	for i, j := range from {
		out[i] = row[j]
	}
	return out
}

// blended is the mean of two rows, of which so large a share is one's own.
func blended(own, other []float32, share float64) []float32 {
	out := make([]float32, len(own))
	for i := range own {
		out[i] = float32(share*float64(own[i]) + (1-share)*float64(other[i]))
	}
	return out
}
