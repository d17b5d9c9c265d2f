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
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, fmt.Errorf("read key: %w at %s; make one with: peil key new", ErrNoKey, path)
	}
	if err != nil {
		return Key{}, fmt.Errorf("read key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Key{}, fmt.Errorf("read key: %s can be read by others (mode %04o); run: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	text, err := os.ReadFile(path)
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

func loadCommand(ctx context.Context, argv []string) (Key, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		return Key{}, fmt.Errorf("read key from the command %s: %w", argv[0], err)
	}
	k, err := Parse(out.Bytes())
	if err != nil {
		return Key{}, fmt.Errorf("read key from the command %s: %w", argv[0], err)
	}
	return k, nil
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
