package model

import (
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// grid are the patches of an image, down and across, as tokens of so many numbers, with other
// tokens before them.
type grid struct{ width, down, across, before int64 }

// patches are the last of tokens_BSF.
func (g grid) patches(p *torch.Pass, tokens torch.Tensor) torch.Tensor {
	return p.Narrow(p.Passing(tokens), 1, g.before, g.down*g.across)
}

// maps makes maps_BFHW of rows_BSF.
func (g grid) maps(p *torch.Pass, rows torch.Tensor) torch.Tensor {
	columns := p.Transpose(p.Passing(rows), 1, 2)
	maps := p.Reshape(columns, -1, g.width, g.down, g.across)
	p.Discard(columns)
	return p.Passing(maps)
}

// watched lets a pass watch the patches that the last layer looks at, as maps: behind it the
// class token alone speaks, and of the others nothing depends.
func (g grid) watched(p *torch.Pass, tokens torch.Tensor) torch.Tensor {
	if !p.Watch {
		return tokens
	}
	maps := p.Watched(g.maps(p, g.patches(p, tokens)))
	return p.Stack(p.Narrow(tokens, 1, 0, g.before), rowsOf(p, maps))
}

// patched is how many patches of size² pixels an image has, down and across. Where these are no
// whole numbers, the error names the sides that are nearest.
func patched(height, width, size int) (down, across int64, err error) {
	if height%size == 0 && width%size == 0 && height > 0 && width > 0 {
		return int64(height / size), int64(width / size), nil
	}
	near := ""
	for _, side := range []int{width, height} {
		if low := side / size * size; side%size != 0 && (near == "" || width != height) {
			if near != "" {
				near += ", and "
			}
			if low > 0 {
				near += fmt.Sprintf("%d or ", low)
			}
			near += fmt.Sprintf("%d in place of %d", low+size, side)
		}
	}
	return 0, 0, stage.Fault{
		Err:  fmt.Errorf("images of %d × %d pixels are no whole number of patches of %d × %d", width, height, size, size),
		Hint: fmt.Sprintf("make their sides multiples of %d in preprocess, %s: resize: {pixels: %d}", size, near, max(size, (width+size/2)/size*size)),
	}
}
