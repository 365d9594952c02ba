package reports

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"strconv"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

var (
	svgStyle = regexp.MustCompile(`style="[^"]*"`)
	svgInk   = regexp.MustCompile(`#FEED([0-9A-F]{2})`)
	svgFont  = regexp.MustCompile(`font-family:[^;"]*;font-variant:[^;"]*;font-weight:[^;"]*;font-style:[^;"]*;?`)
)

// svg draws the chart as what goes between <svg> and </svg> of an HTML page.
// Colours become variables of the page and fonts the page's own. It is "" when
// there is nothing to draw.
func (c chart) svg() (drawing template.HTML, axes *axesView, err error) {
	canvas := vgsvg.New(plotWidth, c.height())
	axes = c.draw(draw.New(canvas))
	if axes == nil {
		return "", nil, nil
	}
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return "", nil, fmt.Errorf("draw plot: %w", err)
	}
	body := out.Bytes()
	// The head names the SVG namespace and a size in points; the page has its own.
	from, to := bytes.Index(body, []byte("<g ")), bytes.LastIndex(body, []byte("</svg>"))
	if from < 0 || to < from {
		return "", nil, errors.New("draw plot: the SVG has no drawing in it")
	}
	// Only styles are changed: vgsvg escapes quotes in texts, so no text looks
	// like one. That also makes the result safe to put into the page.
	body = svgStyle.ReplaceAllFunc(body[from:to], func(style []byte) []byte {
		style = svgFont.ReplaceAll(style, nil)
		return svgInk.ReplaceAllFunc(style, func(colour []byte) []byte {
			n, _ := strconv.ParseUint(string(colour[5:]), 16, 8) // the pattern says hexadecimal
			return fmt.Appendf(nil, "var(--ink-%d)", n)
		})
	})
	return template.HTML(body), axes, nil
}
