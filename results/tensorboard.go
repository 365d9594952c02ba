package results

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"time"

	"vertebra/stages/stage"
)

// ExportTensorBoard writes the curves of all runs as TensorBoard's event files: a
// folder for each run and in it one for each series, so that training and
// validation share a plot. A number stands at its step, or at its epoch where it
// has no step. The time of a single number is not known: all have that of the
// run's start. Numbers of the finished run are no curve and left out.
func (db *DB) ExportTensorBoard(ctx context.Context, folder string) (files []string, err error) {
	runs, err := db.Runs(ctx, Filter{})
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		rec, err := db.Load(ctx, run.ID)
		if err != nil {
			return files, err
		}
		for _, series := range curvesOf(rec) {
			path := filepath.Join(folder, run.ID, slug(series.name), fmt.Sprintf("events.out.tfevents.%010d.vertebra", run.Started.Unix()))
			if err := writeEvents(path, run.Started, series.scalars); err != nil {
				return files, fmt.Errorf("export run %s: %w", run.ID, err)
			}
			files = append(files, path)
		}
	}
	return files, nil
}

type series struct {
	name    string
	scalars []stage.Scalar
}

// curvesOf groups the numbers over epochs by series, in the order of recording.
func curvesOf(rec *RunRecord) (list []series) {
	place := map[string]int{}
	for _, s := range rec.Scalars {
		if s.Epoch == stage.Final {
			continue
		}
		i, known := place[s.Series]
		if !known {
			i = len(list)
			place[s.Series] = i
			list = append(list, series{name: s.Series})
		}
		list[i].scalars = append(list[i].scalars, s)
	}
	return list
}

// writeEvents puts a whole file in its place.
func writeEvents(path string, at time.Time, scalars []stage.Scalar) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file := frame(nil, event(at, 0, field(3, []byte("brain.Event:2"))))
	for _, s := range scalars {
		step := s.Step
		if step == 0 {
			step = s.Epoch
		}
		file = frame(file, event(at, step, field(5, summary(s))))
	}
	part := filepath.Join(filepath.Dir(path), "part")
	if err := os.WriteFile(part, file, 0o644); err != nil {
		return errors.Join(err, remove(part))
	}
	return os.Rename(part, path)
}

// event is an Event message (tensorflow/core/util/event.proto): wall_time = 1,
// step = 2, and then file_version = 3 or summary = 5.
func event(at time.Time, step int, what []byte) []byte {
	b := binary.LittleEndian.AppendUint64([]byte{1<<3 | 1}, math.Float64bits(float64(at.UnixMicro())/1e6))
	if step != 0 { // the default is not written
		b = binary.AppendUvarint(append(b, 2<<3), uint64(step))
	}
	return append(b, what...)
}

// summary is a Summary with one value (framework/summary.proto): tag = 1,
// simple_value = 2, a float32.
func summary(s stage.Scalar) []byte {
	value := field(1, []byte(s.Name))
	value = binary.LittleEndian.AppendUint32(append(value, 2<<3|5), math.Float32bits(float32(s.Value)))
	return field(1, value)
}

// field is a protobuf field of bytes.
func field(number byte, content []byte) []byte {
	b := binary.AppendUvarint([]byte{number<<3 | 2}, uint64(len(content)))
	return append(b, content...)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame appends a record of the TFRecord format: length, its checksum, content,
// its checksum (tensorflow/core/lib/io/record_writer.h).
func frame(file, content []byte) []byte {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(content)))
	file = binary.LittleEndian.AppendUint32(append(file, length...), masked(length))
	return binary.LittleEndian.AppendUint32(append(file, content...), masked(content))
}

// masked is the checksum as the format stores it.
func masked(b []byte) uint32 {
	crc := crc32.Checksum(b, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}
