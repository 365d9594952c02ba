package asking

import (
	"errors"
	"fmt"
	"slices"

	"vertebra/finished"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Wants is what a question has to tell besides an image.
type Wants struct {
	Sample     string      `json:"sample"`               // what an answer is about: image, series or study
	Stacks     bool        `json:"stacks"`               // the images of a folder are the slices of one series
	Slices     bool        `json:"slices,omitempty"`     // an answer about one goes by all slices of its series, which have to be sent
	Point      string      `json:"point,omitempty"`      // place in the image that the nets look at: Needed, or Found where nobody says
	Places     []string    `json:"places,omitempty"`     // what can be looked for, where the run's own net knows several places
	Views      []View      `json:"views,omitempty"`      // pictures that a sample is seen in, where these are several
	Covariates []Covariate `json:"covariates,omitempty"` // what the nets take besides; what is not told is unknown to them
}

// What Wants.Point may be.
const (
	Needed = "needed" // a question says it
	Found  = "found"  // the run's own net finds it, where a question says nothing
)

// View is a picture of a sample.
type View struct {
	Name     string `json:"name"`
	Optional bool   `json:"optional,omitempty"` // the nets see a blank picture in place of one that is missing
}

// wantsOf is what all of the runs want together.
func wantsOf(run finished.Run, opened []finished.Opened) (w Wants, err error) {
	for i, o := range opened {
		one, err := wants(o)
		if err != nil {
			return w, stage.Fault{Err: fmt.Errorf("%s cannot be asked about images that are sent: %w", whole(run), stage.WithoutHint(err)), Hint: instead(run, err)}
		}
		if i == 0 {
			w = one
			continue
		}
		if w, err = w.and(one); err != nil {
			return w, stage.Fault{Err: fmt.Errorf("%s cannot be asked about images that are sent: %w", whole(run), err), Hint: instead(run, err)}
		}
	}
	if len(opened) == 0 {
		return w, fmt.Errorf("%s has no nets", whole(run))
	}
	return w, nil
}

// instead is what to do where a page cannot ask; an error of its own says it better.
func instead(run finished.Run, err error) string {
	if fault := (stage.Fault{}); errors.As(err, &fault) {
		return fault.Hint
	}
	return fmt.Sprintf("runner predict %s TABLE.csv, with the columns of the run's own table, or an experiment file whose data section says where tables and images are", run.ID())
}

// and is what two runs want of the same question.
func (w Wants) and(other Wants) (Wants, error) {
	switch {
	case w.Sample != other.Sample || w.Stacks != other.Stacks:
		return w, fmt.Errorf("some of its members see %s, others %s", w.words(), other.words())
	case !slices.Equal(w.Views, other.Views):
		return w, errors.New("its members see other views of a sample")
	}
	w.Slices = w.Slices || other.Slices
	if other.Point == Needed || w.Point == "" {
		w.Point = other.Point
	}
	if len(other.Places) > 0 && len(w.Places) > 0 && !slices.Equal(w.Places, other.Places) {
		return w, errors.New("its members find points of other names")
	}
	if w.Places == nil {
		w.Places = other.Places
	}
	w.Covariates = slices.Clone(w.Covariates)
	for _, c := range other.Covariates {
		at := slices.IndexFunc(w.Covariates, func(known Covariate) bool { return known.Name == c.Name })
		switch {
		case at < 0:
			w.Covariates = append(w.Covariates, c)
		case (w.Covariates[at].Values == nil) != (c.Values == nil):
			return w, fmt.Errorf("%s is a number for some of its members, and a word for others", c.Name)
		default:
			w.Covariates[at] = w.Covariates[at].or(c)
		}
	}
	return w, nil
}

func (w Wants) words() string {
	if w.Sample == "image" && w.Stacks {
		return "slices of series"
	}
	return map[string]string{"image": "single images", "series": "series", "study": "studies"}[w.Sample]
}

// wants is what one run wants; an error where images alone, with what a form can ask, do not tell it.
func wants(o finished.Opened) (w Wants, err error) {
	data := o.Experiment.Data
	own, _ := data.Source.Part.(audit.Table)
	switch data.Sample {
	case "series", "study":
		w.Sample, w.Stacks = data.Sample, true
	case "level":
		return w, errors.New("a sample of it is a level, which images alone do not tell")
	default:
		w.Sample, w.Stacks = "image", data.Source.Name == "rsna" || own.Series != ""
		if o.Run.Fact(audit.SeriesFact) != "" {
			w.Sample, w.Stacks = "series", true
		}
	}
	w.Slices = w.Sample == "image" && w.Stacks && o.Experiment.Preprocess.NeedsSeries()
	if w.Covariates = covariatesOf(o, own); len(data.Views) > 0 {
		if w.Views, err = viewsOf(data, own); err != nil {
			return w, err
		}
	}
	switch steps := o.Experiment.Preprocess; {
	case steps.NeedsView() && len(w.Views) == 0:
		return w, errors.New("its step by_view goes by what an image shows, or the type of its series, which images alone do not tell")
	case steps.NeedsSpacing():
		return w, errors.New("it crops by how far levels lie apart, which one point does not tell")
	case steps.NeedsPoint():
		return w.pointed(o, own)
	}
	return w, nil
}

// pointed says who tells where nets look.
func (w Wants) pointed(o finished.Opened, own audit.Table) (Wants, error) {
	f, ok, err := o.Finder()
	if err != nil {
		return w, err
	}
	w.Point = Needed
	switch {
	case !ok || len(w.Views) > 0:
	case len(f.Names) == 1:
		w.Point = Found
	case own.File != "" && !slices.ContainsFunc(f.Config.Tags, func(tag string) bool { return !slices.Contains(own.Tags, tag) }):
		for _, name := range f.Names {
			if f.Config.TagsOf(name) == nil {
				return w, nil
			}
		}
		w.Point, w.Places = Found, f.Names
	}
	return w, nil
}

// viewsOf are the pictures of a sample, where a table can name them.
func viewsOf(data audit.Config, own audit.Table) (out []View, err error) {
	if len(own.Images) == 0 && (own.View == "" || data.Sample != "study") {
		return nil, errors.New("it sees several views of each sample, which images alone do not tell")
	}
	for _, name := range data.Views {
		out = append(out, View{Name: name, Optional: data.Rules[audit.ViewMissing] == "keep"})
	}
	return out, nil
}
