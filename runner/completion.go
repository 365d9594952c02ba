package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"vertebra/results"
)

// completionCommand is runner completion.
type completionCommand struct {
	Shell string `arg:"" help:"The shell: bash, zsh or fish." enum:"bash,zsh,fish"`
}

const bashCompletion = `_runner() {
  local IFS=$'\n'
  COMPREPLY=($("${COMP_WORDS[0]}" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _runner runner
`

var completions = map[string]string{
	"bash": bashCompletion,
	"zsh":  "autoload -U +X bashcompinit && bashcompinit\n" + bashCompletion,
	"fish": "complete -c runner -a '((commandline -opc)[1] complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'\n",
}

// Run writes the script that a shell reads at its start. It asks the program itself,
// which knows the commands, their flags, and the runs.
func (c completionCommand) Run(w world) error {
	_, err := fmt.Fprint(w.out, completions[c.Shell])
	return err
}

// complete writes what the last of some words may become, a line for each; nothing
// where that is a file, which shells find by themselves.
func (w world) complete(ctx context.Context, root *kong.Node, words []string) int {
	if len(words) == 0 {
		words = []string{""}
	}
	last, node, before, at := words[len(words)-1], root, "", 0
	for _, word := range words[:len(words)-1] {
		switch child := childOf(node, word); {
		case child != nil:
			node, at = child, 0
		case strings.HasPrefix(word, "-") && !strings.Contains(word, "=") && takesValue(meant(node), word):
			before = word
			continue
		case !strings.HasPrefix(word, "-") && before == "":
			at++
		}
		before = ""
	}
	for _, candidate := range w.candidates(ctx, node, before, at, last) {
		if strings.HasPrefix(candidate, last) {
			fmt.Fprintln(w.out, candidate)
		}
	}
	return exitDone
}

// candidates are what may stand after a flag that takes a value, or at a place of the
// command.
func (w world) candidates(ctx context.Context, node *kong.Node, flag string, at int, last string) (out []string) {
	command := meant(node)
	if flag != "" {
		f := flagOf(command, flag)
		if f.Enum != "" {
			return f.EnumSlice()
		}
		if f.Name == "resume" {
			return runNames(ctx)
		}
		return nil
	}
	if strings.HasPrefix(last, "-") {
		for _, group := range command.AllFlags(true) {
			for _, f := range group {
				out = append(out, "--"+f.Name)
			}
		}
		return out
	}
	for _, child := range node.Children {
		if !child.Hidden {
			out = append(out, child.Name)
		}
	}
	if n := len(command.Positional); n > 0 {
		switch p := command.Positional[min(at, n-1)]; {
		case p.Enum != "":
			return p.EnumSlice()
		case p.Name == "run" || p.Name == "runs" || p.Name == "id" && command.Name == "report" || command.Name == "diff":
			return append(out, runNames(ctx)...)
		case p.Name == "sweep":
			return append(out, sweepNames(ctx)...)
		}
	}
	return out
}

// meant is the command that is called: runner sweep FILE is runner sweep run FILE.
func meant(node *kong.Node) *kong.Node {
	if node.DefaultCmd != nil {
		return node.DefaultCmd
	}
	return node
}

func childOf(node *kong.Node, word string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == word {
			return child
		}
	}
	return nil
}

func flagOf(node *kong.Node, word string) *kong.Flag {
	for _, group := range node.AllFlags(false) {
		for _, f := range group {
			if "--"+f.Name == word || f.Short != 0 && "-"+string(f.Short) == word {
				return f
			}
		}
	}
	return nil
}

func takesValue(node *kong.Node, word string) bool {
	f := flagOf(node, word)
	return f != nil && !f.IsBool()
}

// mostNames is how many runs are offered, the latest first.
const mostNames = 50

// runNames are the runs of the database at its usual place; none where there is none.
func runNames(ctx context.Context) (out []string) {
	err := database{"results.db"}.use(ctx, func(db *results.DB) error {
		list, err := db.Runs(ctx, results.Filter{Limit: mostNames, HideArchived: true, HideTrials: true})
		for _, r := range list {
			out = append(out, r.ID)
		}
		return err
	})
	if err != nil {
		return nil
	}
	return append([]string{results.Latest}, out...)
}

// sweepNames are the sweeps there.
func sweepNames(ctx context.Context) (out []string) {
	err := database{"results.db"}.use(ctx, func(db *results.DB) error {
		list, err := db.Sweeps(ctx, "")
		for _, s := range list {
			out = append(out, s.ID)
		}
		return err
	})
	if err != nil {
		return nil
	}
	return append([]string{results.Latest}, out...)
}
