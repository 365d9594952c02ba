package synth

import (
	"math/rand/v2"
	"strconv"
)

// Defect is something that is wrong in the real collection, or in what people
// download of it.
type Defect struct {
	Name, Help string
	// plant spoils a sound study and tells which series, rows and file it
	// touched.
	plant func(s *study, r *rand.Rand) Planted
}

// Defects lists what may be planted.
func Defects() []Defect { return append([]Defect(nil), defects...) }

// DefectNames lists the names of what may be planted.
func DefectNames() []string {
	names := make([]string, len(defects))
	for i, d := range defects {
		names[i] = d.Name
	}
	return names
}

func findDefect(name string) (Defect, bool) {
	for _, d := range defects {
		if d.Name == name {
			return d, true
		}
	}
	return Defect{}, false
}

var defects = []Defect{
	{"no_coordinates", "a study has labels but no points", noCoordinates},
	{"point_without_label", "a row has a point, and no severity in train.csv", pointWithoutLabel},
	{"label_without_point", "a row has a severity but no point", labelWithoutPoint},
	{"canal_on_t1", "the points of the canal lie on the T1 series", canalOnT1},
	{"swapped_sides", "left and right subarticular points of a level are swapped", swappedSides},
	{"same_slice", "left and right foraminal points of a level lie on one sagittal slice", sameSlice},
	{"two_axial_series", "left and right subarticular points lie in different axial series", twoAxialSeries},
	{"odd_instances", "instance numbers of a series begin at 5031", oddInstances},
	{"two_orientations", "an axial series holds two stacks of different tilt", twoOrientations},
	{"mixed_shapes", "slices of a series differ in size", mixedShapes},
	{"no_spacing_between", "SpacingBetweenSlices is absent in a series", noSpacingBetween},
	{"empty_labels", "left subarticular severities of a study are empty, and have no points", emptyLabels},
	{"missing_series", "a study has no T1 series, and no points on one", missingSeries},
	{"missing_file", "the image of a point is not there", missingFile},
	{"truncated_file", "the image of a point is cut off", truncatedFile},
	{"point_outside", "a point lies outside its image", pointOutside},
	{"blank_slice", "the image of a point is black all over", blankSlice},
	{"extra_series", "a study has a second T1 series, without points", extraSeries},
	{"far_apart", "left and right subarticular points of a level lie more than two slices apart", farApart},
	{"wrong_level", "the points of two levels of the canal are exchanged", wrongLevel},
	{"duplicate_point", "a row has two points", duplicatePoint},
	{"misspelt_label", "a severity is no word of the collection", misspeltLabel},
	{"published_study", "the study is on a drop list that a team of the challenge published", publishedStudy},
	{"copied_image", "the left and the right foraminal slice of a level have the same pixels", copiedImage},
	{"missing_slice", "a slice without points is not there, which leaves a gap", missingSlice},
	{"repeated_slice", "a series holds two slices of the same place", repeatedSlice},
	{"no_position", "ImagePositionPatient is absent in a series", noPosition},
	{"foreign_slice", "a slice in the folder of a series is of another series", foreignSlice},
	{"patient_name", "a series tells the patient's name and birth date", patientName},
	{"private_elements", "a series has private elements", privateElements},
	{"burned_in", "BurnedInAnnotation is YES in a series", burnedIn},
}

// ofCondition lists the row IDs of conditions.
func (s *study) ofCondition(list ...int) (ids []string) {
	for _, c := range list {
		for l := range levels {
			ids = append(ids, s.rowID(row{c, l}))
		}
	}
	return ids
}

// onSlice lists the row IDs of the points on a slice.
func (s *study) onSlice(sl *slice) (ids []string) {
	for _, p := range s.points {
		if p.slice == sl {
			ids = append(ids, s.rowID(p.row))
		}
	}
	return ids
}

func (s *study) anyPoint(r *rand.Rand) *point { return &s.points[r.IntN(len(s.points))] }

func (se *series) name() string { return strconv.Itoa(se.id) }
