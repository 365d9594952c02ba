package unpack

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// npyOf writes an array of version 1.
func npyOf(descr, shape string, data ...byte) string {
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape)
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(text)))) + text + string(data)
}

func archive(t *testing.T, arrays ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.npz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for i := 0; i < len(arrays); i += 2 {
		w, err := z.Create(arrays[i] + ".npy")
		if err == nil {
			_, err = w.Write([]byte(arrays[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func pictureAt(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestArchive(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "out")
	s, err := Archive(t.Context(), archive(t,
		"train_images", npyOf("|u1", "(2, 2, 3)", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
		"val_images", npyOf("|u1", "(1, 1, 2, 3)", 10, 20, 30, 40, 50, 60),
		"test_images", npyOf("<u2", "(1, 2, 1, 2)", 0, 1, 0, 2, 0, 3, 0, 4),
		"train_labels", npyOf("|u1", "(2, 1)", 0, 3), "val_labels", npyOf("<i8", "(1, 1)", 1, 0, 0, 0, 0, 0, 0, 0), "test_labels", npyOf("|b1", "(1,)", 1)), folder)
	if err != nil || s.Samples != 4 || strings.Join(s.Splits, " ") != "train val test" {
		t.Fatalf("got %+v, %v", s, err)
	}
	table, err := os.ReadFile(filepath.Join(folder, TableName))
	if want := "image,split,label\ntrain/0.png,train,0\ntrain/1.png,train,3\nval/0.png,val,1\ntest/0,test,1\n"; err != nil || string(table) != want {
		t.Errorf("got %s, %v; want %s", table, err, want)
	}
	if grey, ok := pictureAt(t, filepath.Join(folder, "train/1.png")).(*image.Gray); !ok || grey.Rect.Dx() != 3 || grey.Pix[0] != 7 || grey.Pix[5] != 12 {
		t.Errorf("got %+v, want the second image", grey)
	}
	if r, g, b, _ := pictureAt(t, filepath.Join(folder, "val/0.png")).At(1, 0).RGBA(); r>>8 != 40 || g>>8 != 50 || b>>8 != 60 {
		t.Errorf("got %d %d %d, want the second pixel in colour", r>>8, g>>8, b>>8)
	}
	if grey, ok := pictureAt(t, filepath.Join(folder, "test/0/002.png")).(*image.Gray16); !ok || grey.Gray16At(1, 0).Y != 4<<8 {
		t.Errorf("got %+v, want the second slice", grey)
	}
	if _, err := Archive(t.Context(), archive(t, "x_train", npyOf("|u1", "(1, 1, 1)", 1), "y_train", npyOf("|u1", "(1, 2)", 1, 0)), folder); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("got %v", err)
	}
	s, err = Archive(t.Context(), archive(t, "x_train", npyOf("|u1", "(1, 1, 1)", 1), "y_train", npyOf("|u1", "(1, 2)", 1, 0)), filepath.Join(t.TempDir(), "two"))
	if err != nil || strings.Join(s.Labels, " ") != "label_0 label_1" {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestArchiveRefused(t *testing.T) {
	t.Parallel()
	one := npyOf("|u1", "(1, 1)", 0)
	for want, arrays := range map[string][]string{
		"has no arrays of images and labels; it has a, b": {"a", one, "b", one},
		"it has 2 images, and train_labels.npy 1 labels":  {"train_images", npyOf("|u1", "(2, 1, 1)", 1, 2), "train_labels", one},
		"the array ends too early":                        {"train_images", npyOf("|u1", "(1, 2, 2)", 1, 2), "train_labels", one},
		"no whole numbers of 8 or 16 bits":                {"train_images", npyOf("<f4", "(1, 1, 1)", 0, 0, 0x20, 0x40), "train_labels", one},
		"it has the value -2":                             {"train_images", npyOf("<i2", "(1, 1, 1)", 0xfe, 0xff), "train_labels", one},
		"they are not whole":                              {"train_images", npyOf("|u1", "(1, 1, 1)", 1), "train_labels", npyOf("<f4", "(1,)", 0, 0, 0x20, 0x40)},
		"want rows and columns":                           {"train_images", npyOf("|u1", "(1, 4)", 1, 2, 3, 4), "train_labels", one},
		"another number of labels":                        {"train_images", npyOf("|u1", "(1, 1, 1)", 1), "train_labels", one, "val_images", npyOf("|u1", "(1, 1, 1)", 1), "val_labels", npyOf("|u1", "(1, 2)", 0, 1)},
		"it holds no image":                               {"train_images", npyOf("|u1", "(0, 2, 2)"), "train_labels", npyOf("|u1", "(0, 1)")},
		"its shape is []; want images":                    {"train_images", npyOf("|u1", "()", 1), "train_labels", one},
		"a row of it has":                                 {"train_images", npyOf("|u1", "(1, 90000, 90000)", 1), "train_labels", one},
	} {
		if _, err := Archive(t.Context(), archive(t, arrays...), filepath.Join(t.TempDir(), "out")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := Archive(t.Context(), filepath.Join(t.TempDir(), "none.npz"), t.TempDir()); err == nil || !strings.Contains(err.Error(), "none.npz") {
		t.Errorf("got %v", err)
	}
}

func TestVolumes(t *testing.T) {
	t.Parallel()
	from, folder := t.TempDir(), filepath.Join(t.TempDir(), "out")
	if err := os.MkdirAll(filepath.Join(from, "train/axial"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(from, "train/axial/0001.npy"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Volumes(t.Context(), from, folder); err == nil || !strings.Contains(err.Error(), "there is no file .npy") {
		t.Errorf("got %v", err)
	}
	write(npyOf("|u1", "(2, 1, 2)", 1, 2, 3, 4))
	s, err := Volumes(t.Context(), from, folder)
	if err != nil || s.Samples != 1 || s.Table {
		t.Errorf("got %+v, %v", s, err)
	}
	if grey, ok := pictureAt(t, filepath.Join(folder, "train/axial/0001/002.png")).(*image.Gray); !ok || grey.Pix[1] != 4 {
		t.Errorf("got %+v", grey)
	}
	write(npyOf("|u1", "(2, 1, 2)", 1, 2, 3))
	if _, err := Volumes(t.Context(), from, filepath.Join(t.TempDir(), "out")); err == nil || !strings.Contains(err.Error(), "0001.npy: the array ends too early") {
		t.Errorf("got %v", err)
	}
}
