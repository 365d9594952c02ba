package naming

import (
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// Fold reads the number of a fold.
func Fold(cell string) (int, bool) {
	n, err := strconv.Atoi(table.Number(cell))
	return n, err == nil && n >= 0 && n <= 100
}

// Splits are what tables call splits.
var Splits = map[string]stage.Split{
	"train": stage.Train, "training": stage.Train,
	"validation": stage.Validation, "val": stage.Validation, "valid": stage.Validation, "validate": stage.Validation, "dev": stage.Validation,
	"test": stage.Test, "testing": stage.Test,
}

// SaysYes says whether a cell does.
func SaysYes(cell string) bool {
	return slices.Contains([]string{"1", "true", "yes", "y", "t"}, strings.ToLower(table.Number(cell)))
}
