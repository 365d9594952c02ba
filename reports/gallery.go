package reports

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"image/png"
	"maps"
	"math"
	"slices"
	"strings"

	"vertebra/results"
	"vertebra/stages/stage"
)

// pictureBudget is how many bytes of base64 the pictures of a report may take:
// it keeps the file below five megabytes.
const pictureBudget = 3_500_000

type galleryView struct {
	ID, Title string
	Span      string // see spanOf
	Pictures  []pictureView
	Heated    bool // some show where the net looked
	Note      string
}

type pictureView struct {
	Caption       string
	Alt           string       // for those who hear the page: what is in the picture
	Short         string       // for a narrow place; "" where the caption does
	Data          template.URL // "" when it is no picture
	Width, Height int
	Heat          template.URL // where the net looked
	Facts         []stage.Fact
	Chances       []chance
	Case          string // its ID
	Words         string // what a filter looks at: true:severe said:moderate level:l4_l5
}

// chance is the probability of one class.
type chance struct {
	Class, Text string
	Percent     float64
	True        bool
	Ink         int // of the predicted class, or of another
}

// album makes galleries of one page.
type album struct {
	budget  int // bytes of base64 that are left
	made    int
	classes []string
	known   map[string]stage.Prediction // of each case
	cells   map[stage.Cell]string       // where the galleries of cells are
}

func newAlbum(rec *results.RunRecord) *album {
	a := &album{budget: pictureBudget, known: map[string]stage.Prediction{}, cells: map[stage.Cell]string{}}
	for _, p := range rec.Predictions {
		a.known[p.CaseID] = p // the last phase speaks
	}
	// Runs of older programs have no names of classes: then they are numbered.
	_ = json.Unmarshal([]byte(rec.Fact("classes")), &a.classes)
	return a
}

// fewPictures fit into a narrow place beside other galleries.
const fewPictures = 4

func (a *album) gallery(g stage.Gallery) *galleryView {
	a.made++
	v := &galleryView{ID: fmt.Sprintf("gallery-%d", a.made), Title: g.Title, Span: "wide"}
	if len(g.Pictures) <= fewPictures {
		v.Span = ""
	}
	if v.Title == "" {
		v.Title = g.Name
	}
	if g.Cell != nil {
		a.cells[*g.Cell] = "#" + v.ID
	}
	left := 0
	for _, p := range g.Pictures {
		cost := base64.StdEncoding.EncodedLen(len(p.PNG)) + base64.StdEncoding.EncodedLen(len(p.Overlay))
		if cost > a.budget {
			left++
			continue
		}
		a.budget -= cost
		v.Pictures = append(v.Pictures, a.picture(p))
		v.Heated = v.Heated || p.Overlay != nil
	}
	if left > 0 {
		v.Note = plural(left, "picture", "pictures") + " left out to keep this file small; the database has all of them"
	}
	return v
}

// picture passes nothing to the page but what decodes as a PNG's head.
func (a *album) picture(p stage.Picture) pictureView {
	v := pictureView{Caption: p.Caption, Alt: p.Caption}
	head, err := png.DecodeConfig(bytes.NewReader(p.PNG))
	if err != nil {
		return v
	}
	v.Width, v.Height = head.Width, head.Height
	v.Data = pngURL(p.PNG)
	if _, err := png.DecodeConfig(bytes.NewReader(p.Overlay)); err == nil {
		v.Heat = pngURL(p.Overlay)
	}
	said, known := a.known[p.Case]
	if !known || p.Case == "" {
		return v
	}
	v.Case = p.Case
	v.Facts = append(v.Facts, stage.Fact{Name: "case", Value: p.Case}, stage.Fact{Name: "group", Value: said.Group}, stage.Fact{Name: "split", Value: string(said.Split)})
	for _, tag := range slices.Sorted(maps.Keys(said.Tags)) {
		v.Facts = append(v.Facts, stage.Fact{Name: tag, Value: said.Tags[tag]})
	}
	v.Chances = a.chances(said)
	v.Short, v.Alt = a.short(said), inWords(p.Caption, said)
	if rest, ok := strings.CutPrefix(p.Caption, p.Case+captionMark); ok && v.Short != "" && !strings.HasPrefix(rest, a.class(said.Label)) {
		v.Short += captionMark + rest // another number than the probability
	}
	v.Words = words(append([]stage.Fact{{Name: "true", Value: a.class(said.Label)}, {Name: "said", Value: a.class(likeliest(said.Probabilities))}}, v.Facts...))
	return v
}

// captionMark stands in captions behind the case.
const captionMark = " · "

// inWords tells which case a picture shows, of which split and target, and what its caption says
// of it.
func inWords(caption string, of stage.Prediction) string {
	text := "case " + of.CaseID
	if of.Split != "" {
		text += fmt.Sprintf(" of the %s split", of.Split)
	}
	if target := of.Tags[stage.TargetTag]; target != "" {
		text += ", " + target
	}
	if rest := strings.TrimPrefix(caption, of.CaseID+captionMark); rest != of.CaseID {
		text += ": " + rest
	}
	return text
}

func pngURL(data []byte) template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(data))
}

func (a *album) class(k int) string {
	if k >= 0 && k < len(a.classes) {
		return a.classes[k]
	}
	return fmt.Sprint("class ", k)
}

// short says what it is, what it was taken for, and how surely.
func (a *album) short(p stage.Prediction) string {
	said := likeliest(p.Probabilities)
	if said < 0 {
		return ""
	}
	text := a.class(p.Label)
	if said != p.Label {
		text += " → " + a.class(said)
	}
	if target := p.Tags[stage.TargetTag]; target != "" {
		text = target + ": " + text
	}
	return fmt.Sprintf("%s %.2f", text, p.Probabilities[said])
}

func (a *album) chances(p stage.Prediction) (list []chance) {
	said := likeliest(p.Probabilities)
	for k, v := range p.Probabilities {
		ink := inks - 1 // grey
		if k == said {
			ink = 0
		}
		list = append(list, chance{Class: a.class(k), Text: fmt.Sprintf("%.3f", v), Percent: math.Round(1000*v) / 10, True: k == p.Label, Ink: ink})
	}
	return list
}

// likeliest is the first class of the highest probability; -1 without any.
func likeliest(probabilities []float64) int {
	best := -1
	for k, v := range probabilities {
		if best < 0 || v > probabilities[best] {
			best = k
		}
	}
	return best
}

// words are facts as a filter finds them: without spaces, so that each is a word.
func words(facts []stage.Fact) string {
	var list []string
	for _, f := range facts {
		list = append(list, strings.ReplaceAll(f.Name, " ", "_")+":"+strings.ReplaceAll(f.Value, " ", "_"))
	}
	return strings.ToLower(strings.Join(list, " "))
}
