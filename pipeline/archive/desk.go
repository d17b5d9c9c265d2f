package archive

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/pseudonym"
	"peil/pipeline/rights"
	"peil/pipeline/store"
)

// Desk is the store with its lock, its ledger and the library's key: what work needs that is
// no run.
type Desk struct {
	Config *config.Config
	Store  store.Store
	Ledger *delivery.Ledger
	Key    pseudonym.Key
	Run    string // names the work
}

// WithStore does some work while it holds the store.
func WithStore(ctx context.Context, c *config.Config, env func(string) (string, bool), now func() time.Time, random io.Reader, work func(context.Context, Desk) error) error {
	d := Desk{Config: c}
	var err error
	if d.Run, err = NewName(now(), random); err != nil {
		return err
	}
	if d.Key, err = LoadKey(ctx, c, env); err != nil {
		return err
	}
	if d.Store, err = OpenStore(ctx, c); err != nil {
		return err
	}
	defer d.Store.Close()
	d.Ledger = LedgerOf(d.Store, d.Key, env, now)
	return Locked(ctx, d.Store, d.Run, now(), func(ctx context.Context) error { return work(ctx, d) })
}

// NewName names what is done under one lock.
func NewName(begun time.Time, random io.Reader) (string, error) {
	var suffix [3]byte
	if _, err := io.ReadFull(random, suffix[:]); err != nil {
		return "", fmt.Errorf("name the run: %w", err)
	}
	return begun.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(suffix[:]), nil
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// LoadKey reads the library's key from the place that the configuration names.
func LoadKey(ctx context.Context, c *config.Config, env func(string) (string, bool)) (pseudonym.Key, error) {
	key, err := LoadAnyKey(ctx, c, env)
	if old, changing := key.Previous(); err == nil && changing {
		return key, exit.Usagef("key %s is taking the place of %s, and that was cut off: peil key rotate ends it", key.ID(), old.ID())
	}
	return key, err
}

// LoadAnyKey reads the key also where its rotation was cut off and two of them are there.
func LoadAnyKey(ctx context.Context, c *config.Config, env func(string) (string, bool)) (pseudonym.Key, error) {
	key, err := pseudonym.Load(ctx, KeyPlace(c), env)
	if err != nil {
		return key, exit.With(exit.Usage, err)
	}
	return key, nil
}

// KeyPlace is where the configuration takes the key from.
func KeyPlace(c *config.Config) pseudonym.Place {
	return pseudonym.Place{File: c.Path(c.Keys.File), Env: c.Keys.Env, Command: c.Keys.Command}
}

// Locked does something while it holds the store, under a name and since a time that whoever
// waits is told.
func Locked(ctx context.Context, s store.Store, name string, since time.Time, do func(context.Context) error) error {
	lock, err := s.Lock(ctx, store.Owner{Run: name, Host: hostname(), PID: os.Getpid(), Since: since})
	if errors.Is(err, store.ErrHeld) {
		return exit.With(exit.Held, fmt.Errorf("%w; wait for it to end", err))
	}
	if err != nil {
		return fmt.Errorf("hold the store: %w", err)
	}
	return errors.Join(do(lock.Context()), lock.Release())
}

// Register opens the register of rights.
func (d Desk) Register(ctx context.Context) (*rights.Register, error) {
	entries, _, err := d.Ledger.Entries(ctx)
	if err != nil {
		return nil, err
	}
	return rights.Open(ctx, d.Store, d.Key, rights.LastRevision(entries))
}
