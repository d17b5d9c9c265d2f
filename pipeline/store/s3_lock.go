package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// lockExpiry is how long a lock that is not renewed is respected. Its holder
// renews it four times as often, and stops a quarter earlier.
const lockExpiry = 2 * time.Minute

var errTaken = errors.New("another run has taken the store over")

// s3Lock is the object .lock: who holds the store, and by its date until when.
// It is only ever written on the condition that it is what was last seen of it.
// A released lock stays, marked free, since not every server deletes on a
// condition.
type s3Lock struct {
	store *s3Store
	ended chan struct{} // closed when nothing renews it any more

	mu     sync.Mutex
	record lockRecord
	etag   *string // of the version we wrote last
}

type lockRecord struct {
	Owner Owner  `json:"owner"`
	Token string `json:"token"` // of this holding
	Beat  int    `json:"beat"`  // how often it was renewed: no two versions are alike
	Free  bool   `json:"free"`
}

func (s *s3Store) Lock(ctx context.Context, owner Owner) (*Lock, error) {
	if err := cmp.Or(ctx.Err(), checkOwner(owner)); err != nil {
		return nil, fmt.Errorf("lock store %s: %w", s.Location(), err)
	}
	k := &s3Lock{store: s, ended: make(chan struct{}), record: lockRecord{Owner: owner, Token: rand.Text()}}
	since := time.Now()
	if err := k.take(ctx); err != nil {
		if held := (*HeldError)(nil); errors.As(err, &held) {
			return nil, held
		}
		return nil, fmt.Errorf("lock store %s: %w", s.Location(), err)
	}
	lock := newLock(ctx, owner.Run)
	lock.confirm = func(ctx context.Context) error { return k.confirm(ctx, lock) }
	lock.release = func() error { return k.release(lock) }
	go k.keep(lock, since)
	if err := s.recover(lock.ctx); err != nil {
		err = cmp.Or(context.Cause(lock.ctx), err)
		lock.Release()
		return nil, fmt.Errorf("repair store %s after an earlier run: %w", s.Location(), err)
	}
	s.setLock(lock)
	return lock, nil
}

func (s *s3Store) setLock(lock *Lock) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lock = lock
}

// take writes the lock if there is none, or one that is free or has expired.
func (k *s3Lock) take(ctx context.Context) error {
	held := &HeldError{Location: k.store.Location()}
	for range 4 { // each round again means that another run was quicker
		var etag *string
		seen, err := k.store.readLock(ctx)
		switch {
		case err == nil:
			held.Owner, etag = seen.record.Owner, seen.etag
			if !seen.record.Free && seen.age < k.store.expiry {
				return held
			}
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		err = k.write(ctx, etag)
		if errors.Is(err, errTaken) {
			continue
		}
		if err == nil {
			err = k.probe(ctx)
		}
		if err != nil {
			k.free(ctx)
		}
		return err
	}
	return held
}

// free marks the lock free if it is still ours.
func (k *s3Lock) free(ctx context.Context) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.record.Free = true
	return k.write(ctx, k.etag)
}

// probe makes sure that the server refuses a write whose condition does not
// hold. One that ignores conditions would let two runs in.
func (k *s3Lock) probe(ctx context.Context) error {
	data, err := json.Marshal(k.record)
	if err != nil {
		return err
	}
	other := aws.String(`"00000000000000000000000000000000"`)
	for _, condition := range []condition{{ifNoneMatch: aws.String("*")}, {ifMatch: other}} {
		_, err := k.store.putIf(ctx, lockName, data, condition)
		switch {
		case err == nil || isAnswer(err, "NotImplemented"):
			return errors.New("the server does not support conditional writes (If-Match, If-None-Match), which the lock needs")
		case !isAnswer(err, "PreconditionFailed"):
			return s3Error(err)
		}
	}
	return nil
}

// write writes the record if the lock is still the version of etag or, with
// nil, if there is none. It returns errTaken if that does not hold.
func (k *s3Lock) write(ctx context.Context, etag *string) error {
	data, err := json.Marshal(k.record)
	if err != nil {
		return err
	}
	for range 3 {
		written, err := k.store.putIf(ctx, lockName, data, unchanged(etag))
		if err == nil {
			k.etag = written
			return nil
		}
		if !isAnswer(err, "PreconditionFailed", "NoSuchKey") {
			return s3Error(err)
		}
		// If it is ours, an earlier attempt arrived and only its answer was
		// lost: write over it.
		seen, err := k.store.readLock(ctx)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return errTaken
		case err != nil:
			return err
		case seen.record.Token != k.record.Token:
			return errTaken
		}
		etag = seen.etag
	}
	return errTaken
}

// unchanged is the condition that an object is the version of etag or, with
// nil, that there is none.
func unchanged(etag *string) condition {
	if etag == nil {
		return condition{ifNoneMatch: aws.String("*")}
	}
	return condition{ifMatch: etag}
}

// keep renews the lock until its context ends, and ends it with ErrLockLost
// when that fails for too long.
func (k *s3Lock) keep(lock *Lock, renewed time.Time) {
	defer close(k.ended)
	every := k.store.expiry / 4
	for {
		select {
		case <-lock.ctx.Done():
			return
		case <-time.After(every):
		}
		until := renewed.Add(3 * every)
		ctx, cancel := context.WithDeadline(lock.ctx, until)
		start := time.Now()
		err := k.confirm(ctx, lock)
		cancel()
		if err == nil {
			renewed = start
		} else if !time.Now().Before(until) {
			lock.cancel(fmt.Errorf("%w: it could not be renewed: %w", ErrLockLost, err))
		}
	}
}

// confirm renews the lock, and ends it if another run has it.
func (k *s3Lock) confirm(ctx context.Context, lock *Lock) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.record.Beat++
	err := k.write(ctx, k.etag)
	if errors.Is(err, errTaken) {
		err = fmt.Errorf("%w: %w", ErrLockLost, err)
		lock.cancel(err)
	}
	return err
}

// release removes what the run staged and did not publish, and marks the lock
// free. The lock's context has ended.
func (k *s3Lock) release(lock *Lock) error {
	<-k.ended
	k.store.setLock(nil)
	if cause := context.Cause(lock.ctx); errors.Is(cause, ErrLockLost) {
		return fmt.Errorf("unlock store %s: %w", k.store.Location(), cause)
	}
	err := lock.sweep(k.store)
	if err := cmp.Or(k.free(lock.ctx), err); err != nil {
		return fmt.Errorf("unlock store %s: %w", k.store.Location(), err)
	}
	return nil
}

// seenLock is a version of the lock.
type seenLock struct {
	record lockRecord // zero if it could not be made sense of
	etag   *string
	age    time.Duration
}

// readLock reads the lock. Its age is by the server's clock alone, since those
// of two runs may differ by more than the expiry.
func (s *s3Store) readLock(ctx context.Context) (seenLock, error) {
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: s.key(lockName)})
	if err != nil {
		return seenLock{}, s3Error(err)
	}
	defer out.Body.Close()
	data, err := io.ReadAll(io.LimitReader(out.Body, 4096))
	if err != nil {
		return seenLock{}, err
	}
	now, ok := middleware.GetServerTime(out.ResultMetadata)
	if !ok {
		now = time.Now()
	}
	seen := seenLock{etag: out.ETag, age: now.Sub(aws.ToTime(out.LastModified))}
	if json.Unmarshal(data, &seen.record) != nil {
		seen.record = lockRecord{}
	}
	return seen, nil
}
