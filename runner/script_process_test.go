package main

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The commands of a script go to one process, one after the other: loading libtorch takes
// half a second, longer than most commands need. Those that a script kills, or lets run
// beside others, it starts with exec, and each of them is a process of its own.

// programName is what the test binary is called where it is the program itself, and
// serveFlag the argument with which that carries out one command after the other.
const programName, serveFlag = "runner", "-serve-script"

func TestMain(m *testing.M) {
	switch {
	case slices.Equal(os.Args[1:], []string{"gpus"}): // findGPUs asks the program that runs
	case filepath.Base(os.Args[0]) != programName:
		os.Exit(runTests(m))
	case len(os.Args) == 2 && os.Args[1] == serveFlag:
		os.Exit(serveScript(os.Stdin, os.Stdout))
	}
	main()
}

// runTests has the program in PATH meanwhile.
func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "runner-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	_, err = linkProgram(dir)
	err = errors.Join(err, os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH")))
	if err != nil {
		panic(err)
	}
	return m.Run()
}

// linkProgram puts the program into a folder. A symbolic link would not do: the program
// starts itself again by the path that it finds itself at, which is that of the file.
func linkProgram(dir string) (path string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, programName)
	if os.Link(self, path) == nil {
		return path, nil
	}
	binary, err := os.ReadFile(self) // of another file system
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, binary, 0o755)
}

// scriptCommand is a line of a script for its process, and scriptAnswer what came of it.
type scriptCommand struct{ Env, Args []string }

type scriptAnswer struct {
	Code        int
	Out, Errors string
}

// serveScript carries out commands until there are no more.
func serveScript(from io.Reader, to io.Writer) int {
	in, out := gob.NewDecoder(from), gob.NewEncoder(to)
	for {
		var c scriptCommand
		if err := in.Decode(&c); errors.Is(err, io.EOF) {
			return exitDone
		} else if err != nil {
			panic(err)
		}
		if err := out.Encode(c.execute()); err != nil {
			panic(err)
		}
	}
}

func (c scriptCommand) execute() scriptAnswer {
	os.Clearenv()
	for _, variable := range c.Env {
		name, value, _ := strings.Cut(variable, "=")
		os.Setenv(name, value)
	}
	if err := os.Chdir(os.Getenv("PWD")); err != nil {
		panic(err)
	}
	ctx, stop := listen(context.Background())
	defer stop()
	var out, failures strings.Builder
	code := execute(ctx, world{out: &out, err: &failures, now: time.Now, dir: os.Getenv("PWD")}, c.Args)
	return scriptAnswer{code, out.String(), failures.String()}
}

// scriptProcess is the process of a script, which its first command starts.
type scriptProcess struct {
	commands *gob.Encoder
	answers  *gob.Decoder
	stdin    io.Closer
	trouble  strings.Builder
	cmd      *exec.Cmd
}

func (p *scriptProcess) start() error {
	p.cmd = exec.Command(programName, serveFlag)
	p.cmd.Stderr = &p.trouble
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	p.stdin, p.commands, p.answers = in, gob.NewEncoder(in), gob.NewDecoder(out)
	return p.cmd.Start()
}

func (p *scriptProcess) do(c scriptCommand) (a scriptAnswer, err error) {
	if p.cmd == nil {
		if err := p.start(); err != nil {
			return a, err
		}
	}
	err = p.commands.Encode(c)
	if err == nil {
		err = p.answers.Decode(&a)
	}
	if err != nil {
		return a, fmt.Errorf("the process of the script: %w\n%s", err, p.trouble.String())
	}
	return a, nil
}

func (p *scriptProcess) stop() {
	if p.cmd != nil {
		p.stdin.Close()
		_ = p.cmd.Wait() // what went wrong in it was told by do
	}
}

// runInScript is the command runner of scripts.
func runInScript(ts *testscript.TestScript, neg bool, args []string) {
	p := ts.Value(programName).(*scriptProcess)
	// The variables as the script has set them, its folder among them.
	ts.Check(ts.Exec("sh", "-c", `env -0 >"$TMPDIR/environment"`))
	env := strings.Split(ts.ReadFile(filepath.Join(ts.Getenv("TMPDIR"), "environment")), "\x00")
	a, err := p.do(scriptCommand{Env: env[:len(env)-1], Args: args})
	ts.Check(err)
	fmt.Fprint(ts.Stdout(), a.Out)
	fmt.Fprint(ts.Stderr(), a.Errors)
	switch {
	case a.Code == exitDone && neg:
		ts.Fatalf("unexpected command success")
	case a.Code != exitDone && !neg:
		ts.Fatalf("unexpected exit code %d", a.Code)
	}
}
