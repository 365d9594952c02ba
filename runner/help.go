package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// asked lets people ask for help as they are used to: runner help run, and runner alone.
func asked(args []string) []string {
	switch {
	case len(args) == 0:
		return []string{"--help"}
	case args[0] == "help":
		return append(args[1:len(args):len(args)], "--help")
	}
	return args
}

// readable refuses arguments that are no UTF-8, such as names from a drive of an older system:
// what parses the command line would read other names in them.
func readable(args []string) error {
	for _, arg := range args {
		if !utf8.ValidString(arg) {
			return stage.Fault{Err: fmt.Errorf("%q is no UTF-8", arg), Hint: "rename the file or folder; convmv renames all in a folder"}
		}
	}
	return nil
}

// giveExamples puts the example of each command, its tag example, below its help.
func giveExamples(n *kong.Node) {
	if example := n.Tag.Get("example"); example != "" {
		n.Detail = strings.TrimPrefix(n.Detail+"\n\nExample:\n\n    "+example, "\n\n")
	}
	for _, child := range n.Children {
		giveExamples(child)
	}
}

// shared are flags that many commands have, which the help lists behind a command's own.
var shared = map[string]*kong.Group{}

func init() {
	for title, names := range map[string]string{
		"Where things lie:": "db runs cache cache-size reports pretrained pretrained-url",
		"Machine:":          "device threads workers",
	} {
		group := &kong.Group{Key: title, Title: title}
		for name := range strings.FieldsSeq(names) {
			shared[name] = group
		}
	}
}

// arrange puts flags that many commands share into groups of their own.
func arrange(app *kong.Application) {
	app.HelpFlag.Help = "Show this help."
	_ = kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, is := node.(*kong.Flag); is && flag.Group == nil {
			flag.Group = shared[flag.Name]
		}
		return next(nil)
	})
}

// commandOf is as much of the command as a wrong command line named: runner runs tag.
func commandOf(err error) string {
	var wrong *kong.ParseError
	if !errors.As(err, &wrong) || wrong.Context == nil {
		return "runner"
	}
	name := "runner"
	for _, at := range wrong.Context.Path {
		if at.Command != nil && !strings.HasSuffix(name, " "+at.Command.Name) {
			name += " " + at.Command.Name
		}
	}
	return name
}

// experimentFile takes the path of an experiment file that is there, and makes it
// whole. Where none is, it names those that lie in the folder.
func experimentFile(ctx *kong.DecodeContext, target reflect.Value) error {
	var path string
	if err := ctx.Scan.PopValueInto("file", &path); err != nil {
		return err
	}
	whole := kong.ExpandPath(path)
	info, err := os.Stat(whole)
	switch {
	case err == nil && !info.IsDir():
		target.SetString(whole)
		return nil
	case err == nil:
		return fmt.Errorf("%s is a folder; name a file%s", path, namesIn(yamlFiles(whole)))
	case os.IsNotExist(err):
		return fmt.Errorf("there is no file %s; %s", path, nearFiles(path))
	}
	return err
}

// nearFiles says which experiment file may have been meant.
func nearFiles(path string) string {
	folder, name := filepath.Split(path)
	return cmp.Or(registry.Suggest(name, yamlFiles(folder)), "a path is relative to the working directory")
}

// yamlFiles are the experiment files of a folder, by name.
func yamlFiles(folder string) (names []string) {
	found, _ := filepath.Glob(filepath.Join(folder, "*.yaml")) // none, where it is no folder
	for _, path := range found {
		names = append(names, filepath.Base(path))
	}
	return names
}

// namesIn lists names of files in a folder, if there are any.
func namesIn(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " in it: " + strings.Join(names, ", ")
}
