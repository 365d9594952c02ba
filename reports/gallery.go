package reports

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image/png"

	"vertebra/stages/stage"
)

// pictureBudget is how many bytes of base64 the pictures of a report may take:
// it keeps the file below five megabytes.
const pictureBudget = 3_500_000

type galleryView struct {
	Title    string
	Pictures []pictureView
	Note     string
}

type pictureView struct {
	Caption       string
	Data          template.URL // "" when it is no picture
	Width, Height int
}

func newGallery(g stage.Gallery, budget *int) *galleryView {
	v := &galleryView{Title: g.Title}
	if v.Title == "" {
		v.Title = g.Name
	}
	left := 0
	for _, p := range g.Pictures {
		cost := base64.StdEncoding.EncodedLen(len(p.PNG))
		if cost > *budget {
			left++
			continue
		}
		*budget -= cost
		v.Pictures = append(v.Pictures, newPicture(p))
	}
	if left > 0 {
		v.Note = plural(left, "picture", "pictures") + " left out to keep this file small; the database has all of them"
	}
	return v
}

// newPicture passes nothing to the page but what decodes as a PNG's head.
func newPicture(p stage.Picture) pictureView {
	v := pictureView{Caption: p.Caption}
	head, err := png.DecodeConfig(bytes.NewReader(p.PNG))
	if err != nil {
		return v
	}
	v.Width, v.Height = head.Width, head.Height
	v.Data = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(p.PNG))
	return v
}
