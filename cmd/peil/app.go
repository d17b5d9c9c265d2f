package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/pipeline/store"
)

// app is what the commands share: flags, streams, and the world passed in.
type app struct {
	stdout, stderr io.Writer
	env            func(string) (string, bool)
	now            func() time.Time
	random         io.Reader

	config         string
	format         string
	quiet, verbose bool

	began  bool // flags were read: what fails from here on is no usage error
	status int  // of a command that ended without an error
	live   *progress
}

// begin checks the global flags.
func (a *app) begin() error {
	if a.format != "text" && a.format != "json" {
		return fmt.Errorf("--format %s: write text or json", a.format)
	}
	a.began = true
	return nil
}

// load reads the configuration that the flags or the environment name.
func (a *app) load() (*config.Config, error) {
	path := a.config
	if path == "" {
		path, _ = a.env("PEIL_CONFIG")
	}
	if path == "" {
		path = "peil.yaml"
	}
	return config.Load(path)
}

// day reads a date flag; empty is today in the library's time zone.
func (a *app) day(flag, value string, c *config.Config) (time.Time, error) {
	if value == "" {
		return archive.Midnight(a.now().In(c.Location())), nil
	}
	d, err := config.ParseDate(value)
	if err != nil {
		return time.Time{}, exit.Usagef("--%s: %w", flag, err)
	}
	return d.Time, nil
}

// loadFor reads the configuration, and the day that a flag names in it.
func (a *app) loadFor(flag, value string) (*config.Config, time.Time, error) {
	c, err := a.load()
	if err != nil {
		return nil, time.Time{}, err
	}
	day, err := a.day(flag, value, c)
	return c, day, err
}

// openStore reads the configuration and opens its store.
func (a *app) openStore(ctx context.Context) (*config.Config, store.Store, error) {
	c, err := a.load()
	if err != nil {
		return nil, nil, err
	}
	s, err := archive.OpenStore(ctx, c)
	return c, s, err
}

// json says whether results are JSON lines.
func (a *app) json() bool { return a.format == "json" }

// message writes one JSON line: the fields of v after its type.
func (a *app) message(kind string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	line := fmt.Sprintf(`{"message_type":%q`, kind)
	if len(b) > 2 { // not an empty object
		line += "," + string(b[1:])
	} else {
		line += "}"
	}
	_, err = fmt.Fprintln(a.stdout, line)
	return err
}

// printf writes a line of text results.
func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.stdout, format, args...) }

// failure is what a command that failed says last.
type failure struct {
	Error  string `json:"error"`
	Status int    `json:"status"` // that the command exits with
}

// fail says why the command ends with a status other than 0.
func (a *app) fail(err error, status int) {
	a.live.clear()
	if a.json() {
		a.message("error", failure{err.Error(), status})
	}
	fmt.Fprintf(a.stderr, "peil: %v\n", err)
}
