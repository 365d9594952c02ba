package train

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"vertebra/stages/internal/torch"
)

// featureRows hold the features of images one after the other.
type featureRows interface {
	// add stores features_B behind those that are there.
	add(s *torch.Scope, features_B torch.Tensor)
	// take gathers the features of some rows.
	take(s *torch.Scope, rows []int) (features_B torch.Tensor)
	close() error
}

// hostRows lie in memory, or in a file that is mapped into it.
type hostRows struct {
	shape  []int64 // of one image
	width  int     // numbers of one image
	data   []float32
	filled int // numbers
	block  []float32
	mapped []byte // nil: the garbage collector's
}

func (r *hostRows) add(s *torch.Scope, features_B torch.Tensor) {
	r.filled += copy(r.data[r.filled:], s.Float32s(features_B))
}

func (r *hostRows) take(s *torch.Scope, rows []int) torch.Tensor {
	r.block = r.block[:0]
	for _, row := range rows {
		r.block = append(r.block, r.data[row*r.width:(row+1)*r.width]...)
	}
	return s.FromFloat32(r.block, append([]int64{int64(len(rows))}, r.shape...)...)
}

func (r *hostRows) close() error {
	if r.mapped == nil {
		return nil
	}
	return syscall.Munmap(r.mapped)
}

// newHostRows has room for n rows. A file has no name any more when it is there, so
// that it is gone with the process, however that ends.
func newHostRows(n int, shape []int64, file bool, folder string) (*hostRows, error) {
	r := &hostRows{shape: shape, width: torch.Info{Shape: shape}.Elements()}
	if !file {
		r.data = make([]float32, n*r.width)
		return r, nil
	}
	bytes := int64(n*r.width) * 4
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(folder, "features-*")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return nil, err
	}
	// Reserved now: a disk that fills up later would end the process.
	if err := syscall.Fallocate(int(f.Fd()), 0, 0, bytes); err != nil {
		return nil, fmt.Errorf("a file of %.3g GB in %s: %w; make room, or set train.features.disk lower", float64(bytes)/1e9, folder, err)
	}
	r.mapped, err = syscall.Mmap(int(f.Fd()), 0, int(bytes), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err == nil {
		r.data = unsafe.Slice((*float32)(unsafe.Pointer(&r.mapped[0])), n*r.width)
	}
	return r, err
}

// deviceRows lie in the memory of a GPU.
type deviceRows struct {
	rows   *torch.Rows
	engine *torch.Engine
	shape  []int64
}

func newDeviceRows(s *torch.Scope, n int, shape []int64) *deviceRows {
	return &deviceRows{rows: s.NewRows(n, 4*torch.Info{Shape: shape}.Elements()), engine: s.Engine(), shape: shape}
}

func (r *deviceRows) add(s *torch.Scope, features_B torch.Tensor) {
	if numbers := s.Float32s(features_B); len(numbers) > 0 {
		r.rows.Append(s, unsafe.Slice((*byte)(unsafe.Pointer(&numbers[0])), 4*len(numbers)))
	}
}

func (r *deviceRows) take(s *torch.Scope, rows []int) torch.Tensor {
	numbers := make([]int64, len(rows))
	for i, row := range rows {
		numbers[i] = int64(row)
	}
	n := int64(len(rows))
	return r.rows.TakeFloat32(s, s.FromInt64(numbers, n), append([]int64{n}, r.shape...)...)
}

func (r *deviceRows) close() error {
	return r.engine.Do(context.Background(), func(s *torch.Scope) error { r.rows.Free(); return s.Err() })
}
