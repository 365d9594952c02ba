package preprocess

import "vertebra/stages/stage"

// upright is where places of a stored picture go when it is turned and mirrored as its
// orientation says, from 1 to 8: the table of Exif 2.32, 4.6.5, and of TIFF 6.0, p. 36, read as
// PIL.ImageOps.exif_transpose does. Others leave it as it is.
func upright(orientation, width, height int) (m Map, sideways bool) {
	right, below := float64(width-1), float64(height-1)
	switch orientation {
	case 2:
		return Map{XX: -1, X0: right, YY: 1}, false
	case 3:
		return Map{XX: -1, X0: right, YY: -1, Y0: below}, false
	case 4:
		return Map{XX: 1, YY: -1, Y0: below}, false
	case 5:
		return Map{XY: 1, YX: 1}, true
	case 6:
		return Map{XY: -1, X0: below, YX: 1}, true
	case 7:
		return Map{XY: -1, X0: below, YX: -1, Y0: right}, true
	case 8:
		return Map{XY: 1, YX: -1, Y0: right}, true
	}
	return Identity, false
}

// turn makes a picture upright. Labelled points, which are those of the stored picture, go along.
func (p *Picture) turn(orientation int) {
	m, sideways := upright(orientation, p.Width, p.Height)
	if m == Identity {
		return
	}
	width, height := p.Width, p.Height
	if sideways {
		p.Width, p.Height = height, width
	}
	turned := make([]float32, len(p.Pixels))
	for c := range p.Channels {
		for y := range height {
			for x := range width {
				at := m.Of(stage.Point{X: float64(x), Y: float64(y)})
				turned[(c*p.Height+int(at.Y))*p.Width+int(at.X)] = p.Pixels[(c*height+y)*width+x]
			}
		}
	}
	p.Pixels, p.Map = turned, p.Map.Then(m)
}
