package asking

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/index"
	"vertebra/stages/stage"
)

// arranged is a question whose files lie as runner predict wants them.
type arranged struct {
	Question
	moved    map[string]string // where files lie now, of those that were moved
	warnings []string
}

// arrange puts files that are in no folder, and are slices, into one for each series: a folder of
// images is a series. What is a volume by itself stays where it is.
func (w Wants) arrange(ctx context.Context, env stage.Env, q Question) (out arranged, err error) {
	out = arranged{Question: q, moved: map[string]string{}}
	if !w.Stacks || len(w.Views) > 0 {
		return out, nil
	}
	series, err := seriesOf(ctx, env, q.Dir)
	if err != nil {
		return out, err
	}
	if out.warnings = mixed(q.Files, series); w.Slices && len(q.Files) == 1 && !alone(q.Files[0]) && series[q.Files[0]] != volume {
		out.warnings = append(out.warnings, "one slice came, and the nets were trained with images that go by all slices of their series: send these too")
	}
	folders := w.folders(q.Files, series)
	out.Files = slices.Clone(q.Files)
	for i, file := range q.Files {
		if folders[file] == "" {
			continue
		}
		to := path.Join(folders[file], file)
		if err := os.MkdirAll(filepath.Join(q.Dir, folders[file]), 0o700); err != nil {
			return out, err
		}
		if err := os.Rename(filepath.Join(q.Dir, file), filepath.Join(q.Dir, to)); err != nil {
			return out, err
		}
		out.moved[file], out.Files[i] = to, to
	}
	return out, nil
}

// volume is the series of a file that is one by itself.
const volume = "volume"

// seriesOf gives the series of each DICOM file below a folder; "" of other files.
func seriesOf(ctx context.Context, env stage.Env, dir string) (map[string]string, error) {
	rows, _, err := index.DICOM(ctx, env, dir, dir)
	if err != nil {
		return nil, err
	}
	uid, frames := slices.Index(index.Columns, "SeriesInstanceUID"), slices.Index(index.Columns, "NumberOfFrames")
	out := map[string]string{}
	for _, row := range rows {
		if out[row[0]] = row[uid]; row[frames] != "0" && row[frames] != "1" {
			out[row[0]] = volume
		}
	}
	return out, nil
}

// folders says where files go that lie in no folder; "" of those that stay.
func (w Wants) folders(files []string, series map[string]string) map[string]string {
	var known []string
	of := map[string]int{}
	for _, file := range files {
		uid := series[file]
		if strings.Contains(file, "/") || alone(file) || uid == volume {
			continue
		}
		if !slices.Contains(known, uid) {
			known = append(known, uid)
		}
		of[file] = slices.Index(known, uid)
	}
	out := map[string]string{}
	for _, file := range files {
		at, goes := of[file]
		switch {
		case goes && len(known) > 1:
			out[file] = fmt.Sprintf("series-%d", at+1)
		case goes && w.Sample == "image":
			continue // their folder is that of the question
		case goes:
			out[file] = "series"
		}
		if w.Sample == "study" && !strings.Contains(file, "/") {
			out[file] = path.Join("study", out[file])
		}
	}
	return out
}

// alone says whether a file is a volume by its name.
func alone(file string) bool {
	file = strings.ToLower(file)
	return strings.HasSuffix(file, ".nii") || strings.HasSuffix(file, ".nii.gz")
}

// mixed warns of folders whose slices are of several series, which are taken for one.
func mixed(files []string, series map[string]string) (out []string) {
	in := map[string][]string{}
	for _, file := range files {
		folder := path.Dir(file)
		if uid := series[file]; folder != "." && uid != "" && uid != volume && !slices.Contains(in[folder], uid) {
			in[folder] = append(in[folder], uid)
		}
	}
	for _, file := range files {
		if folder := path.Dir(file); len(in[folder]) > 1 {
			out = append(out, fmt.Sprintf("the files of %s are of %d series by their headers, and are taken for one, as those of a folder are: put each series into a folder of its own", folder, len(in[folder])))
			delete(in, folder)
		}
	}
	return out
}

// now is where an image lies after files were moved.
func (a arranged) now(image string) string {
	if to, moved := a.moved[image]; moved {
		return to
	}
	file, frame := stage.ParseFramePath(image)
	if to, moved := a.moved[file]; moved && frame > 0 {
		return stage.FramePath(to, frame)
	}
	return image
}

// sent is what an image was called where it came from.
func (a arranged) sent(image string) string {
	for from, to := range a.moved {
		if rest, is := strings.CutPrefix(image, to); is && (rest == "" || rest[0] == '#') {
			return from + rest
		}
	}
	return image
}

// unasked tells of series that no point lies in, where one lies in others.
func (a arranged) unasked() (out []string) {
	pointed, told := map[string]bool{}, map[string]bool{}
	for image := range a.Points {
		file, _ := stage.ParseFramePath(a.now(image))
		pointed[stackOf(file)] = true
	}
	for _, file := range a.Files {
		name := stackOf(file)
		if pointed[name] || told[name] {
			continue
		}
		if told[name] = true; name == "." {
			name = "the files in no folder"
		}
		out = append(out, fmt.Sprintf("no point lies in %s: nothing was asked about it", name))
	}
	return out
}

// stackOf is the folder of a slice, or a volume itself.
func stackOf(file string) string {
	if alone(file) {
		return file
	}
	return path.Dir(file)
}
