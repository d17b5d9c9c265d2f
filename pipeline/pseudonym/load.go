package pseudonym

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Place says where a key is; one field is set.
type Place struct {
	File    string
	Env     string
	Command []string
}

// ErrNoKey says that there is no key at its place.
var ErrNoKey = errors.New("there is no key")

// String says where the key is, without it.
func (p Place) String() string {
	switch {
	case p.File != "":
		return "file " + p.File
	case p.Env != "":
		return "environment variable " + p.Env
	case len(p.Command) > 0:
		return "command " + p.Command[0]
	}
	return "nowhere"
}

// Load reads the key from its place. env looks up an environment variable.
func Load(ctx context.Context, p Place, env func(string) (string, bool)) (Key, error) {
	switch {
	case p.File != "":
		return loadFile(p.File)
	case p.Env != "":
		text, ok := env(p.Env)
		if !ok {
			return Key{}, fmt.Errorf("read key: %w in the environment variable %s", ErrNoKey, p.Env)
		}
		k, err := Parse([]byte(text))
		if err != nil {
			return Key{}, fmt.Errorf("read key from the environment variable %s: %w", p.Env, err)
		}
		return k, nil
	case len(p.Command) > 0:
		return loadCommand(ctx, p.Command)
	}
	return Key{}, ErrNoKey
}

func loadFile(path string) (Key, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe must not hold us up
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, fmt.Errorf("read key: %w at %s; make one with: peil key new", ErrNoKey, path)
	}
	if err != nil {
		return Key{}, fmt.Errorf("read key: %w", err)
	}
	defer f.Close()
	// of what was opened: the name may meanwhile be that of another file
	info, err := f.Stat()
	if err != nil {
		return Key{}, fmt.Errorf("read key: %w", err)
	}
	switch {
	case !info.Mode().IsRegular():
		return Key{}, fmt.Errorf("read key: %s is no file", path)
	case info.Mode().Perm()&0o077 != 0:
		return Key{}, fmt.Errorf("read key: %s can be read by others (mode %04o); run: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxText))
	if err != nil {
		return Key{}, fmt.Errorf("read key: %w", err)
	}
	k, err := Parse(text)
	if err != nil {
		return Key{}, fmt.Errorf("read key %s: %w", path, err)
	}
	return k, nil
}

// A command has this long to print the key.
const commandTimeout = 30 * time.Second

// maxText is the most that is read of what should be a key, in bytes.
const maxText = 64 << 10

func loadCommand(ctx context.Context, argv []string) (Key, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdout = &limited{&out, maxText}
	cmd.WaitDelay = time.Second // what it started may hold its output open
	if err := cmd.Run(); err != nil {
		return Key{}, fmt.Errorf("read key from the command %s: %w", argv[0], err)
	}
	k, err := Parse(out.Bytes())
	if err != nil {
		return Key{}, fmt.Errorf("read key from the command %s: %w", argv[0], err)
	}
	return k, nil
}

// limited takes no more than so many bytes.
type limited struct {
	w    io.Writer
	room int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.room -= len(p); l.room < 0 {
		return 0, errors.New("it prints too much")
	}
	return l.w.Write(p)
}

// Create writes a new key to path, mode 0600. It never overwrites: a lost key takes
// every pseudonym made with it along.
func Create(path string, random io.Reader) (Key, error) {
	k, err := New(random)
	if err != nil {
		return Key{}, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Key{}, fmt.Errorf("write key: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return Key{}, fmt.Errorf("write key: %s is there already and is never overwritten; move it away first if it is to be replaced: %w", path, fs.ErrExist)
	}
	if err != nil {
		return Key{}, fmt.Errorf("write key: %w", err)
	}
	_, err = f.Write(k.Text())
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(path)
		return Key{}, fmt.Errorf("write key: %w", err)
	}
	return k, nil
}

// Replace writes a key over the one at path, in one step.
func Replace(path string, k Key) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".peil-key-*") // 0600
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(k.Text())
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}
