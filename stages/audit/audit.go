// Package audit reads the tables of a data set, joins them by key, names every
// defect, and puts each case into a split without letting a study leak. It reads
// image headers but no pixels, so check runs all of it; Look reads pixels too.
package audit

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

// Cases are what later stages work on.
type Cases struct {
	Classes     []string          // "normal_mild", "moderate", "severe": index = label
	Targets     []string          // what the net answers of each sample, by the index Target of cases; nil where it is one thing
	Among       [][]int           // of each target, the classes that its answer is one of; see stage.Questions
	Covariates  stage.Covariates  // what nets are given besides an image; nil where nothing
	Views       []string          // the channels of the samples' images; nil where each sees one picture
	Cases       []stage.Case      // sorted by ID
	Series      map[string]Series // key "<study>/<series>"
	Dropped     []Finding         // what was left out, by rule
	Findings    []Finding         // what looks wrong and was kept, by rule
	Fingerprint string            // sha256 of everything that defines the data
	Undivided   string            // the same, however the data are divided into splits
	Folds       int               // parts of cross-validation; 0 for a single split
	Looks       *Looks            // what pixels tell, while it is gathered; nil when nobody asks
	Fold        int               // the fold to run: 0 for all of them, stage.AllFolds to validate on none
	Idle        []string          // settings of Config.Drop and Keep that name nothing in the tables, for people

	heads  headers.ByPath
	groups string // see GroupsAre
	root   string // the data set's folder; "" where it has none
}

// Local leaves the data set's folder out of a text: a report says nothing of the machine.
// What was read before may have named the folder from elsewhere, or from the root.
func (c Cases) Local(text string) string {
	if c.root == "" {
		return text
	}
	for _, folder := range []string{files.Absolute(c.root), filepath.Clean(c.root)} {
		if folder != "." {
			text = without(text, folder+string(filepath.Separator))
		}
	}
	return text
}

// without leaves a folder out where a path begins with it, not where one has it inside: of the
// folder d/, old/a.png keeps its name.
func without(text, folder string) string {
	var out strings.Builder
	for done := 0; ; {
		found := strings.Index(text[done:], folder)
		if found < 0 {
			return out.String() + text[done:]
		}
		at := done + found
		out.WriteString(text[done:at])
		if before, _ := utf8.DecodeLastRuneInString(text[:at]); unicode.IsLetter(before) || unicode.IsDigit(before) || strings.ContainsRune("/\\._-", before) {
			out.WriteString(folder)
		}
		done = at + len(folder)
	}
}

// Stat gives the size of an image file in bytes and the time of its modification in
// ns since 1970, as the audit found them; false for a file that it did not see.
func (c Cases) Stat(path string) (size, modified int64, ok bool) {
	h := c.heads[path]
	if h == nil || h.Time == 0 {
		return 0, 0, false
	}
	return h.Size, h.Time, true
}

// TargetsFact is the name of the stored fact that lists the targets, in JSON, where a net
// answers several.
const TargetsFact = stage.TargetsFact

// AmongFact is the name of the stored fact that lists the classes of each target, in JSON as
// indices into the classes, where targets have classes of their own.
const AmongFact = stage.AmongFact

// Questions are what a net is asked about each sample.
func (c Cases) Questions() stage.Questions {
	return stage.Questions{Classes: c.Classes, Targets: c.Targets, Among: c.Among}
}

// SeriesFact is the name of the stored fact that counts the images of the source which are
// folders of slices. Files of several frames tell by themselves that they are series.
const SeriesFact = "images that are folders of slices"

// FingerprintFact is the name of the stored fact that holds Cases.Fingerprint.
const FingerprintFact = "data fingerprint"

// UndividedFact is the name of the stored fact that holds Cases.Undivided.
const UndividedFact = "data fingerprint without splits"

// Series is one image series of a study.
type Series struct {
	Key, Study, Type string
	Files            []File // in the order of the slices, stack by stack

	folder string // whose files are those of the series, until they are listed; "" where Files are known
}

// File is one image file of a series.
type File struct {
	Path     string
	Instance int // the number that names the file
	Stack    int // slices of one number are parallel; -1 for a file that cannot be read
}

// Run reads, checks and splits. It reads no pixels.
func Run(ctx context.Context, env stage.Env, cfg Config) (Cases, error) {
	a, err := run(ctx, env, cfg)
	if err != nil {
		return Cases{}, err
	}
	return a.Cases, a.Cases.tell(ctx, env, a.leak)
}

// audited is the outcome with what rules on pixels need besides.
type audited struct {
	*view
	request *Request
	leak    leak
	cfg     Config
}

func run(ctx context.Context, env stage.Env, cfg Config) (audited, error) {
	a := audited{cfg: cfg}
	if err := cfg.refuseUnlabelled(); err != nil {
		return a, err
	}
	found, heads, err := a.read(ctx, env)
	if err != nil {
		return a, err
	}
	if err := found.merge(cfg.Merge, cfg.known); err != nil {
		return a, err
	}
	found.as(cfg.known)
	a.view = newView(Cases{Classes: found.Classes, Cases: found.Cases, Series: found.Series, groups: found.groups}, found, heads)
	a.view.asked = cfg.known != nil
	a.together = cfg.Label == all
	if err := a.scan(ctx, env); err != nil {
		return a, err
	}
	if err := a.apply(cfg.Rules); err != nil {
		return a, a.withImageHint(err)
	}
	a.orderSlices()
	for _, step := range []func(Config) error{a.regroup, a.dropSamples, a.see, a.lookAtTargets, a.covariates} {
		if err := step(cfg); err != nil {
			return a, err
		}
	}
	a.Undivided = fingerprint(found.Root, a.Cases, heads)
	patients := patientsOf(heads, a.Cases.Cases)
	if err := a.Cases.divide(a.cfg, patients); err != nil {
		return a, err
	}
	if a.leak, err = checkLeaks(a.Cases, a.cfg.Split, patients); err != nil {
		return a, err
	}
	a.Findings = append(a.Findings, a.leak.findings...)
	sortFindings(a.Findings)
	sortFindings(a.Dropped)
	a.Fingerprint, a.Idle = fingerprint(found.Root, a.Cases, heads), a.request.idle()
	return a, a.teach(ctx, env)
}

// withImageHint adds to the error that no case is left where the images lie that a table names, where
// they are not where it says.
func (a *audited) withImageHint(err error) error {
	t, ok := a.cfg.Source.Part.(Table)
	if !ok || len(a.Cases.Cases) > 0 || len(a.Dropped) == 0 || mostDropped(a.Dropped).ID != "missing_image" {
		return err
	}
	if hint := t.elsewhere(); hint != "" {
		return stage.Wrong{Path: "data.source.table.image", Err: stage.Fault{Err: fmt.Errorf("no image is there%s", summary(a.Dropped)), Hint: hint}}
	}
	return err
}

// read reads the tables, and the headers of all images that they need.
func (a *audited) read(ctx context.Context, env stage.Env) (found Found, heads headers.ByPath, err error) {
	if a.request, err = newRequest(a.cfg.Drop, a.cfg.Keep); err != nil {
		return found, nil, err
	}
	said := elements(a.cfg.Headers)
	if err := said.check(); err != nil {
		return found, nil, err
	}
	if t, ok := a.cfg.Source.Part.(Table); ok && t.Group != "" && a.cfg.Split.By == t.Group {
		a.cfg.Split.By = "study" // what the table's groups are to a split
	}
	a.request.series, a.request.known = a.cfg.bySeries(), len(a.cfg.known) > 0
	a.request.views = len(a.cfg.Views) > 0
	a.request.fixed = a.cfg.Split.fixes() != nil
	a.request.columns = said.columns(slices.Concat(a.cfg.Split.columns(), a.cfg.targetColumns(), a.cfg.Covariates.columns()))
	if len(a.cfg.TargetClasses) > 0 {
		a.request.order = a.cfg.inOrder
	}
	reader := sync.OnceValue(func() *headers.Reader { return headers.Open(env) })
	go reader() // while tables are read
	if found, err = a.cfg.Source.Part.Read(ctx, a.request); err != nil {
		return found, nil, err
	}
	slices.SortFunc(found.Cases, func(a, b stage.Case) int { return strings.Compare(a.ID, b.ID) })
	heads, err = found.readHeads(ctx, reader(), a.cfg.Plane)
	found.filesApart()
	if err != nil {
		return found, heads, err
	}
	said.tag(found.Cases, heads)
	if a.cfg.Covariates.ifThere {
		return found, heads, nil
	}
	return found, heads, said.silent(found.Cases)
}

// bySeries says whether a sample is seen in whole series, wherever its points lie.
func (cfg Config) bySeries() bool { return cfg.Sample == "series" || cfg.Sample == "study" }

// dropSamples leaves out levels, series and studies that data.drop names among rows: cases
// have those names, which no row has.
func (a *audited) dropSamples(cfg Config) error {
	if cfg.Sample == "point" || cfg.Label == eachRow || cfg.Label == all {
		return nil
	}
	var hits []hit
	a.Cases.Cases = slices.DeleteFunc(a.Cases.Cases, func(c stage.Case) bool {
		drops := a.request.drop.rows.met(c.ID)
		if drops {
			hits = append(hits, hit{id: c.ID})
		}
		return drops
	})
	if a.changed(); hits == nil {
		return nil
	}
	if err := a.settle(rules["row_dropped_on_request"], hits, drop); err != nil {
		return err
	}
	return a.requireCases()
}

// apply has every rule report, and does what it says about what it finds.
func (v *view) apply(actions Actions) error {
	for _, id := range order {
		r := rules[id]
		if r.Pixels() {
			continue
		}
		hits := v.found.reports.hits[id]
		if r.find != nil {
			hits = slices.Concat(hits, r.find(v))
		}
		action := actions.of(r)
		if err := v.settle(r, hits, action); err != nil {
			return err
		}
	}
	return v.requireCases()
}

// requireCases refuses data of which nothing is left.
func (v *view) requireCases() error {
	if len(v.Cases.Cases) == 0 && v.Dropped == nil {
		return stage.Wrong{Path: "data.source", Err: stage.Fault{Err: errors.New("there is not one case in it"), Hint: "look whether the tables have rows and the folders have images"}}
	}
	if len(v.Cases.Cases) == 0 {
		return stage.Wrong{Path: "data.source", Err: stage.Fault{Err: fmt.Errorf("no case is left%s", summary(v.Dropped)), Hint: "look at data.source, data.drop and data.keep; " + commonest(v.Dropped)}}
	}
	return nil
}

// settle does about what a rule found what is to be done.
func (v *view) settle(r Rule, hits []hit, action string) error {
	f := r.spoken(v.asked).finding(hits, action)
	if f == nil {
		return nil
	}
	f.Reason = v.Local(f.Reason)
	if v.together && r.ID == "empty_label" { // the sample's other answers count all the same
		f.Severity, f.Reason = info, "the answer is not known"
	}
	switch action {
	case refuse:
		return f.refusal()
	case drop:
		if r.find != nil { // what a source reports never became a case
			v.remove(f.concerned())
		}
		v.Dropped = append(v.Dropped, *f)
	default:
		v.Findings = append(v.Findings, *f)
	}
	return nil
}

func (f Finding) refusal() error {
	return stage.Fault{
		Err:  fmt.Errorf("%s: %s (%s): %s", f.Rule, f.counted(), f.Reason, examples(f.IDs)),
		Hint: "data.rules." + f.ID + " refuses them; mend the data, leave them out with data.drop, or change the rule's action",
	}
}

func summary(dropped []Finding) string {
	var parts []string
	for _, d := range dropped {
		parts = append(parts, fmt.Sprintf("%s: %d", d.Rule, len(d.IDs)))
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// commonest says why most of what was left out was.
func commonest(dropped []Finding) string {
	most := mostDropped(dropped)
	return most.Rule + ": " + most.Reason
}

func mostDropped(dropped []Finding) Finding {
	return slices.MaxFunc(dropped, func(a, b Finding) int { return len(a.IDs) - len(b.IDs) })
}
