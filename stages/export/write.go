package export

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vertebra/stages/internal/onnx"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// place verifies the graph and writes it under its name, as a whole. Of a TorchScript file
// it is what was read back that is verified.
func (e *exporter) place(s *torch.Scope, script *torch.Script, path string) (difference float64, err error) {
	temp, err := stage.CreateTemp(filepath.Dir(path), ".export-*")
	if err != nil {
		return 0, stage.CannotWrite(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, temp.Close(), os.Remove(temp.Name()))
		}
	}()
	if strings.EqualFold(filepath.Ext(path), ".onnx") {
		if difference, err = e.verify(s, script); err != nil {
			return difference, err
		}
		err = e.onnx(s, script, temp)
	} else {
		difference, err = e.torchScript(s, script, temp.Name())
	}
	if err != nil {
		return difference, err
	}
	if err := temp.Sync(); err != nil {
		return difference, stage.CannotWrite(path, err)
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return difference, stage.CannotWrite(path, err)
	}
	return difference, temp.Close()
}

func (e *exporter) torchScript(s *torch.Scope, script *torch.Script, path string) (difference float64, err error) {
	if err := script.Save(path, e.metadata("TorchScript")); err != nil {
		return 0, err
	}
	written, _, err := torch.LoadScript(path)
	if err != nil {
		return 0, fmt.Errorf("reading the file back: %w", err)
	}
	defer written.Free()
	return e.verify(s, written)
}

func (e *exporter) onnx(s *torch.Scope, script *torch.Script, f *os.File) error {
	graph, err := onnx.Read(script.Graph())
	if err != nil {
		return err
	}
	m := onnx.Model{
		Graph: graph, Name: e.About.Name, Inputs: e.inputs(), Outputs: []string{probabilitiesName, logitsName},
		Producer: "Vertebra", Version: e.About.Program, Metadata: e.metadata("ONNX"),
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = m.Write(w, func(at int) (data []byte, err error) {
		err = s.Try(func(s *torch.Scope) { data = s.Bytes(script.Tensor(s, at)) })
		return data, err
	})
	return errors.Join(err, w.Flush())
}
