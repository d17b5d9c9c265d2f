package sqldb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Secret says where a password is; at most one field is set.
type Secret struct {
	File    string
	Env     string
	Command []string // argument list, run without a shell; it prints the password
}

// commandTimeout is how long a command may take to print the password.
const commandTimeout = 30 * time.Second

// Read gets the password, without the line end that files and commands add. env looks up
// an environment variable. It is empty if no place is given.
func (s Secret) Read(ctx context.Context, env func(string) (string, bool)) (string, error) {
	const where = "source.connection.password"
	switch {
	case s.Env != "":
		password, ok := env(s.Env)
		if !ok {
			return "", &Error{Place: where, Problem: "the environment variable " + s.Env + " is not set", Remedy: "set it for the user that runs peil"}
		}
		return password, nil
	case s.File != "":
		info, err := os.Stat(s.File)
		if err != nil {
			return "", &Error{Place: where, Problem: fmt.Sprintf("the file %s cannot be read: %s", s.File, fileCause(err))}
		}
		if info.Mode().Perm()&0o077 != 0 {
			return "", &Error{Place: where, Problem: fmt.Sprintf("%s can be read by others (mode %04o)", s.File, info.Mode().Perm()), Remedy: "run: chmod 600 " + s.File}
		}
		text, err := os.ReadFile(s.File)
		if err != nil {
			return "", &Error{Place: where, Problem: fmt.Sprintf("the file %s cannot be read: %s", s.File, fileCause(err))}
		}
		return strings.TrimRight(string(text), "\r\n"), nil
	case len(s.Command) > 0:
		ctx, cancel := context.WithTimeout(ctx, commandTimeout)
		defer cancel()
		var out bytes.Buffer
		cmd := exec.CommandContext(ctx, s.Command[0], s.Command[1:]...)
		cmd.Stdout = &out
		if err := cmd.Run(); err != nil {
			return "", &Error{Place: where, Problem: fmt.Sprintf("the command %s fails: %s", s.Command[0], fileCause(err)), Remedy: "try it as the user that runs peil"}
		}
		return strings.TrimRight(out.String(), "\r\n"), nil
	}
	return "", nil
}

// fileCause is the reason of an error about a file without its path.
func fileCause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
