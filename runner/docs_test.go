package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// pagesOf are the pages that people read, by path from this folder.
func pagesOf(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"../*.md", "../docs/*.md", "../stages/*.md", "../bench/*/README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		for _, path := range found {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			out[path] = string(text)
		}
	}
	return out
}

// TestDocsLinks wants a file or heading behind each link within the project.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	pages := pagesOf(t)
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for path, text := range pages {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(found[1], "#")
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s: %v", path, found[1], err)
			} else if anchor != "" && !slices.Contains(anchors(pages[target]), anchor) {
				t.Errorf("%s: %s: no such heading", path, found[1])
			}
		}
	}
}

// anchors are the headings of a page, as GitHub's links call them.
func anchors(page string) (out []string) {
	for _, found := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(page, -1) {
		name := strings.ReplaceAll(strings.ToLower(found[1]), " ", "-")
		out = append(out, regexp.MustCompile(`[^\p{L}\p{N}_-]`).ReplaceAllString(name, ""))
	}
	return out
}

// TestDocsCommands wants every command line of the pages to be one that the program takes: those
// of blocks whole, with whatever they call their files; of those in a sentence the command.
func TestDocsCommands(t *testing.T) {
	t.Parallel()
	parser := kong.Must(&commands{}, kong.Name("runner"), kong.Writers(io.Discard, io.Discard), defaults(), kong.Exit(func(int) {}),
		kong.NamedMapper("existingfile", kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
			return ctx.Scan.PopValueInto("file", target.Addr().Interface())
		})))
	block := regexp.MustCompile(`(?m)^(?: {4,}|\t)(?:\$ )?runner (\S.*)$`)
	span := regexp.MustCompile("`runner ([a-z-]+(?: [a-z-]+)?)[^`]*`")
	tried := 0
	for path, text := range pagesOf(t) {
		for _, found := range block.FindAllStringSubmatch(text, -1) {
			tried++
			line := regexp.MustCompile(`\s+#.*$`).ReplaceAllString(found[1], "")
			if _, err := parser.Parse(words(strings.ReplaceAll(line, `"`, "'"))); err != nil {
				t.Errorf("%s: runner %s: %v", path, line, err)
			}
		}
		for _, found := range span.FindAllStringSubmatch(text, -1) {
			tried++
			if name, _, _ := strings.Cut(found[1], " "); !slices.ContainsFunc(parser.Model.Children, func(n *kong.Node) bool { return n.Name == name }) && name != "help" {
				t.Errorf("%s: there is no command runner %s", path, name)
			}
		}
	}
	if tried < 60 {
		t.Errorf("only %d commands were found", tried)
	}
}

// TestImportsAreDocumented: ARCHITECTURE.md says of each package what TestImports lets it import.
func TestImportsAreDocumented(t *testing.T) {
	t.Parallel()
	short := func(path string) string {
		return strings.TrimPrefix(strings.TrimPrefix(path, "stages/"), "internal/")
	}
	_, table, _ := strings.Cut(pagesOf(t)["../ARCHITECTURE.md"], "| package | imports |")
	table, _, _ = strings.Cut(table, "\n\n")
	told := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([a-z/, 0-9]+) \| (.+) \|$`).FindAllStringSubmatch(table, -1) {
		for name := range strings.SplitSeq(row[1], ", ") {
			names := strings.Split(row[2], ", ")
			slices.Sort(names)
			told[name] = strings.Join(names, ", ")
		}
	}
	for path, imports := range layers {
		var names []string
		for _, one := range imports {
			names = append(names, short(one))
		}
		slices.Sort(names)
		want := strings.Join(names, ", ")
		if want == "" {
			want = "none"
		}
		if got := told[short(path)]; got != want && path != "runner" {
			t.Errorf("| %s | %s |: got %q", short(path), want, got)
		}
	}
}
