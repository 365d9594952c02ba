package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// BIDS is the Brain Imaging Data Structure (bids-specification.readthedocs.io): the name of an
// image is made of entities, a key and a label each, and a suffix that says what it is, such as
// sub-01_ses-1_run-2_T1w.nii.gz. What is known of participants lies in participants.tsv, of
// their sessions in sub-01/sub-01_sessions.tsv, of single images in sub-01/ses-1/sub-01_ses-1_scans.tsv.

var (
	bidsImage  = regexp.MustCompile(`^sub-[A-Za-z0-9]+_(?:.*_)?([A-Za-z0-9]+)\.(?:nii|nii\.gz|png|jpg|tif)$`)
	bidsEntity = regexp.MustCompile(`(?:^|_)([a-z]+)-([A-Za-z0-9+]+)`)
)

// bidsFirst are the columns that all such tables have.
var bidsFirst = []string{"path", "participant_id", "session_id", "datatype", "suffix"}

// BIDS makes a row of each image of a BIDS folder, without what others have derived, with
// what the tables of participants, of sessions and of scans say of it; of a column of several, what is
// said of the least: of the scan before the session. Paths are below from. n/a is an empty cell.
func BIDS(ctx context.Context, folder, from string) (columns []string, rows [][]string, err error) {
	images, err := bidsImages(ctx, folder, from)
	if err != nil {
		return nil, nil, err
	}
	if len(images) == 0 {
		return nil, nil, stage.Fault{Err: fmt.Errorf("no image below %s is called as those of BIDS, such as sub-01_T1w.nii.gz", folder), Hint: "name the folder that holds participants.tsv and the folders sub-…"}
	}
	people, err := bidsTable(filepath.Join(folder, "participants.tsv"))
	if err != nil {
		return nil, nil, err
	}
	if err := tellImages(images, people, "participant_id"); err != nil {
		return nil, nil, err
	}
	read := bidsTables{}
	for _, one := range images {
		person, session := one["participant_id"], one["session_id"]
		if err := read.tell(one, filepath.Join(folder, person, person+"_sessions.tsv"), "session_id", session); err != nil {
			return nil, nil, err
		}
		within := filepath.Join(folder, person, session)
		name, err := filepath.Rel(within, one[bidsFile])
		if err != nil {
			return nil, nil, err
		}
		scans := strings.TrimSuffix(person+"_"+session, "_") + "_scans.tsv"
		if err := read.tell(one, filepath.Join(within, scans), "filename", filepath.ToSlash(name)); err != nil {
			return nil, nil, err
		}
	}
	columns = bidsColumns(images)
	for _, one := range images {
		row := make([]string, len(columns))
		for i, name := range columns {
			row[i] = one[name]
		}
		rows = append(rows, row)
	}
	return columns, rows, nil
}

// bidsTables are tables that were read, by their files: cells by the key of a row and the column.
type bidsTables map[string]map[string]map[string]string

// tell gives an image the cells of a row of a table, if both are there. What names of files say
// of all images stays.
func (t bidsTables) tell(one map[string]string, file, key, row string) error {
	if _, known := t[file]; !known {
		rows, err := bidsRows(file, key)
		if err != nil {
			return err
		}
		t[file] = rows
	}
	for name, cell := range t[file][row] {
		if name != key && cell != "" && !slices.Contains(bidsFirst, name) {
			one[name] = cell
		}
	}
	return nil
}

// bidsFile is where an image lies, which is no column.
const bidsFile = ""

// bidsImages finds the images, and what their names say.
func bidsImages(ctx context.Context, folder, from string) (out []map[string]string, err error) {
	inside := folder + string(filepath.Separator) // also where it is a link
	err = filepath.WalkDir(inside, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return stage.Fault{Err: files.NotThere(folder, err), Hint: "name a folder of BIDS"}
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case path == inside:
			return nil
		case e.IsDir() && (files.Hidden(e) || slices.Contains([]string{"derivatives", "sourcedata", "code"}, e.Name())):
			return filepath.SkipDir
		}
		m := bidsImage.FindStringSubmatch(e.Name())
		if e.IsDir() || m == nil {
			return nil
		}
		one := map[string]string{bidsFile: path, "path": path, "datatype": filepath.Base(filepath.Dir(path)), "suffix": m[1]}
		if near, err := filepath.Rel(from, path); err == nil {
			one["path"] = filepath.ToSlash(near)
		}
		for _, m := range bidsEntity.FindAllStringSubmatch(e.Name(), -1) {
			switch m[1] {
			case "sub":
				one["participant_id"] = "sub-" + m[2]
			case "ses":
				one["session_id"] = "ses-" + m[2]
			default:
				one[m[1]] = m[2]
			}
		}
		out = append(out, one)
		return nil
	})
	return out, err
}

// bidsTable reads a table that may be absent.
func bidsTable(path string) (table.Sheet, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return table.Sheet{}, nil
	}
	if err != nil {
		return table.Sheet{}, err
	}
	t, err := table.Parse(data)
	if err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// bidsRows reads a table that may be absent, and gives its cells by key and column.
func bidsRows(path, key string) (map[string]map[string]string, error) {
	t, err := bidsTable(path)
	if err == nil && len(t.Columns) > 0 && !t.Has(key) {
		err = stage.Fault{Err: fmt.Errorf("%s has no column %s; it has %s", path, key, strings.Join(t.Columns, ", ")), Hint: "BIDS wants it"}
	}
	out := map[string]map[string]string{}
	for _, r := range t.Rows {
		cells := map[string]string{}
		for _, name := range t.Columns {
			if cell := r.Cell(name); cell != "n/a" {
				cells[name] = cell
			}
		}
		out[cells[key]] = cells
	}
	return out, err
}

// tellImages gives images the cells of the row that has their key. Ids may lack the sub- that
// the standard wants.
func tellImages(images []map[string]string, t table.Sheet, key string) error {
	if len(t.Columns) > 0 && !t.Has(key) {
		return stage.Fault{Err: fmt.Errorf("participants.tsv has no column %s; it has %s", key, strings.Join(t.Columns, ", ")), Hint: "BIDS wants it: the names of the folders sub-…"}
	}
	of := map[string]table.Row{}
	for _, r := range t.Rows {
		of["sub-"+strings.TrimPrefix(r.Cell(key), "sub-")] = r
	}
	for _, one := range images {
		r, known := of[one[key]]
		for _, name := range t.Columns {
			if cell := r.Cell(name); known && name != key && cell != "n/a" && one[name] == "" {
				one[name] = cell
			}
		}
	}
	return nil
}

// bidsColumns are those that some image has a cell of: first those of all tables, then others by
// name.
func bidsColumns(images []map[string]string) []string {
	var more []string
	seen := map[string]bool{}
	for _, one := range images {
		for name, cell := range one {
			if name == bidsFile {
				continue
			}
			if cell != "" && !seen[name] && !slices.Contains(bidsFirst, name) {
				more = append(more, name)
			}
			seen[name] = seen[name] || cell != ""
		}
	}
	slices.Sort(more)
	return append(slices.Clone(bidsFirst), more...)
}
