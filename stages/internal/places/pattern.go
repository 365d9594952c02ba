package places

import (
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/table"
)

// patternOf finds what the paths of rows have in common: the folder that they begin at, and
// the column that says the rest; or a pattern, in which other columns and stars may stand.
func patternOf(paths []string, rows []table.Row, column string, columns []string) (root, image string) {
	if root, ok := plainRoot(paths, rows, column); ok {
		return root, column
	}
	var parts [][]string
	var of []table.Row
	depth := strings.Count(paths[0], "/")
	for i, path := range paths {
		if strings.Count(path, "/") == depth {
			parts, of = append(parts, strings.Split(path, "/")), append(of, rows[i])
		}
	}
	whole := strings.Trim(filepath.ToSlash(filepath.Clean(table.Path(of[0].Cell(column)))), "/")
	if whole = filepath.Dir(whole); whole != "." { // a cell of several parts
		return patternOfPaths(parts, of, column)
	}
	var out []string
	literal := true
	for k := range parts[0] {
		texts := make([]string, len(parts))
		for i := range parts {
			texts[i] = parts[i][k]
		}
		part := partOf(texts, of, append([]string{column}, columns...), k == len(parts[0])-1)
		if literal = literal && part == Escaped(texts[0]); literal {
			root = strings.TrimSuffix(root, "/") + "/" + texts[0]
			continue
		}
		out = append(out, part)
	}
	root = filepath.Clean(root)
	if image = strings.Join(out, "/"); image == "{"+column+"}" {
		image = column
	}
	return root, image
}

// plainRoot is the folder at which the cells of a column begin, where there is one.
func plainRoot(paths []string, rows []table.Row, column string) (string, bool) {
	root := ""
	for i, path := range paths {
		cell := strings.Trim(filepath.ToSlash(filepath.Clean(table.Path(rows[i].Cell(column)))), "/")
		begins, ok := strings.CutSuffix(path, "/"+cell)
		if !ok {
			begins, ok = strings.CutSuffix(strings.TrimSuffix(path, filepath.Ext(path)), "/"+cell)
		}
		if !ok || root != "" && begins != root {
			return "", false
		}
		root = begins
	}
	return root, root != ""
}

// patternOfPaths is patternOf where the cells are paths that do not begin at one folder, or
// of folders whose images are further in.
func patternOfPaths(parts [][]string, rows []table.Row, column string) (root, image string) {
	path := strings.Join(parts[0], "/")
	cell := strings.Trim(filepath.ToSlash(filepath.Clean(table.Path(rows[0].Cell(column)))), "/")
	before, after, _ := strings.Cut(path, "/"+cell+"/")
	if after == "" {
		return filepath.Dir(path), column
	}
	inner := make([]string, 0, 2)
	for k, text := range strings.Split(after, "/") {
		if k == strings.Count(after, "/") {
			text = "*" + filepath.Ext(text)
		} else {
			text = "*"
		}
		inner = append(inner, text)
	}
	return before, "{" + column + "}/" + strings.Join(inner, "/")
}

// partOf generalises a part of paths: as it is where all are equal, with a column that says
// it, or with a star for what differs. The ending of a file's name may differ, and is left
// out then.
func partOf(texts []string, rows []table.Row, columns []string, last bool) string {
	alike := !slices.ContainsFunc(texts, func(text string) bool { return text != texts[0] })
	differ := slices.ContainsFunc(rows, func(r table.Row) bool { return r.Cell(columns[0]) != rows[0].Cell(columns[0]) })
	if alike && (differ || !strings.Contains(texts[0], rows[0].Cell(columns[0]))) {
		return Escaped(texts[0])
	}
	for _, column := range columns {
		cell := rows[0].Cell(column)
		before, after, found := strings.Cut(texts[0], stemIn(cell, texts[0]))
		if cell == "" || !found {
			continue
		}
		fits := func(after string) bool {
			for i, text := range texts {
				if last && after == "" {
					text = files.Stem(text)
				}
				if text != before+stemIn(rows[i].Cell(column), text)+after {
					return false
				}
			}
			return true
		}
		switch {
		case fits(after):
			if strings.Contains(cell, ".") && stemIn(cell, texts[0]) == cell && before == "" && after == "" {
				return "{" + column + "}"
			}
			return Escaped(before) + "{" + column + "}" + Escaped(after)
		case last && before == "" && fits(""):
			return "{" + column + "}"
		}
	}
	return startingWith(texts, rows, columns[0])
}

// startingWith is a column and a star for what follows it; or but a star.
func startingWith(texts []string, rows []table.Row, column string) string {
	rests := make([]string, len(texts))
	for i, text := range texts {
		rest, begins := strings.CutPrefix(text, rows[i].Cell(column))
		if rests[i] = rest; !begins || rows[i].Cell(column) == "" {
			return starred(texts)
		}
	}
	return "{" + column + "}" + starred(rests)
}

// stemIn is the cell, without its ending where only so it is part of a text.
func stemIn(cell, text string) string {
	if cell == "" || strings.Contains(text, cell) {
		return cell
	}
	return files.Stem(cell)
}

// starred has a star stand for what differs between texts, in whole words and numbers.
func starred(texts []string) string {
	before, after := texts[0], texts[0]
	for _, text := range texts[1:] {
		for !strings.HasPrefix(text, before) {
			before = before[:len(before)-1]
		}
		for !strings.HasSuffix(text, after) {
			after = after[1:]
		}
	}
	for _, text := range texts {
		for before != "" && len(before) < len(text) && charKind(before[len(before)-1]) == charKind(text[len(before)]) && charKind(text[len(before)]) != 0 {
			before = before[:len(before)-1]
		}
		for after != "" && len(after) < len(text) && charKind(after[0]) == charKind(text[len(text)-len(after)-1]) && charKind(after[0]) != 0 {
			after = after[1:]
		}
	}
	for _, text := range texts {
		if len(before)+len(after) > len(text) {
			after = ""
		}
	}
	return Escaped(before) + "*" + Escaped(after)
}

// charKind is what a character is: 1 of a word, 2 of a number, 0 of neither.
func charKind(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return 2
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= 0x80:
		return 1
	}
	return 0
}
