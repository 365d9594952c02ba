package reports

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// page is what templates/page.html draws. All numbers are texts by now.
type page struct {
	frame
	Name     string
	Purpose  string
	ID       string
	Status   cellView
	Alert    *alert
	Facts    []stage.Fact // the few of the head
	Troubles string       // "1 error, 2 warnings"
	Failed   bool         // there are errors among them
	Verdicts []verdictView
	Remarks  []remarkView
	Headline []*tableView
	More     *tableView // final numbers that do not fit the headline
	// HeadlineNote says what the headline's numbers are.
	HeadlineNote string
	Sections     []section
}

// alert says why a run did not end well.
type alert struct {
	Title, Text string
	Missing     string // what was not recorded
	Calm        bool   // nothing went wrong
	Next        string // the command that goes on
}

// section is a heading and what is below it.
type section struct {
	ID, Title  string
	Text       string // what to know of it
	Findings   []findingView
	Blocks     []block
	More       []block // what most readers need not see
	Events     []event
	Experiment []yamlLine
	File       string
}

// block is one thing of a section; one field is set.
type block struct {
	Plot    *plotView
	Matrix  *matrixView
	Table   *tableView
	Bars    *barsView
	Scatter *scatterView
	Gallery *galleryView
}

func (p Place) newPage(rec *results.RunRecord) (*page, error) {
	rec = withFoldMeans(rec)
	frame, err := p.frame()
	if err != nil {
		return nil, err
	}
	if p.live && rec.Status == results.Running {
		frame.Live = "/events?run=" + url.QueryEscape(rec.ID)
	}
	pg := &page{
		frame: frame, Name: rec.Name, Purpose: rec.Purpose, ID: rec.ID,
		Status: statusCell(rec.RunSummary), Facts: headFacts(rec),
	}
	pg.Troubles, pg.Failed = troubles(rec.Events)
	pg.Headline, pg.More = headline(rec.WatchedFirst())
	pg.HeadlineNote = headlineNote(rec.RunSummary, roleOf(rec))
	all, err := sections(rec)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, s := range all {
		if s.empty() && slices.Contains([]string{"diagnosis", "ensemble", "external", "pretrain"}, s.ID) {
			continue // nothing was found, and most runs are no ensemble and no validation
		}
		if s.empty() {
			missing = append(missing, strings.ToLower(s.Title))
			continue
		}
		pg.Sections = append(pg.Sections, s)
	}
	if pg.Live == "" { // there the progress of the run says it
		pg.Alert = newAlert(rec, missing)
	}
	return pg, nil
}

func (s section) empty() bool {
	return len(s.Findings)+len(s.Blocks)+len(s.Events)+len(s.Experiment) == 0
}

// headFacts are what everybody asks first.
func headFacts(rec *results.RunRecord) []stage.Fact {
	var facts []stage.Fact
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, stage.Fact{Name: name, Value: value})
		}
	}
	add("started", moment(rec.Started))
	add("took", span(rec.Duration()))
	add("device", rec.Fact("device"))
	add("numbers", rec.Fact("numbers"))
	add("best epoch", bestEpoch(rec.Phases))
	add("seed", fmt.Sprint(rec.Seed))
	add("experiment", rec.File)
	return facts
}

// bestEpoch is that of the last phase that has one: its weights are what the
// final numbers belong to.
func bestEpoch(phases []stage.PhaseRecord) string {
	if folds := foldBest(phases); folds != "" {
		return folds
	}
	for i := len(phases) - 1; i >= 0; i-- {
		if p := phases[i]; p.BestEpoch > 0 {
			return fmt.Sprintf("%d (phase %s)", p.BestEpoch, p.Name)
		}
	}
	return ""
}

func newAlert(rec *results.RunRecord, missing []string) *alert {
	a := &alert{Text: rec.FailureMessage, Missing: strings.Join(missing, ", ")}
	switch rec.Status {
	case results.Done:
		return nil
	case results.Running:
		a.Title, a.Calm = "This run was still going on when the report was drawn", true
	case results.Lost:
		a.Title = fmt.Sprintf("This run stopped without a word: process %d on %s is gone, last seen %s", rec.PID, rec.Host, moment(rec.Seen))
		a.Next = resumeCommand(rec)
	case results.Interrupted:
		a.Title, a.Next = "This run was interrupted", resumeCommand(rec)
		if words := rec.StatusWords(); words != string(rec.Status) {
			a.Title, a.Text, a.Calm = "This run is "+rec.Trial.Words()+": "+words, rec.Trial.Because(), true
		}
	default:
		a.Title = "This run failed"
		if rec.FailureKind != "" && rec.FailureKind != "error" {
			a.Title += ": " + rec.FailureKind
		}
	}
	return a
}

// resumeCommand goes on with a run; "" for one of a sweep, which does so by itself, and
// where the file is not known.
func resumeCommand(rec *results.RunRecord) string {
	if rec.File == "" || rec.Trial.Sweep != "" {
		return ""
	}
	return "runner run " + rec.File + " --resume " + rec.ID
}

// moment writes a time for people, in UTC like the database.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 Jan 2006, 15:04 UTC")
}

// span writes a duration with its two largest units.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	hours, minutes, seconds := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case d <= 0:
		return ""
	case hours >= 48:
		return fmt.Sprintf("%d d %d h", hours/24, hours%24)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min %d s", minutes, seconds)
	}
	return fmt.Sprintf("%d s", seconds)
}
