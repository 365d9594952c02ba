package naming

import (
	"slices"
	"testing"

	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// TestGroupsOf: a column of one word calls its groups, others do not.
func TestGroupsOf(t *testing.T) {
	t.Parallel()
	for column, want := range map[string]string{
		"patient": "patients", "PatientID": "patients", "patient_id": "patients", "Subject": "subjects", "study": "studies", "study_id": "studies",
		"day": "days", "series": "series", "StudyInstanceUID": "groups", "id": "groups", "ID": "groups", "": "groups", "größe": "groups", "col 7": "groups",
	} {
		if got := Groups(column); got != want {
			t.Errorf("%q: got %s, want %s", column, got, want)
		}
	}
}

// TestColumnsOfGroups: patients before studies, by names that say so, whose values come again.
func TestColumnsOfGroups(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"image,study,Patient ID\na,1,7\nb,1,7\n":     "Patient ID",
		"image,study,Patient ID\na,1,7\nb,1,8\n":     "study", // one image of each patient
		"image,Patient Age\na,7\nb,7\n":              "",
		"patient,label\n7,no\n7,yes\n":               "", // it names the images
		"image,TCIA Subject,lesion_id\na,1,1\nb,1,1": "TCIA Subject",
	} {
		rows, err := table.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		image := "image"
		if !rows.Has(image) {
			image = "patient"
		}
		if got := GroupColumn(rows, image); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for column, want := range map[string][2]bool{"patient_id": {true, true}, "Case No": {true, true}, "exam": {true, false}, "StudyInstanceUID": {true, false}, "grade": {false, false}} {
		if got := [2]bool{IsGroup(column), IsPerson(column)}; got != want {
			t.Errorf("%s: got %v, want %v", column, got, want)
		}
	}
}

// TestHeadless: a first line of values is no header.
func TestHeadless(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"a.png,0\nb.png,1\nc.png,1\n":                    {"image", "label"},
		"7,images/a,no\n8,images/b,yes\n9,images/c,no\n": {"column_1", "image", "label"},
		"image,label\na.png,0\n":                         nil,
		"1,2\n":                                          nil, // it is all there is
	} {
		rows, err := table.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := Headless(rows); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestPersonsOfNames: an identifier, a word with a number, a side, or names that begin alike;
// a counter in each folder is none.
func TestPersonsOfNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names []string
		one   string // of the first; "" where none is found
	}{
		{[]string{"sub-01_T1w.nii", "sub-01_T2w.nii", "sub-02_T1w.nii", "sub-03_T1w.nii"}, "sub-01"},
		{[]string{"patient1 a.png", "patient1 b.png", "patient2 a.png", "patient3 a.png"}, "patient1"},
		{[]string{"x_left.png", "x_right.png", "y_left.png", "z_left.png"}, "x"},
		{[]string{"p0_1.png", "p0_2.png", "p1_1.png", "p1_2.png", "p2_1.png", "p2_2.png"}, "p0"},
		{[]string{"img_1.png", "img_2.png", "img_3.png", "img_4.png"}, ""},
		{[]string{"a.png", "b.png", "c.png"}, ""},
	} {
		expression := PersonOf(c.names, 2)
		if expression == nil {
			if c.one != "" {
				t.Errorf("%q: got none, want %s", c.names, c.one)
			}
			continue
		}
		if got := expression.FindStringSubmatch(c.names[0])[1]; got != c.one {
			t.Errorf("%q: got %s, want %q", c.names, got, c.one)
		}
	}
}

// TestWords of splits, folds and answers.
func TestWords(t *testing.T) {
	t.Parallel()
	if Splits["val"] != stage.Validation || Splits["training"] != stage.Train || Splits["testing"] != stage.Test || Splits["others"] != "" {
		t.Error("words for splits")
	}
	for cell, want := range map[string]int{"0": 0, "3.0": 3, "100": 100, "101": -1, "-1": -1, "x": -1, "": -1} {
		if n, ok := Fold(cell); ok != (want >= 0) || ok && n != want {
			t.Errorf("%q: got %d, %v", cell, n, ok)
		}
	}
	for cell, want := range map[string]bool{"1": true, "1.0": true, "Yes": true, "TRUE": true, "0": false, "": false, "-1": false, "maybe": false} {
		if SaysYes(cell) != want {
			t.Errorf("%q says %v", cell, !want)
		}
	}
}
