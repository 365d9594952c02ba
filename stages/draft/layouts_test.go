package draft

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/index"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// layout is a data set as it is downloaded: tables, and the images that they name.
type layout struct {
	tables map[string]string
	images []string
	beside []string // images that are no cases
	look   string   // what GuessSource is given; the folder when empty
	want   string   // of what it says; see saidOf
}

// rowsOf repeats lines: of i = 0 … n − 1.
func rowsOf(head string, n int, line func(i int) string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range n {
		b.WriteString(line(i) + "\n")
	}
	return b.String()
}

func imagesOf(n int, name func(i int) string) (out []string) {
	for i := range n {
		out = append(out, name(i))
	}
	return out
}

// saidOf is what a guess says that a table does not by itself, below root.
func saidOf(g Guess, root string) string {
	below := func(path string) string {
		if rel, err := filepath.Rel(root, path); err == nil {
			return rel
		}
		return path
	}
	var out []string
	add := func(name string, value any) {
		if text := strings.NewReplacer("map[]", "", "[]", "").Replace(fmt.Sprint(value)); text != "" && text != "false" {
			out = append(out, name+": "+text)
		}
	}
	switch s := g.Source.Part.(type) {
	case audit.Table:
		add("file", below(string(s.File)))
		for _, split := range []string{"validation", "test"} {
			if s.HeldOut[split] != "" {
				add(split, below(string(s.HeldOut[split])))
			}
			if g.Lists[split] != "" {
				add(split+" list", below(g.Lists[split]))
			}
		}
		add("columns", s.Columns)
		for _, j := range s.Join {
			add("join", below(string(j.File))+" on "+strings.Join(j.On, " "))
		}
		for name, one := range s.Extract {
			if name != "finding" {
				add("extract", name+" from "+one.From)
			}
		}
		if s.Root != "" {
			add("root", below(string(s.Root)))
		}
		for _, view := range slices.Sorted(maps.Keys(s.Images)) {
			add(view, map[string]string(s.Images[view]))
		}
		add("image", s.Image)
		if s.Images != nil {
			add("id", s.ID)
		}
		add("group", s.Group)
		if s.Only != nil {
			add("only", s.Only)
		}
		add("labels", s.Labels)
		add("one hot", s.OneHot)
		add("findings", s.Findings)
		add("blank", s.Blank)
		if s.Repeated != "" {
			add("repeated", s.Repeated)
		}
	case audit.Folders:
		add("root", below(string(s.Root)))
		add("splits", s.Splits)
		add("group", s.Group)
	}
	add("classes", g.Classes)
	add("targets", g.Targets)
	add("split", g.Split)
	add("views", g.Views)
	add("lacking", g.Lacking)
	add("shows", strings.TrimSpace(g.Shows+" "+fmt.Sprint(g.Shown)))
	return strings.Join(out, "; ")
}

var layouts = map[string]layout{
	"two folders, no ending": {
		tables: map[string]string{"meta.csv": rowsOf("lesion_id,image_id,dx,age\n", 12, func(i int) string { return fmt.Sprintf("L%d,I%04d,%s,%d0.0", i/2, i, []string{"mel", "nv"}[i%2], i) }), "flat.csv": "pixel0,label\n1,0\n2,1\n"},
		images: imagesOf(12, func(i int) string { return fmt.Sprintf("part_%d/I%04d.png", 1+i/6, i) }),
		want:   "file: meta.csv; image: part_*/{image_id}.png; group: lesion_id; labels: [dx]; classes: [mel nv]",
	},
	"one hot, held out, groups beside": {
		tables: map[string]string{
			"Training_Truth/Training_Truth.csv": rowsOf("image,MEL,NV,BCC,UNK\n", 30, func(i int) string {
				return fmt.Sprintf("I%04d,%d.0,%d.0,%d.0,0.0", i, b2i(i%3 == 0), b2i(i%3 == 1), b2i(i%3 == 2))
			}),
			"Test_Truth/Test_Truth.csv": rowsOf("image,MEL,NV,BCC,UNK\n", 6, func(i int) string { return fmt.Sprintf("T%04d,1.0,0.0,0.0,0.0", i) }),
			"Groups.csv":                rowsOf("image,lesion_id\n", 30, func(i int) string { return fmt.Sprintf("I%04d,L%d", i, i/2) }),
		},
		images: append(imagesOf(30, func(i int) string { return fmt.Sprintf("Training_Input/I%04d.png", i) }), imagesOf(6, func(i int) string { return fmt.Sprintf("Test_Input/T%04d.png", i) })...),
		want:   "file: Training_Truth/Training_Truth.csv; test: Test_Truth/Test_Truth.csv; join: Groups.csv on image; root: .; image: *_Input/{image}.png; group: lesion_id; labels: [MEL NV BCC]; one hot: true; classes: [MEL NV BCC]; split: split",
	},
	"lists, findings": {
		tables: map[string]string{
			"Data_Entry.csv": rowsOf("Image Index,Finding Labels,Patient ID,Patient Age,\n", 40, func(i int) string {
				return fmt.Sprintf("%04d_%03d.png,%s,%d,%d,", i/2, i%2, []string{"Edema|Mass", "Mass", "No Finding", "Edema"}[i%4], i/2, i)
			}),
			"test_list.txt":      rowsOf("", 10, func(i int) string { return fmt.Sprintf("%04d_%03d.png", i/2, i%2) }),
			"train_val_list.txt": rowsOf("", 30, func(i int) string { return fmt.Sprintf("%04d_%03d.png", 5+i/2, i%2) }),
		},
		images: imagesOf(40, func(i int) string { return fmt.Sprintf("images_%03d/images/%04d_%03d.png", 1+i/20, i/2, i%2) }),
		want:   "file: Data_Entry.csv; test list: test_list.txt; image: images_*/images/{Image Index}; group: Patient ID; labels: [Finding Labels]; findings: [Edema Mass]; classes: [no yes]",
	},
	"uncertain, paths from above": {
		tables: map[string]string{"set/train.csv": rowsOf("Path,Sex,No Finding,Edema,Mass\n", 24, func(i int) string {
			return fmt.Sprintf("set/train/patient%03d/study1/view%d.png,F,%s,%s,%s", i/2, i%2, []string{"1.0", ""}[i%2], []string{"1.0", "0.0", "-1.0", ""}[i%4], []string{"", "1.0", "0.0"}[i%3])
		}), "set/valid.csv": rowsOf("Path,Sex,No Finding,Edema,Mass\n", 2, func(i int) string { return fmt.Sprintf("set/valid/patient9%d/study1/view0.png,F,0.0,1.0,0.0", i) })},
		images: append(imagesOf(24, func(i int) string { return fmt.Sprintf("set/train/patient%03d/study1/view%d.png", i/2, i%2) }), "set/valid/patient90/study1/view0.png", "set/valid/patient91/study1/view0.png"),
		want:   "file: set/train.csv; validation: set/valid.csv; extract: patient from Path; root: .; image: Path; group: patient; labels: [Edema Mass]; blank: 0.0; classes: [0.0 1.0]; split: split",
	},
	"keys in folders, joined labels": {
		tables: map[string]string{
			"a-labels.csv.gz": rowsOf("subject_id,study_id,Edema,Mass\n", 40, func(i int) string { return fmt.Sprintf("%d,%d,%d.0,%d.0", 1000+i/2, 5000+i, i%2, i%3/2) }),
			"split.csv.gz": rowsOf("dicom_id,study_id,subject_id,split\n", 40, func(i int) string {
				return fmt.Sprintf("x%d,%d,%d,%s", i, 5000+i, 1000+i/2, []string{"train", "validate", "test"}[b2i(i > 25)+b2i(i > 32)])
			}),
		},
		images: imagesOf(40, func(i int) string { return fmt.Sprintf("p%d/p%d/s%d/x%d.png", 10+i%2, 1000+i/2, 5000+i, i) }),
		want:   "file: split.csv.gz; join: a-labels.csv.gz on study_id; image: p*/p{subject_id}/s{study_id}/{dicom_id}.png; group: subject_id; labels: [Edema Mass]; classes: [0.0 1.0]; split: split",
	},
	"folders of studies, no header": {
		tables: map[string]string{"M/train_studies.csv": rowsOf("", 12, func(i int) string { return fmt.Sprintf("M/train/patient%d/study%d/,%d", i/2, i%2, i%2) }), "M/train_paths.csv": "M/train/patient0/study0/a.png\n"},
		images: imagesOf(24, func(i int) string {
			return fmt.Sprintf("M/train/patient%d/study%d/%c.png", i/4, i/2%2, 'a'+i%2)
		}),
		look: "M/train_studies.csv",
		want: "file: M/train_studies.csv; columns: [image label]; extract: patient from image; root: .; image: {image}/*.png; group: patient; labels: [label]; classes: [0 1]",
	},
	"readers": {
		tables: map[string]string{"annotations/labels_train.csv": rowsOf("image_id,rad_id,Edema,Mass,No finding\n", 36, func(i int) string { return fmt.Sprintf("i%02d,R%d,%d,%d,0", i/3, i%3, i%2, b2i(i%5 == 0)) })},
		images: imagesOf(12, func(i int) string { return fmt.Sprintf("train/i%02d.png", i) }),
		want:   "file: annotations/labels_train.csv; root: train; image: image_id; labels: [Edema Mass]; repeated: commonest; classes: [0 1]",
	},
	"boxes of findings": {
		tables: map[string]string{"train.csv": rowsOf("image_id,class_name,x,y,w,h\n", 36, func(i int) string {
			return fmt.Sprintf("i%02d,%s,1,2,3,4", i/3, []string{"Edema", "Mass", "No finding"}[i%3])
		})},
		images: imagesOf(12, func(i int) string { return fmt.Sprintf("train/i%02d.png", i) }),
		want:   "file: train.csv; root: train; image: image_id; labels: [class_name]; findings: [Edema Mass]; repeated: worst; classes: [no yes]",
	},
	"blanks between cells": {
		tables: map[string]string{"train.txt": rowsOf("", 8, func(i int) string {
			return fmt.Sprintf("%d f%d.png %s cohen", 300+i/2, i, []string{"negative", "positive"}[i%2])
		}), "test.txt": "1 g0.png negative rsna\n"},
		images: append(imagesOf(8, func(i int) string { return fmt.Sprintf("train/f%d.png", i) }), "test/g0.png"),
		want:   "file: train.txt; test: test.txt; columns: [column_1 image label column_4]; image: */{image}; labels: [label]; classes: [negative positive]; split: split",
	},
	"sessions of participants": {
		tables: map[string]string{"participants.tsv": rowsOf("participant_id\tage\tsex\tdiagnosis\n", 8, func(i int) string { return fmt.Sprintf("sub-%02d\t5%d\tM\t%s", i, i, []string{"CN", "AD"}[i/4]) }), "README": "x\n"},
		images: imagesOf(16, func(i int) string {
			return fmt.Sprintf("sub-%02d/ses-%d/anat/sub-%02d_ses-%d_T1w.png", i/2, i%2, i/2, i%2)
		}),
		want: "file: participants.tsv; image: {participant_id}/ses-*/anat/{participant_id}_ses-*_T1w.png; group: participant_id; labels: [diagnosis]; classes: [CN AD]",
	},
	"a file of each subject": {
		tables: map[string]string{"t.csv": rowsOf("subject,scan,dx\n", 12, func(i int) string { return fmt.Sprintf("s%d,s%d.png,%s", i, i, []string{"CN", "AD"}[i%2]) })},
		images: imagesOf(12, func(i int) string { return fmt.Sprintf("s%d.png", i) }),
		want:   "file: t.csv; image: scan; labels: [dx]; classes: [CN AD]",
	},
	"both eyes": {
		tables: map[string]string{"trainLabels.csv": rowsOf("image,level\n", 12, func(i int) string { return fmt.Sprintf("%d_%s,%d", 10+i/2, []string{"left", "right"}[i%2], i%3) })},
		images: imagesOf(12, func(i int) string { return fmt.Sprintf("train/%d_%s.png", 10+i/2, []string{"left", "right"}[i%2]) }),
		want:   "file: trainLabels.csv; extract: patient from image; root: train; image: image; group: patient; labels: [level]; classes: [0 1 2]",
	},
	"both eyes in a row": {
		tables: map[string]string{"data.csv": rowsOf("ID,Patient Age,Patient Sex,Left-Fundus,Right-Fundus,Left keywords,N,D,G\n", 30, func(i int) string {
			right := fmt.Sprintf("%d_right.png", i)
			if i == 7 {
				right = ""
			}
			return fmt.Sprintf("%d,%d,%s,%d_left.png,%s,words %d,%d,%d,%d", i, 40+i, []string{"M", "F"}[i%2], i, right, i, b2i(i%4 == 0), b2i(i%4 > 1), b2i(i%4 > 2))
		})},
		images: slices.DeleteFunc(imagesOf(60, func(i int) string {
			return fmt.Sprintf("Training Images/%d_%s.png", i/2, []string{"left", "right"}[i%2])
		}), func(name string) bool { return strings.HasSuffix(name, "/7_right.png") }),
		want: "file: data.csv; root: Training Images; left: map[image:Left-Fundus]; right: map[image:Right-Fundus]; image: image; id: ID; labels: [N D G]; classes: [0 1]; views: [left right]; lacking: true",
	},
	"both knees in a row, graded": {
		tables: map[string]string{"set/train.csv": rowsOf("subject,image_left,image_right,grade_left,grade_right,quality_left,quality_right\n", 24, func(i int) string {
			return fmt.Sprintf("s%d,%03d,%03d,%d,%d,%d,%d", 100+i/2, 2*i, 2*i+1, i%3, (i+1)%3, i%2, 1-i%2)
		}), "set/test.csv": rowsOf("subject,image_left,image_right,grade_left,grade_right,quality_left,quality_right\n", 4, func(i int) string {
			return fmt.Sprintf("s%d,%03d,%03d,%d,%d,1,1", 900+i/2, 900+2*i, 901+2*i, i%3, (i+1)%3)
		})},
		images: append(imagesOf(48, func(i int) string { return fmt.Sprintf("set/train/%s/%03d.png", []string{"left", "right"}[i%2], i) }), imagesOf(8, func(i int) string { return fmt.Sprintf("set/test/%s/%03d.png", []string{"left", "right"}[i%2], 900+i) })...),
		want:   "file: set/train.csv; test: set/test.csv; left: map[grade:grade_left image:image_left quality:quality_left]; right: map[grade:grade_right image:image_right quality:quality_right]; image: */{view}/{image}.png; group: subject; labels: [grade]; classes: [0 1 2]; split: split",
	},
	"four views in a row, with masks": {
		tables: map[string]string{"exams.csv": rowsOf("exam_id,lcc,lmlo,rcc,rmlo,lesion_mask,birads\n", 12, func(i int) string {
			return fmt.Sprintf("e%d,png/%[1]d/lcc.png,png/%[1]d/lmlo.png,png/%[1]d/rcc.png,png/%[1]d/rmlo.png,png/%[1]d/mask.png,%d", i, i%3)
		})},
		images: imagesOf(48, func(i int) string {
			return fmt.Sprintf("png/%d/%s.png", i/4, []string{"lcc", "lmlo", "rcc", "rmlo"}[i%4])
		}),
		beside: imagesOf(12, func(i int) string { return fmt.Sprintf("png/%d/mask.png", i) }),
		want:   "file: exams.csv; lcc: map[image:lcc]; lmlo: map[image:lmlo]; rcc: map[image:rcc]; rmlo: map[image:rmlo]; image: image; id: exam_id; labels: [birads]; classes: [0 1 2]; views: [lcc lmlo rcc rmlo]",
	},
	"two images in a row, one called image": {
		tables: map[string]string{"x.csv": rowsOf("image,image 2,label\n", 8, func(i int) string { return fmt.Sprintf("a%d,b%d,%d", i, i, i%2) })},
		images: imagesOf(16, func(i int) string { return fmt.Sprintf("in/%c%d.png", 'a'+i/8, i%8) }),
		want:   "file: x.csv; root: in; image: map[image:image]; image 2: map[image:image 2]; image: image; labels: [label]; classes: [0 1]; views: [image image 2]",
	},
	"four views of an exam, a row each": {
		tables: map[string]string{"annotations.csv": rowsOf("study_id,image_id,laterality,view_position,birads\n", 40, func(i int) string {
			return fmt.Sprintf("st%d,im%02d,%s,%s,%d", i/4, i, []string{"L", "R"}[i%2], []string{"CC", "MLO"}[i/2%2], i%3)
		})},
		images: imagesOf(40, func(i int) string { return fmt.Sprintf("images/st%d/im%02d.png", i/4, i) }),
		want:   "file: annotations.csv; root: images; image: {study_id}/{image_id}.png; group: study_id; labels: [birads]; classes: [0 1 2]; shows: {laterality} {view_position} [L CC L MLO R CC R MLO]",
	},
	"films of a study, a row each": {
		tables: map[string]string{"x.csv": rowsOf("study,path,ViewPosition,edema\n", 24, func(i int) string {
			return fmt.Sprintf("s%d,f%02d.png,%s,%d", i/2, i, []string{"PA", "LATERAL", "AP", "LATERAL"}[i%4], i%3/2)
		})},
		images: imagesOf(24, func(i int) string { return fmt.Sprintf("f%02d.png", i) }),
		want:   "file: x.csv; image: path; group: study; labels: [edema]; classes: [0 1]; shows: ViewPosition [LATERAL AP PA]",
	},
	"masks beside images": {
		tables: map[string]string{"x.csv": rowsOf("id,mask_path,image_path,label\n", 8, func(i int) string { return fmt.Sprintf("%d,m/a%[1]d.png,i/a%[1]d.png,%d", i, i%2) })},
		images: imagesOf(8, func(i int) string { return fmt.Sprintf("i/a%d.png", i) }),
		beside: imagesOf(8, func(i int) string { return fmt.Sprintf("m/a%d.png", i) }),
		want:   "file: x.csv; image: image_path; labels: [label]; classes: [0 1]",
	},
	"an image in two formats": {
		tables: map[string]string{"x.csv": rowsOf("id,png,jpg,label\n", 8, func(i int) string { return fmt.Sprintf("%d,png/a%[1]d.png,jpg/a%[1]d.jpg,%d", i, i%2) })},
		images: imagesOf(8, func(i int) string { return fmt.Sprintf("png/a%d.png", i) }),
		beside: imagesOf(8, func(i int) string { return fmt.Sprintf("jpg/a%d.jpg", i) }),
		want:   "file: x.csv; image: png; labels: [label]; classes: [0 1]",
	},
	"a row for each eye that names both": {
		tables: map[string]string{"full.csv": rowsOf("ID,left,right,target,filename\n", 20, func(i int) string {
			return fmt.Sprintf("%[1]d,%[1]d_left.png,%[1]d_right.png,%[2]d,%[1]d_%[3]s.png", i/2, i%2, []string{"left", "right"}[i%2])
		})},
		images: imagesOf(20, func(i int) string { return fmt.Sprintf("eyes/%d_%s.png", i/2, []string{"left", "right"}[i%2]) }),
		want:   "file: full.csv; extract: patient from filename; root: eyes; image: filename; group: patient; labels: [target]; classes: [0 1]",
	},
	"image and finding in one column": {
		tables: map[string]string{"stage_2_train.csv": rowsOf("ID,Label\n", 24, func(i int) string { return fmt.Sprintf("ID_%04x_%s,%d", i/2, []string{"any", "epidural"}[i%2], i%3/2) })},
		images: imagesOf(12, func(i int) string { return fmt.Sprintf("stage_2_train/ID_%04x.png", i) }),
		want:   "file: stage_2_train.csv; extract: image from ID; root: stage_2_train; image: image; labels: [Label]; classes: [0 1]; targets: [finding]",
	},
	"folders of splits": {
		images: imagesOf(32, func(i int) string {
			return fmt.Sprintf("in/%s/%s/C-%d-%d.png", []string{"train", "test"}[i%2], []string{"CNV", "DME"}[i/2%2], 100+i/8, i)
		}),
		want: "root: in; splits: [train test]; classes: [CNV DME]; split: split",
	},
	"an index of DICOM files, labels beside it in another language": {
		tables: map[string]string{
			"index.csv": rowsOf(strings.Join(index.Columns, ",")+"\n", 60, func(i int) string {
				return fmt.Sprintf("im/%02d.png,p%d,1.2.%[3]d,1.2.%[3]d.1,A%[3]d,%[4]s,%[5]s,,%[6]d,20,16,1", i, i/6, i/3, []string{"MR", "MR", "OT"}[i/3%3], []string{"T1", "T2", "Screen"}[i/3%3], 1+i%3)
			}),
			"Befunde 2023.csv": rowsOf("\ufeffAccessionNumber;Befund;Größe (mm)\r\n", 20, func(i int) string {
				return fmt.Sprintf("A%d;%s;%d,5\r", i, []string{"kein Befund", "Läsion"}[i/3%2], i)
			}),
		},
		images: slices.DeleteFunc(imagesOf(60, func(i int) string { return fmt.Sprintf("im/%02d.png", i) }), func(name string) bool {
			return name[3:5] > "05" && strings.Contains("06 07 08 15 16 17 24 25 26 33 34 35 42 43 44 51 52 53", name[3:5])
		}),
		beside: []string{"im/06.png", "im/07.png", "im/08.png"},
		look:   "index.csv",
		want:   "file: index.csv; join: Befunde 2023.csv on AccessionNumber; image: path; group: PatientID; only: map[Modality:[MR]]; labels: [Befund]; classes: [kein Befund Läsion]",
	},
	"labels whose ids have lost their zeros": {
		tables: map[string]string{
			"index.csv":  rowsOf("path,PatientID,Modality\n", 40, func(i int) string { return fmt.Sprintf("im/%02d.png,%04d,MR", i, 50+i/2) }),
			"labels.csv": rowsOf("PatientID,diagnosis\n", 20, func(i int) string { return fmt.Sprintf("%d,%s", 50+i, []string{"no", "yes"}[i%2]) }),
		},
		images: imagesOf(40, func(i int) string { return fmt.Sprintf("im/%02d.png", i) }),
		look:   "index.csv",
		want:   "file: index.csv; join: labels.csv on short_PatientID; extract: short_PatientID from PatientID; image: path; group: PatientID; labels: [diagnosis]; classes: [no yes]",
	},
	"grades, some of them twice": {
		tables: map[string]string{"x.csv": rowsOf("image,level\n", 44, func(i int) string { return fmt.Sprintf("i%02d.png,%d", i%40, i%3) })},
		images: imagesOf(40, func(i int) string { return fmt.Sprintf("i%02d.png", i) }),
		want:   "file: x.csv; image: image; labels: [level]; repeated: worst; classes: [0 1 2]",
	},
	"a remark of several lines on each": {
		tables: map[string]string{"x.csv": rowsOf("image,stage,note\n", 40, func(i int) string { return fmt.Sprintf("i%02d.png,%d,\"see above\nand, below\"", i, i%3) })},
		images: imagesOf(40, func(i int) string { return fmt.Sprintf("i%02d.png", i) }),
		want:   "file: x.csv; image: image; labels: [stage]; classes: [0 1 2]",
	},
	"sessions of persons in the folders of classes": {
		images: imagesOf(24, func(i int) string {
			return fmt.Sprintf("%s/sub-ADNI%03dS1_ses-M%02d_T1w.png", []string{"AD", "CN"}[i/2%2], i/2, 12*(i%2))
		}),
		want: `root: .; group: (?:^|/)(sub-[A-Za-z0-9]+)(?:[_/.]|$); classes: [CN AD]`,
	},
	"slices of persons in the folders of classes": {
		images: imagesOf(24, func(i int) string {
			return fmt.Sprintf("%s/OAS1_%04d_MR1_mpr-%d_%d.png", []string{"Demented", "Non"}[i/4%2], i/4, 1+i/2%2, 100+i%2)
		}),
		want: `root: .; group: ([0-9]{3}_S_[0-9]{4,5}|OAS[0-9]_[0-9]{4}|TCGA-[0-9A-Z]{2}-[0-9A-Z]{4}|LIDC-IDRI-[0-9]{4}); classes: [Non Demented]`,
	},
	"folders of splits beside a copy, persons of one class": {
		images: imagesOf(48, func(i int) string {
			return fmt.Sprintf("%s/%s", []string{"train", "test"}[i/2%2], []string{fmt.Sprintf("NORMAL/IM-%04d.png", i), fmt.Sprintf("PNEUMONIA/person%d_virus_%d.png", i/6, i)}[i%2])
		}),
		beside: imagesOf(8, func(i int) string {
			return fmt.Sprintf("again/train/%s/%d.png", []string{"NORMAL", "PNEUMONIA"}[i%2], i)
		}),
		want: `root: .; splits: [train test]; group: (?i)((?:patient|subject|person|pat|sub|case)[-_ ]?[0-9]+); classes: [NORMAL PNEUMONIA]; split: split`,
	},
	"deep folders": {
		images: imagesOf(32, func(i int) string {
			return fmt.Sprintf("a/b/%s/SOB/S_%d/%dX/%d.png", []string{"benign", "malignant"}[i%2], i/4, 40*(1+i%4), i)
		}),
		want: "root: a/b; group: ^(?:[^/]+/){1}([^/]+)/; classes: [benign malignant]",
	},
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestGuessLayouts: data sets as they are published are understood without a word, and what
// is guessed finds all images.
func TestGuessLayouts(t *testing.T) {
	t.Parallel()
	for name, l := range layouts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := alone(t)
			writeFiles(t, root, l.tables)
			for i, image := range append(l.beside, l.images...) {
				pictureOf(t, filepath.Join(root, image), 20+i%2, 16, noise(i))
			}
			g, err := Look(filepath.Join(root, l.look))
			if err != nil {
				t.Fatal(err)
			}
			if got := saidOf(g, root); got != l.want {
				t.Errorf("got  %s\nwant %s", got, l.want)
			}
			cfg := audit.Default
			cfg.Source, cfg.Targets, cfg.Views = g.Source, g.Targets, g.Views
			if g.Lacking {
				cfg.Rules = audit.Actions{"view_missing": "keep"}
			}
			if table, ok := g.Source.Part.(audit.Table); ok && (len(table.Labels) > 1 && !table.OneHot || table.Separator != "" || g.Targets != nil) {
				cfg.Label = "all"
			}
			if cfg.Split.Column = g.Split; g.Lists != nil {
				cfg.Split.Lists = map[string]registry.Path{}
				for split, path := range g.Lists {
					cfg.Split.Lists[split] = registry.Path(path)
				}
			}
			got, err := audit.Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
			if err != nil {
				t.Fatal(err)
			}
			if at := slices.IndexFunc(got.Dropped, func(f audit.Finding) bool {
				return f.ID != "empty_label" && f.ID != "image_not_named" && f.ID != "row_not_wanted"
			}); at >= 0 {
				t.Errorf("dropped %+v", got.Dropped[at])
			}
			if n := len(got.Pictures().Cases); n != len(l.images) {
				t.Errorf("got %d pictures of %d images", n, len(l.images))
			}
		})
	}
}

// TestViewNames: views are called by the words in which their columns differ.
func TestViewNames(t *testing.T) {
	t.Parallel()
	for columns, want := range map[string]string{
		"Left-Fundus Right-Fundus": "left right", "image_left image_right": "left right", "imageL imageR": "l r", "t1 t2 flair": "t1 t2 flair",
		"image1 image2": "image1 image2", "image image_2": "image image_2", "L-CC_path R-CC_path L-MLO_path": "l-cc r-cc l-mlo", "t1_path t2_path": "t1_path t2_path",
		"FrontalPath LateralPath": "frontal lateral", "日 月": "日 月", "a A": "a A",
	} {
		if got := strings.Join(viewNames(strings.Fields(columns)), " "); got != want {
			t.Errorf("%s: got %s, want %s", columns, got, want)
		}
	}
	names, of := ownColumns([]string{"t1_grade", "grade_t2", "age", "t1_only", "t1"}, []string{"t1", "t2"})
	if !slices.Equal(names, []string{"grade"}) || of["t1"]["grade"] != "t1_grade" || of["t2"]["grade"] != "grade_t2" {
		t.Errorf("got %q, %v", names, of)
	}
}

// TestGuessForeign: files that cannot be read are refused with what to do.
func TestGuessForeign(t *testing.T) {
	t.Parallel()
	root := alone(t)
	writeFiles(t, root, map[string]string{"h5/x.h5": "x", "h5/y.h5": "x", "slides/a.svs": "x", "slides/t.csv": "image,label\na.svs,0\nb.svs,1\n", "z.npz": "PK", "t.parquet": "PAR1", "t.json": "[{\"image\": \"a\"}]"})
	for name, want := range map[string]string{"h5": "holds 2 × .h5", "h5/x.h5": "x.h5 is a file .h5", "slides": "holds 1 × .svs", "slides/t.csv": "the column image holds 2 × .svs", "z.npz": "runner data unpack", "t.parquet": "pandas.read_parquet", "t.json": "pandas.read_json"} {
		if _, err := Look(filepath.Join(root, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

// TestGuessUnread: where nothing else is found, the table that cannot be read is named.
func TestGuessUnread(t *testing.T) {
	t.Parallel()
	root := alone(t)
	writeFiles(t, root, map[string]string{
		"german/cases.csv": "Bild;Befund\na.png;Entz\xfcndung\n", "german/notes.txt": "a, b\nc, d, e\n", "excel/cases.xls": "\xd0\xcf\x11\xe0", "excel/.~lock.ods": "x",
		"libre/.hidden.ods": "PK", "libre/cases.ods": "PK", "words/notes.txt": "a, b\nc, d, e\n", "words/.hidden.ods": "PK",
	})
	for name, want := range map[string]string{
		"german": `cases.csv: line 2 is no UTF-8 text; save the file as CSV UTF-8, or, if a word there is "Entzündung"`,
		"excel":  "cases.xls is a file .xls, which cannot be read, and nothing else names images",
		"libre":  "cases.ods is a file .ods",
		"words":  "holds 0 folders; want one of images for each class",
	} {
		if _, err := Look(filepath.Join(root, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}
