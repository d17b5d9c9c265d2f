package pipeline

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
	"peil/pipeline/pseudonym"
	"peil/pipeline/rights"
	"peil/pipeline/store"
)

// desk is the store with its lock, its ledger and the library's key: what work needs that is
// no run.
type desk struct {
	config *config.Config
	store  store.Store
	ledger *delivery.Ledger
	key    pseudonym.Key
	run    string // names the work
}

// withStore does some work while it holds the store.
func withStore(ctx context.Context, c *config.Config, env func(string) (string, bool), now func() time.Time, random io.Reader, work func(context.Context, desk) error) error {
	d := desk{config: c}
	var err error
	if d.run, err = runID(now(), random); err != nil {
		return err
	}
	if d.key, err = LoadKey(ctx, c, env); err != nil {
		return err
	}
	if d.store, err = OpenStore(ctx, c); err != nil {
		return err
	}
	defer d.store.Close()
	d.ledger = openLedger(d.store, d.key, env, now)
	return locked(ctx, d.store, d.run, now(), func(ctx context.Context) error { return work(ctx, d) })
}

// runID names what is done under one lock.
func runID(begun time.Time, random io.Reader) (string, error) {
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
	key, err := loadAnyKey(ctx, c, env)
	if old, changing := key.Previous(); err == nil && changing {
		return key, Usage("key %s is taking the place of %s, and that was cut off: peil key rotate ends it", key.ID(), old.ID())
	}
	return key, err
}

func loadAnyKey(ctx context.Context, c *config.Config, env func(string) (string, bool)) (pseudonym.Key, error) {
	key, err := pseudonym.Load(ctx, KeyPlace(c), env)
	if err != nil {
		return key, &ExitError{ExitUsage, err}
	}
	return key, nil
}

// KeyPlace is where the configuration takes the key from.
func KeyPlace(c *config.Config) pseudonym.Place {
	return pseudonym.Place{File: c.Path(c.Keys.File), Env: c.Keys.Env, Command: c.Keys.Command}
}

// locked does something while it holds the store, under a name and since a time that whoever
// waits is told.
func locked(ctx context.Context, s store.Store, name string, since time.Time, do func(context.Context) error) error {
	lock, err := s.Lock(ctx, store.Owner{Run: name, Host: hostname(), PID: os.Getpid(), Since: since})
	if errors.Is(err, store.ErrHeld) {
		return &ExitError{ExitHeld, fmt.Errorf("%w; wait for it to end", err)}
	}
	if err != nil {
		return fmt.Errorf("hold the store: %w", err)
	}
	return errors.Join(do(lock.Context()), lock.Release())
}

// register opens the register of rights.
func (d desk) register(ctx context.Context) (*rights.Register, error) {
	entries, _, err := d.ledger.Entries(ctx)
	if err != nil {
		return nil, err
	}
	return rights.Open(ctx, d.store, d.key, rights.LastRevision(entries))
}
