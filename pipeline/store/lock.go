package store

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	// ErrHeld is what a *HeldError matches.
	ErrHeld = errors.New("another run holds the store")

	// ErrLockLost is the cause for which the context of a Lock ends when
	// another run may have taken the store over.
	ErrLockLost = errors.New("lost the lock of the store")

	errNotLocked = errors.New("the store is not locked by this run")
)

// Owner says who holds a lock. It is stored in clear beside the data.
type Owner struct {
	Run   string    `json:"run"` // also names the run's staging folder
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// HeldError tells who holds the store.
type HeldError struct {
	Location string
	Owner    Owner // the zero value where it could not be read
}

func (e *HeldError) Error() string {
	if e.Owner.Run == "" {
		return fmt.Sprintf("lock store %s: another run holds it", e.Location)
	}
	return fmt.Sprintf("lock store %s: run %s holds it (process %d on %s, since %s)",
		e.Location, e.Owner.Run, e.Owner.PID, e.Owner.Host, e.Owner.Since.Format(time.RFC3339))
}

// Unwrap makes the error match ErrHeld.
func (e *HeldError) Unwrap() error { return ErrHeld }

// Lock is a held store.
type Lock struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	run     string
	confirm func(context.Context) error // asks the server, where there is one
	release func() error
	once    sync.Once
	err     error // of release

	mu     sync.Mutex
	sets   int   // staged so far
	broken error // what left a publication half done
}

func newLock(ctx context.Context, run string) *Lock {
	ctx, cancel := context.WithCancelCause(ctx)
	return &Lock{ctx: ctx, cancel: cancel, run: run}
}

// Context is derived from the one given to Store.Lock and ends with the lock:
// on Release, or with the cause ErrLockLost as soon as it is no longer certain
// that the lock is ours. What a run does under the lock, it does with it.
func (l *Lock) Context() context.Context { return l.ctx }

// Release gives the store free. It works after the context has ended, and does
// nothing the second time.
func (l *Lock) Release() error {
	l.once.Do(func() {
		l.cancel(context.Canceled)
		l.err = l.release()
	})
	return l.err
}

// check returns an error unless the lock is held and good for publishing.
func (l *Lock) check() error {
	if l == nil {
		return errNotLocked
	}
	if cause := context.Cause(l.ctx); errors.Is(cause, ErrLockLost) {
		return cause
	}
	if err := l.ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return fmt.Errorf("an earlier publication of this run is half done, the next run finishes it: %w", l.broken)
	}
	return nil
}

// fail records that a decided publication could not be finished, and returns
// err. Nothing more may be published under this lock: the next one finishes the
// old decision, and would put it over anything newer.
func (l *Lock) fail(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = err
	return err
}

// sweep removes what the run staged and neither published nor discarded, unless
// the next run is to finish it.
func (l *Lock) sweep(s stager) error {
	l.mu.Lock()
	broken := l.broken
	l.mu.Unlock()
	if broken != nil {
		return nil
	}
	ctx, cancel := afterwards(l.ctx)
	defer cancel()
	return s.clear(ctx, path.Join(stagingFolder, l.run))
}

// nextStaged returns the folder for one more set.
func (l *Lock) nextStaged() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sets++
	return path.Join(stagingFolder, l.run, strconv.Itoa(l.sets))
}

// afterwards returns a context for tidying up after ctx may have ended.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}

// checkOwner reports why an owner cannot hold a store.
func checkOwner(o Owner) error {
	if strings.Contains(o.Run, "/") {
		return errors.New("run id: invalid name: it holds a slash")
	}
	if err := checkName(o.Run); err != nil {
		return fmt.Errorf("run id: %w", err)
	}
	return nil
}
