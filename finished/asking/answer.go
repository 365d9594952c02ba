package asking

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/stages/explain"
	"vertebra/stages/stage"
)

// Answer is what nets say of the images of a question.
type Answer struct {
	predict.Predictor
	Items    []stage.Prediction
	Warnings []string // what a reader of the predictions must know
	Pictures []Picture
	Sight    string // the member of an ensemble that saw these pictures; "" of a run
}

// Picture is what the nets saw of a sample.
type Picture struct {
	Name  string       // as Predictor.Name has it
	PNG   []byte       // after preprocessing; nil where it could not be drawn
	Image string       // the file, or the frame of one, that holds Point
	Point *stage.Point // that they looked at; nil where they see the whole image
	Found bool         // the run's own net found the point
	Looks []Look
}

// Look is where the nets looked for the answer of a case.
type Look struct {
	Case  string
	Class string // for which it speaks: the likeliest before any calibration
	PNG   []byte // to be laid over the picture, of its shape; nil where nothing speaks for the class
}

// side is the longest side of a picture, in pixels.
const side = 768

// Ask asks the nets. Of env device, threads, workers and clock count; what is made on the way lies in
// cache, a folder which whoever asks empties. Pictures are made on request. A question that lacks
// something is a stage.Fault, and so are images that cannot be used.
func (a *Asker) Ask(ctx context.Context, env stage.Env, q Question, cache string, pictures bool) (answer Answer, err error) {
	defer func() { err = local(err, q.Dir) }()
	if err := a.Wants.fits(q); err != nil {
		return answer, err
	}
	release, err := a.hold(ctx)
	if err != nil {
		return answer, err
	}
	defer release()
	heard := &listener{}
	env.Recorder, env.Cache, env.CacheBytes = heard, cache, 0
	where, err := a.Wants.arrange(ctx, env, q)
	if err != nil {
		return answer, err
	}
	if len(q.Points) > 0 && a.Wants.Stacks {
		where.warnings = append(where.warnings, where.unasked()...)
	}
	request, err := a.request(where)
	if err != nil {
		return answer, err
	}
	if pictures {
		request.See = answer.see
		if finished.IsEnsemble(a.run) {
			answer.Sight = a.opened[0].Run.ID()
		}
	}
	answer.Predictor, answer.Items, err = predict.Ask(ctx, env, a.run, request)
	for _, text := range append(where.warnings, heard.texts...) {
		answer.Warnings = append(answer.Warnings, withoutFolder(text, q.Dir))
	}
	for i, p := range answer.Pictures {
		answer.Pictures[i].Image = where.sent(withoutFolder(p.Image, q.Dir))
		answer.Pictures[i].Found = p.Point != nil && !told(q, answer.Pictures[i].Image)
	}
	return answer, err
}

// told says whether the question tells the point of an image.
func told(q Question, image string) bool {
	_, yes := q.Points[image]
	return yes
}

// listener hears warnings.
type listener struct {
	lock  sync.Mutex
	texts []string
}

// Record keeps warnings and errors.
func (l *listener) Record(_ context.Context, records ...stage.Record) error {
	l.lock.Lock()
	defer l.lock.Unlock()
	for _, r := range records {
		if e, ok := r.(stage.Event); ok && e.Level != "info" && !slices.Contains(l.texts, e.Text) { // members of an ensemble say the same
			l.texts = append(l.texts, e.Text)
		}
	}
	return nil
}

// Progress is shown to nobody.
func (*listener) Progress(stage.Progress) {}

// see keeps what the net sees. That something cannot be drawn loses no answer.
func (a *Answer) see(ctx context.Context, env stage.Env, p predict.Predictor, x explain.Subject, items []stage.Prediction) error {
	var folds []int
	for _, net := range p.Nets {
		folds = append(folds, net.Fold)
	}
	looked, err := x.Looked(ctx, items, folds)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		looked = make([][]byte, len(items))
		if err := env.Recorder.Record(ctx, stage.Event{Level: "warning", Text: fmt.Sprintf("nothing shows where the net looked: %v", stage.WithoutHint(err))}); err != nil {
			return err
		}
	}
	cases, at := map[string]stage.Case{}, map[string]int{}
	for _, one := range p.Cases.Cases {
		cases[one.ID] = one
	}
	for i, item := range items {
		name := p.Name(item.CaseID)
		if _, known := at[name]; !known {
			at[name] = len(a.Pictures)
			one := cases[item.CaseID]
			a.Pictures = append(a.Pictures, Picture{Name: name, Image: one.Image, Point: one.Point})
			if err := a.draw(ctx, env, x, item.CaseID); err != nil {
				return err
			}
		}
		look := Look{Case: item.CaseID, Class: p.Asked.Classes[likeliest(item.Probabilities)], PNG: looked[i]}
		a.Pictures[at[name]].Looks = append(a.Pictures[at[name]].Looks, look)
	}
	return nil
}

// draw draws the last picture.
func (a *Answer) draw(ctx context.Context, env stage.Env, x explain.Subject, id string) error {
	made, err := x.Pictures([]string{id}, side)
	if err != nil {
		return env.Recorder.Record(ctx, stage.Event{Level: "warning", Text: fmt.Sprintf("%s cannot be drawn: %v", id, err)})
	}
	a.Pictures[len(a.Pictures)-1].PNG = made[id]
	return nil
}

// likeliest is the class of the highest probability; of equal ones the first.
func likeliest(probabilities []float64) (best int) {
	for k, v := range probabilities {
		if v > probabilities[best] {
			best = k
		}
	}
	return best
}

// withoutFolder leaves the folder of a question out of a text: it is gone when somebody reads it.
func withoutFolder(text, dir string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, dir+string(filepath.Separator), ""), dir, "the files")
}

// errLocal is an error whose text names no folder of this machine.
type errLocal struct {
	error
	dir string
}

func (e errLocal) Error() string { return withoutFolder(e.error.Error(), e.dir) }

func (e errLocal) Unwrap() error { return e.error }

// local has an error name files as who sent them calls them.
func local(err error, dir string) error {
	if err == nil {
		return nil
	}
	if fault := (stage.Fault{}); errors.As(err, &fault) {
		return stage.Fault{Err: errLocal{fault.Err, dir}, Hint: withoutFolder(fault.Hint, dir)}
	}
	return errLocal{err, dir}
}
