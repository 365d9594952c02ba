package asking

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// Question is what somebody sent.
type Question struct {
	Dir        string                 // folder of the files, in which nothing else lies; Ask moves some, and writes a table
	Files      []string               // below Dir, by form.CleanName
	Points     map[string]stage.Point // places to look at, by image: a file, or a frame of one (heart.dcm#3)
	Place      string                 // what to look for, of Wants.Places
	Covariates map[string]string      // what is known of all files
	Views      map[string]string      // files by the view that each is
}

// errQuestion is a question that lacks something, or has something that nobody asked for.
func errQuestion(hint, format string, args ...any) error {
	return stage.Fault{Err: fmt.Errorf(format, args...), Hint: hint}
}

// fits wants a question to tell what the nets want, and nothing else.
func (w Wants) fits(q Question) error {
	switch {
	case len(q.Files) == 0:
		return errQuestion("send one or more as files", "no file came")
	case len(w.Views) > 0:
		if err := w.fitsViews(q); err != nil {
			return err
		}
	case len(q.Views) > 0:
		return errQuestion("send them as files", "the nets see one picture of each sample, and files came as views")
	}
	if err := w.fitsPoints(q); err != nil {
		return err
	}
	return w.fitsCovariates(q)
}

func (w Wants) fitsViews(q Question) error {
	var names []string
	for _, view := range w.Views {
		names = append(names, view.Name)
		if q.Views[view.Name] == "" && !view.Optional {
			return errQuestion("send a file for each of "+strings.Join(append(names, w.after(view)...), ", "), "the view %s is missing", view.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(q.Views)) {
		if !slices.Contains(names, name) {
			return errQuestion("known: "+strings.Join(names, ", "), "there is no view %q", name)
		}
	}
	if len(q.Views) < len(q.Files) {
		return errQuestion("send each file as the view that it is, and samples one by one", "a file came that is no view")
	}
	return nil
}

// after are the names of the views behind one.
func (w Wants) after(one View) (out []string) {
	at := slices.Index(w.Views, one)
	for _, view := range w.Views[at+1:] {
		out = append(out, view.Name)
	}
	return out
}

func (w Wants) fitsPoints(q Question) error {
	for _, image := range slices.Sorted(maps.Keys(q.Points)) {
		file, _ := stage.ParseFramePath(image)
		if !slices.Contains(q.Files, file) && !slices.Contains(q.Files, image) {
			return errQuestion("known: "+stage.Shortened(q.Files), "a point lies in %s, and no such file came", image)
		}
		if p := q.Points[image]; math.IsNaN(p.X+p.Y) || math.IsInf(p.X+p.Y, 0) {
			return errQuestion("give two numbers, in pixels of the image", "the point of %s is at (%v, %v)", image, p.X, p.Y)
		}
	}
	switch {
	case w.Point == "" && len(q.Points) > 0:
		return errQuestion("leave points out", "the nets look at no point")
	case w.Point == Needed && len(q.Points) == 0:
		return errQuestion("send where to look, as point", "the nets look at a point of each image, and none is told")
	case q.Place != "" && !slices.Contains(w.Places, q.Place):
		return errQuestion("known: "+strings.Join(w.Places, ", "), "nothing is called %q that the nets look for", q.Place)
	case len(q.Points) > 0 && !w.Stacks && len(w.Views) == 0 && len(q.pointless()) > 0:
		hint := "send one for each image"
		if w.Point == Found {
			hint += ", or none, and the run's own net finds them"
		}
		return errQuestion(hint, "no point lies in %s, and one in others", stage.Shortened(q.pointless()))
	case len(w.Views) > 0 && w.Point != "" && len(q.Points) < len(q.Files):
		return errQuestion("send one for each view", "there are %d points in %d views", len(q.Points), len(q.Files))
	case w.Point == Found && len(w.Places) > 0 && len(q.Points) == 0 && q.Place == "":
		return errQuestion("known: "+strings.Join(w.Places, ", "), "the run's own net finds several places, and nobody says which is meant")
	}
	return nil
}

// pointless are the files without a point, where some have one.
func (q Question) pointless() (out []string) {
	pointed := map[string]bool{}
	for image := range q.Points {
		file, _ := stage.ParseFramePath(image)
		pointed[image], pointed[file] = true, true
	}
	for _, file := range q.Files {
		if !pointed[file] {
			out = append(out, file)
		}
	}
	return out
}

func (w Wants) fitsCovariates(q Question) error {
	for _, name := range slices.Sorted(maps.Keys(q.Covariates)) {
		at := slices.IndexFunc(w.Covariates, func(c Covariate) bool { return c.Name == name })
		if at < 0 {
			var known []string
			for _, c := range w.Covariates {
				known = append(known, c.Name)
			}
			if len(known) == 0 {
				return errQuestion("leave it out", "the nets take nothing besides images, and %s came", name)
			}
			return errQuestion("known: "+strings.Join(known, ", "), "the nets take no %q", name)
		}
		if err := w.Covariates[at].fits(q.Covariates[name]); err != nil {
			return err
		}
	}
	return nil
}

// fits wants a value that the nets know. An empty one says that nobody knows it.
func (c Covariate) fits(value string) error {
	if value == "" {
		return nil
	}
	if c.Values != nil {
		if !slices.Contains(c.Values, value) {
			return errQuestion("known: "+stage.Shortened(c.Values)+"; leave it out where nobody knows it", "%s is %q, which the nets have not seen", c.Name, shortened(value))
		}
		return nil
	}
	if _, ok := stage.ParseCovariate(value); !ok {
		return errQuestion("leave it out where nobody knows it", "%s is %q, which is no number", c.Name, shortened(value))
	}
	return nil
}

// shortened is a text of strangers, for errors.
func shortened(text string) string { return fmt.Sprintf("%.80s", text) }
