package form

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// body writes parts, each a field, the name of a file or "", and content.
func body(parts ...[3]string) string {
	var out strings.Builder
	for _, p := range parts {
		out.WriteString("--B\r\nContent-Disposition: form-data; name=\"" + p[0] + "\"")
		if p[1] != "" {
			out.WriteString("; filename=\"" + p[1] + "\"\r\nContent-Type: application/octet-stream")
		}
		out.WriteString("\r\n\r\n" + p[2] + "\r\n")
	}
	return out.String() + "--B--\r\n"
}

func request(t *testing.T, kind, text string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/predict", strings.NewReader(text))
	r.Header.Set("Content-Type", kind)
	return r
}

const multipartB = "multipart/form-data; boundary=B"

// TestRead: files keep their folders, and lie in the folder of the request; words are read.
func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got, err := Read(request(t, multipartB, body(
		[3]string{"point", "", "s/1.dcm,2.5,1e1"}, [3]string{"files", "s/1.dcm", "one"}, [3]string{"files", "../../up.png", "two"}, [3]string{"files", ".cache/x", "hidden"},
		[3]string{"point", "", "a, b.png#2,-1,0"}, [3]string{"files", "a, b.png", "three"}, [3]string{"view.left", "x/l.png", "four"}, [3]string{"point", "", "view.left,7,8"},
		[3]string{"covariate.sex", "", " f "}, [3]string{"covariate.age", "", ""}, [3]string{"place", "", "l4 l5"}, [3]string{"pictures", "", "yes"}, [3]string{"frame", "", "12"},
	)), dir)
	want := Sent{
		Files:      []string{"s/1.dcm", "up.png", "a, b.png", "left/l.png"},
		Points:     map[string]stage.Point{"s/1.dcm": {X: 2.5, Y: 10}, "a, b.png#2": {X: -1}, "left/l.png": {X: 7, Y: 8}},
		Place:      "l4 l5",
		Covariates: map[string]string{"sex": "f"},
		Views:      map[string]string{"left": "left/l.png"},
		Pictures:   true,
		Frame:      12,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v; want %+v", got, err, want)
	}
	for name, content := range map[string]string{"s/1.dcm": "one", "up.png": "two", "left/l.png": "four"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); string(data) != content {
			t.Errorf("%s: got %q, %v", name, data, err)
		}
	}
	got, err = Read(request(t, multipartB, body([3]string{"point", "", "3,4"}, [3]string{"files", "only.png", ""})), t.TempDir())
	if err != nil || got.Points["only.png"] != (stage.Point{X: 3, Y: 4}) {
		t.Errorf("a point of the only image: got %+v, %v", got, err)
	}
}

// TestRefused: what is no request of ours is told with its status, and what to send instead.
func TestRefused(t *testing.T) {
	t.Parallel()
	file := [3]string{"files", "a.png", "x"}
	for name, c := range map[string]struct {
		kind, body string
		status     int
		want       string
	}{
		"no form":           {"application/json", `{"files":[]}`, 415, "is no multipart/form-data"},
		"no kind":           {"", "", 415, "is no multipart/form-data"},
		"no boundary":       {"multipart/form-data", "", 415, "is no multipart/form-data"},
		"nothing":           {multipartB, "", 400, "cannot be read"},
		"cut off":           {multipartB, body(file)[:90], 400, "cannot be read"},
		"another field":     {multipartB, body([3]string{"flies", "a.png", "x"}), 400, "known: files, view.NAME"},
		"another word":      {multipartB, body([3]string{"x", "", "1"}), 400, `no field "x"`},
		"a file as a word":  {multipartB, body([3]string{"files", "", "a.png"}), 400, "curl -F files=@image.dcm"},
		"the same file":     {multipartB, body(file, file), 400, "two files are called a.png"},
		"a file and folder": {multipartB, body(file, [3]string{"files", "a.png/b", "x"}), 400, "cannot be a file in a folder"},
		"the same view":     {multipartB, body([3]string{"view.l", "a", "x"}, [3]string{"view.l", "b", "x"}), 400, "two files came as view.l"},
		"no view":           {multipartB, body([3]string{"view.", "a", "x"}), 400, "names no view"},
		"a name of nothing": {multipartB, body([3]string{"files", "..", "x"}), 400, "which is no name"},
		"a long word":       {multipartB, body([3]string{"place", "", strings.Repeat("x", mostValue+1)}), 400, "more than 16384 bytes"},
		"many words":        {multipartB, body(slices.Repeat([][3]string{{"place", "", "x"}}, mostTold+1)...), 400, "more than 2000 fields"},
		"no point":          {multipartB, body(file, [3]string{"point", "", "a.png,1"}), 400, "want two numbers"},
		"half a point":      {multipartB, body(file, [3]string{"point", "", "1"}), 400, "want two numbers"},
		"two points":        {multipartB, body(file, [3]string{"point", "", "1,2"}, [3]string{"point", "", "a.png,1,2"}), 400, "two points lie in a.png"},
		"whose point":       {multipartB, body(file, [3]string{"files", "b.png", "x"}, [3]string{"point", "", "1,2"}), 400, "which of 2 files"},
		"no frame":          {multipartB, body(file, [3]string{"frame", "", "0"}), 400, "the first is 1"},
		"some pictures":     {multipartB, body(file, [3]string{"pictures", "", "1"}), 400, "pictures=yes"},
	} {
		_, err := Read(request(t, c.kind, c.body), t.TempDir())
		var refused Refused
		var fault stage.Fault
		if !errors.As(err, &refused) || refused.Status != c.status || !errors.As(err, &fault) || fault.Hint == "" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %d with %q", name, err, c.status, c.want)
		}
	}
	r := request(t, multipartB, body(file))
	r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, 50)
	var refused Refused
	if _, err := Read(r, t.TempDir()); !errors.As(err, &refused) || refused.Status != 413 || !strings.Contains(err.Error(), "larger than 50 bytes") {
		t.Errorf("too large: got %v", err)
	}
}

// FuzzRead: whatever comes, nothing is written outside the folder, what is said to be there is, and
// points lie in it.
func FuzzRead(f *testing.F) {
	f.Add(body([3]string{"files", "a/b.dcm", "x"}, [3]string{"point", "", "1,2"}, [3]string{"covariate.age", "", "3"}))
	f.Add(body([3]string{"view.l", "../l", "x"}, [3]string{"point", "", "view.l#2,1,2"}, [3]string{"frame", "", "3"}))
	f.Add(body([3]string{"files", `C:\x\..\y`, "x"})[:100])
	f.Add("--B\r\nContent-Disposition: form-data; name=files; filename*=UTF-8''%2e%2e%2fx\r\n\r\nx\r\n--B--")
	f.Fuzz(func(t *testing.T, text string) {
		above := t.TempDir()
		dir := filepath.Join(above, "files")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		s, err := Read(request(t, multipartB, text), dir)
		if err != nil {
			if refused := (Refused{}); !errors.As(err, &refused) {
				t.Errorf("%q: got %v", text, err)
			}
			return
		}
		var there []string
		_ = filepath.WalkDir(above, func(path string, e fs.DirEntry, _ error) error {
			if !e.IsDir() {
				there = append(there, strings.TrimPrefix(path, dir+"/"))
			}
			return nil
		})
		slices.Sort(there)
		if told := slices.Sorted(slices.Values(s.Files)); !slices.Equal(told, there) {
			t.Errorf("%q: there are %q, told are %q", text, there, told)
		}
		for _, file := range s.Views {
			if !slices.Contains(s.Files, file) {
				t.Errorf("%q: a view is %s", text, file)
			}
		}
	})
}
