package main

import (
	"context"
	"net/http"

	"vertebra/finished/asking"
	"vertebra/finished/form"
	"vertebra/reports"
	"vertebra/stages/evaluate"
	"vertebra/stages/outliers"
)

// aboutRun is what GET /about says of the nets.
type aboutRun struct {
	Run           string              `json:"run"`
	Name          string              `json:"name"`
	Classes       []string            `json:"classes"`
	Targets       []string            `json:"targets,omitempty"`
	TargetClasses map[string][]string `json:"target_classes,omitempty"` // where targets have classes of their own
	Wants         asking.Wants        `json:"wants"`
	Nets          int                 `json:"nets"` // that answer together
	Calibrated    bool                `json:"calibrated"`
	Sets          *aboutSets          `json:"prediction_sets,omitempty"`
	Outliers      *float64            `json:"outliers,omitempty"` // outlier_p from which an image is unlike those of the training; nil where nobody knows
	Upload        int64               `json:"upload_bytes,omitempty"`
	Device        string              `json:"device"`
}

type aboutSets struct {
	Coverage  float64 `json:"coverage"`
	Guarantee string  `json:"guarantee"`
}

func (t *tryPage) aboutRun() aboutRun {
	asked := t.asker.Asked()
	a := aboutRun{Run: t.run.ID(), Name: t.run.Name(), Classes: asked.Asked.Classes, Targets: asked.Asked.Targets, TargetClasses: asked.Asked.ByName(),
		Wants: t.asker.Wants, Nets: t.asker.Nets(), Calibrated: t.run.Fact(evaluate.CalibrationFact) != "", Upload: t.most, Device: t.env.Device}
	if asked.Sets != nil {
		a.Sets = &aboutSets{asked.Sets.Coverage, asked.Sets.Guarantee}
	}
	if t.asker.Outliers() {
		rare := outliers.Rare
		a.Outliers = &rare
	}
	return a
}

// about answers GET /about.
func (t *tryPage) about(context.Context, *http.Request) (any, error) { return t.aboutRun(), nil }

// page answers GET /.
func (t *tryPage) page(w http.ResponseWriter, r *http.Request) {
	about := t.aboutRun()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	hurry(w, t.patience)
	if err := reports.Try(w, reports.TryPage{Run: about.Run, Name: about.Name, About: about, Address: "http://" + r.Host, Example: about.example()}); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// example are the fields of a request, as curl takes them.
func (a aboutRun) example() (fields []string) {
	for _, view := range a.Wants.Views {
		fields = append(fields, form.ViewField+view.Name+"=@"+"image.dcm")
	}
	if len(a.Wants.Views) == 0 {
		fields = append(fields, form.FilesField+"=@image.dcm")
		if a.Wants.Stacks && a.Wants.Sample != "image" {
			fields = append(fields, form.FilesField+"=@next-slice.dcm")
		}
	}
	if a.Wants.Point == asking.Needed {
		name := ""
		if len(fields) > 1 {
			name = "view." + a.Wants.Views[0].Name + ","
		}
		fields = append(fields, form.PointField+"="+name+"120.5,88")
	}
	if len(a.Wants.Places) > 0 {
		fields = append(fields, form.PlaceField+"="+a.Wants.Places[0])
	}
	for _, c := range a.Wants.Covariates {
		value := "61"
		if len(c.Values) > 0 {
			value = c.Values[0]
		}
		fields = append(fields, form.CovariateField+c.Name+"="+value)
	}
	return fields
}

// drawnPicture is what nets saw of a sample, in JSON; PNG is in base64.
type drawnPicture struct {
	Name  string      `json:"name"` // the sample of predictions, or their case_id
	PNG   []byte      `json:"png,omitempty"`
	Image string      `json:"image,omitempty"` // the file, or the frame of one, that was looked at
	Point *[2]float64 `json:"point,omitempty"` // that was looked at in it
	Found bool        `json:"found,omitempty"` // by the run's own net
	By    string      `json:"by,omitempty"`    // the member of an ensemble that saw it so
	Looks []drawnLook `json:"looks"`
}

type drawnLook struct {
	Case  string `json:"case_id"`
	Class string `json:"class"` // for which it speaks
	PNG   []byte `json:"png,omitempty"`
}

func picturesOf(answer asking.Answer) []drawnPicture {
	out := []drawnPicture{}
	for _, p := range answer.Pictures {
		one := drawnPicture{Name: p.Name, PNG: p.PNG, Image: p.Image, Found: p.Found, By: answer.Sight, Looks: []drawnLook{}}
		if p.Point != nil {
			one.Point = &[2]float64{p.Point.X, p.Point.Y}
		}
		for _, l := range p.Looks {
			one.Looks = append(one.Looks, drawnLook(l))
		}
		out = append(out, one)
	}
	return out
}
