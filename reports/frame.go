package reports

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"sync"

	"vertebra/results"
)

// Place is where pages will be seen: it decides where their links lead, and
// whether they follow what happens.
type Place struct{ live bool }

// The places.
var (
	AsFile = Place{}           // files of one folder, which need no server
	Served = Place{live: true} // runner serve
)

// run is where the report of a run lies.
func (p Place) run(id string) string {
	if p.live {
		return "/run/" + url.PathEscape(id)
	}
	return url.PathEscape(id) + ".html"
}

// IndexFile is the name of the page of all runs among the files.
const IndexFile = "index.html"

// frame is what all pages share.
type frame struct {
	Style  template.CSS
	Script template.JS
	Policy string // what a browser may do: no network, and no script but ours
	Live   string // where the page hears of changes; "" for a file
	Home   string // the page of all runs; "" for a file, which may travel alone
}

// scriptFiles are the parts of the script, in the order in which they stand in the page.
var scriptFiles = []string{"base", "tables", "runs", "plot", "smoothing", "points", "trials", "ranges", "galleries", "live", "dress"}

// readScript puts the parts together: one function, so that none of their names reaches the page.
func readScript(parts []string) ([]byte, error) {
	script := []byte("\"use strict\";\n(() => {\n")
	for _, name := range parts {
		part, err := files.ReadFile("templates/script/" + name + ".js")
		if err != nil {
			return nil, err
		}
		script = append(script, part...)
	}
	return append(script, "})();\n"...), nil
}

// frameFiles reads the style and the script of reports once.
var frameFiles = sync.OnceValues(func() (f frame, err error) { return frameOf(scriptFiles, "style.css") })

// frameOf is a frame of some parts of script and style.
func frameOf(scripts []string, styles ...string) (f frame, err error) {
	for _, name := range styles {
		style, err := files.ReadFile("templates/" + name)
		if err != nil {
			return f, err
		}
		f.Style += template.CSS(style) // ours
	}
	script, err := readScript(scripts)
	if err != nil {
		return f, err
	}
	f.Script = template.JS(script) // ours
	sum := sha256.Sum256(script)
	f.Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; script-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'"
	return f, nil
}

func (p Place) frame() (frame, error) {
	f, err := frameFiles()
	if p.live {
		f.Home = "/"
		f.Policy += "; connect-src 'self'"
	}
	return f, err
}

// draw writes a page.
func (p *page) draw(w io.Writer) error {
	if err := pages.ExecuteTemplate(w, "page.html", p); err != nil {
		return fmt.Errorf("draw %s: %w", p.Name, err)
	}
	return nil
}

// Run draws the report of a run. The same run gives the same bytes.
func (p Place) Run(w io.Writer, rec *results.RunRecord) error {
	page, err := p.newPage(rec)
	if err != nil {
		return fmt.Errorf("draw run %s: %w", rec.ID, err)
	}
	return page.draw(w)
}
