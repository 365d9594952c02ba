package draft

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// sheets are endings of tables of other programs, which are named where nothing else is found.
var sheets = []string{".xls", ".xlsb", ".ods", ".numbers", ".parquet", ".feather", ".sav", ".dta"}

// unreadTable is the error of a folder whose tables cannot be read; nil where it has none. Other
// texts, such as those that tell of the data, are no tables.
func unreadTable(root string) error {
	for _, path := range table.In(root) {
		if _, _, err := openTable(path); err != nil && !strings.Contains(strings.ToLower(filepath.Base(path)), ".txt") {
			return err
		}
	}
	entries, _ := os.ReadDir(root)
	for _, e := range entries {
		ending := strings.ToLower(filepath.Ext(e.Name()))
		if !e.IsDir() && !files.Hidden(e) && slices.Contains(sheets, ending) {
			return stage.Fault{Err: fmt.Errorf("%s is a file %s, which cannot be read, and nothing else names images", filepath.Join(root, e.Name()), ending),
				Hint: "save its sheet, or its rows, as CSV UTF-8 or .xlsx"}
		}
	}
	return nil
}
