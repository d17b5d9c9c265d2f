package cbs

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"

	"peil/pipeline/delivery"
	"peil/pipeline/engine"
	"peil/reports"
)

// national is the number of members of all Dutch public libraries together.
const national = 3_600_000

// nationalVault holds a population of that size, every row another.
func nationalVault(b *testing.B) (*engine.DB, string) {
	b.Helper()
	dir := b.TempDir()
	db, err := engine.Open(b.Context(), engine.Options{Dirs: []string{dir}, Memory: "1600MiB"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	if err := fillPopulation(b.Context(), db, national); err != nil {
		b.Fatal(err)
	}
	return db, dir
}

// sealedFile encrypts and hashes as a run does, into a file.
type sealedFile struct {
	path      string
	recipient age.Recipient
	hashes    bool
	plain     int64
}

type counter struct {
	w io.Writer
	n *int64
}

func (c counter) Write(p []byte) (int, error) {
	*c.n += int64(len(p))
	return c.w.Write(p)
}

func (s *sealedFile) File(_ context.Context, _ string, write func(io.Writer) (int64, error)) error {
	f, err := os.Create(s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	var to io.Writer = f
	if s.hashes {
		to = io.MultiWriter(f, sha256.New())
	}
	envelope, err := delivery.Encrypt(to, []age.Recipient{s.recipient})
	if err != nil {
		return err
	}
	s.plain = 0
	into := io.Writer(counter{envelope, &s.plain})
	if s.hashes {
		into = io.MultiWriter(into, hmac.New(sha256.New, make([]byte, 32)))
	}
	if _, err := write(into); err != nil {
		return err
	}
	return envelope.Close()
}

// BenchmarkNationalDelivery writes, encrypts and hashes 3.6 million members. MB/s are of
// the plain file. Beside it: DuckDB alone writing the same rows in order and in clear, and age
// alone encrypting the same bytes.
func BenchmarkNationalDelivery(b *testing.B) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	db, dir := nationalVault(b)
	l, err := LoadLayout(DefaultLayout, "")
	if err != nil {
		b.Fatal(err)
	}
	d := Delivery{Layout: l, About: reports.About{ISIL: "NL-0823450000"}, Peildatum: asOf, Revision: 1}
	plain := filepath.Join(dir, "plain")
	b.Run("written, encrypted, hashed", func(b *testing.B) {
		out := &sealedFile{path: filepath.Join(dir, "out.age"), recipient: identity.Recipient(), hashes: true}
		used := processorTime(b)
		for b.Loop() {
			if n, err := d.WriteMembers(b.Context(), db, dir, out); err != nil || n != national {
				b.Fatal(n, err)
			}
		}
		b.SetBytes(out.plain)
		perProcessor(b, out.plain, used)
	})
	b.Run("sorted COPY alone", func(b *testing.B) {
		sorted := "COPY (SELECT birth_date, sex, last_on, 'NL-0823450000' AS isil, postcode, house_number, concat(house_letter, house_addition) AS addition, DATE '2025-01-01' AS peildatum FROM population ORDER BY ALL) TO " +
			engine.Literal(plain) + " (FORMAT csv, HEADER, DELIMITER ';', USE_TMP_FILE false)"
		used := processorTime(b)
		for b.Loop() {
			if err := db.Exec(b.Context(), sorted); err != nil {
				b.Fatal(err)
			}
		}
		info, err := os.Stat(plain)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(info.Size())
		perProcessor(b, info.Size(), used)
	})
	b.Run("age alone", func(b *testing.B) {
		f, err := os.Create(plain)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.WriteMembers(b.Context(), db, dir, plainFile{f}); err != nil {
			b.Fatal(err)
		}
		f.Close()
		out := &sealedFile{path: filepath.Join(dir, "out.age"), recipient: identity.Recipient()}
		used := processorTime(b)
		for b.Loop() {
			r, err := os.Open(plain)
			if err != nil {
				b.Fatal(err)
			}
			err = out.File(b.Context(), "", func(w io.Writer) (int64, error) { return io.CopyBuffer(struct{ io.Writer }{w}, r, make([]byte, 1<<20)) })
			r.Close()
			if err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(out.plain)
		perProcessor(b, out.plain, used)
	})
}

// processorTime is what this process used so far. On a machine with other work it tells
// more than the clock.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// perProcessor reports the plain megabytes that one second of one processor was enough for.
func perProcessor(b *testing.B, plain int64, before time.Duration) {
	b.ReportMetric(float64(plain)*float64(b.N)/1e6/(processorTime(b)-before).Seconds(), "MB/processor-s")
}

// plainFile is a sink of one file in clear.
type plainFile struct{ w io.Writer }

func (p plainFile) File(_ context.Context, _ string, write func(io.Writer) (int64, error)) error {
	_, err := write(p.w)
	return err
}
