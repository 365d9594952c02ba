// Package reports draws what results hold as one HTML file that needs nothing
// else: no network, no fonts, and no script but a small one inside. It draws by shape (scalar, curve,
// matrix, table, bars, scatter, gallery), never by the name of a metric.
package reports

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"

	"vertebra/results"
	"vertebra/stages/stage"
)

//go:embed templates/*.html templates/*.css templates/script/*.js templates/script/try/*.js
var files embed.FS

// The pages are parsed once; a mistake in them is a programmer's.
var pages = template.Must(template.ParseFS(files, "templates/*.html"))

// Write draws the run into the file at path, and makes its folder. The file is
// replaced in one step: a reader never sees half of it.
func Write(ctx context.Context, rec *results.RunRecord, path string) (err error) {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("report %s: %w", path, err)
	}
	var page bytes.Buffer
	if err := AsFile.Run(&page, rec); err != nil {
		return err
	}
	if err := replace(path, page.Bytes()); err != nil {
		return fmt.Errorf("report %s: %w", path, err)
	}
	return nil
}

// replace writes a file beside path and renames it.
func replace(path string, text []byte) (err error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	f, err := stage.CreateTemp(folder, ".report-*.html")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
