package asking

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/finished/predict"
	"vertebra/stages/audit"
)

// tableFile is the table's name. Names of files that are sent do not begin so.
const tableFile = ".asked.csv"

// request makes of a question what runner predict is given: the files and folders themselves, or,
// where something is told besides, a table of them. Nothing of a table but its own words, which
// name files of the folder, is a path.
func (a *Asker) request(q arranged) (predict.Request, error) {
	r := predict.Request{OnlyImages: true, Within: q.Dir, Kept: &a.kept}
	if len(q.Points) == 0 && len(q.Covariates) == 0 && q.Place == "" && len(q.Views) == 0 {
		r.Data = within(q.Dir, topmost(q.Files))
		return r, nil
	}
	own, _ := a.opened[0].Experiment.Data.Source.Part.(audit.Table)
	s := sheet{wants: a.Wants, q: q, own: own, tags: a.tagsOf(q)}
	r.OnlyImages, r.Within, r.FolderIsSeries = false, "", a.Wants.Sample == "image" && a.Wants.Stacks
	r.Data, r.Columns = within(q.Dir, []string{tableFile}), s.columns()
	return r, os.WriteFile(r.Data[0], s.csv(), 0o600)
}

// tagsOf are the words that rows say besides: covariates, and what is to be looked for.
func (a *Asker) tagsOf(q arranged) map[string]string {
	tags := map[string]string{}
	for _, o := range a.opened {
		if f, ok, err := o.Finder(); q.Place != "" && ok && err == nil {
			maps.Copy(tags, f.Config.TagsOf(q.Place))
		}
		own, _ := o.Experiment.Data.Source.Part.(audit.Table)
		for name, value := range q.Covariates {
			tags[name] = cellOf(own, name, value)
		}
	}
	return tags
}

func within(dir string, names []string) (out []string) {
	for _, name := range names {
		out = append(out, filepath.Join(dir, name))
	}
	return out
}

// topmost are the files that lie in no folder, and the outermost folders of others, sorted.
func topmost(files []string) (out []string) {
	for _, file := range files {
		first, _, _ := strings.Cut(file, "/")
		out = append(out, first)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
