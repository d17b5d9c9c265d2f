package pipeline

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
)

// FrozenMonths are the months whose figures were put aside.
type FrozenMonths struct {
	Run    string   `json:"run,omitempty"`
	Months []string `json:"months"`         // that were frozen, as 2024-12
	Kept   []string `json:"kept,omitempty"` // that were frozen before, and not replaced
}

// Freeze reads the source, makes no output, and keeps the figures of the closed months.
// Of the options Periods must be empty and not nil.
func Freeze(ctx context.Context, o Options) (*FrozenMonths, error) {
	s, err := Run(ctx, o)
	if err != nil {
		return nil, err
	}
	if len(s.Frozen) == 0 {
		return nil, exit.With(exit.Withheld, fmt.Errorf("freeze: nothing is frozen: a check of the source failed, or no month is complete: see run %s", s.Run))
	}
	return &FrozenMonths{Run: s.Run, Months: s.Frozen}, nil
}

var importColumns = []string{"month", "branch", "item", "age_group", "persons"}

// ImportFrozen takes the members of earlier months from a CSV file, for the yearly return. A
// month that a run has frozen stays as it is.
func ImportFrozen(ctx context.Context, o Options, file string) (*FrozenMonths, error) {
	rows, err := readImport(file)
	if err != nil {
		return nil, err
	}
	key, err := archive.LoadKey(ctx, o.Config, o.Env)
	if err != nil {
		return nil, err
	}
	s, err := o.openStore(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	id, err := archive.NewName(o.Now(), o.Random)
	if err != nil {
		return nil, err
	}
	done := &FrozenMonths{Months: []string{}}
	return done, archive.Locked(ctx, s, id, o.Now(), func(ctx context.Context) error {
		for _, month := range slices.Sorted(maps.Keys(rows)) {
			kept, err := importMonth(ctx, s, key, month, o.AsOf.Format(time.DateOnly), rows[month])
			if err != nil {
				return fmt.Errorf("import the figures of %s: %w", month, err)
			}
			if kept {
				done.Kept = append(done.Kept, month)
			} else {
				done.Months = append(done.Months, month)
			}
		}
		return nil
	})
}

// readImport reads and checks the rows of a file, by month.
func readImport(file string) (map[string][][]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, exit.Usagef("--import: %w", err)
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.FieldsPerRecord = len(importColumns)
	heading, err := in.Read()
	if err != nil || !slices.Equal(heading, importColumns) {
		return nil, exit.Usagef("--import %s, line 1: the heading must be %s", file, strings.Join(importColumns, ","))
	}
	rows := map[string][][]string{}
	for {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		line, _ := in.FieldPos(0)
		if err == nil {
			err = checkImported(row)
		}
		if err != nil {
			return nil, exit.Usagef("--import %s, line %d: %w", file, line, err)
		}
		month := row[0]
		rows[month] = append(rows[month], append([]string{month + "-01", strings.ToUpper(strings.TrimSpace(row[1]))}, row[2:]...))
	}
	if len(rows) == 0 {
		return nil, exit.Usagef("--import %s: there is no row in it", file)
	}
	return rows, nil
}

func checkImported(row []string) error {
	if m, err := time.Parse("2006-01", row[0]); err != nil || m.Format("2006-01") != row[0] {
		return fmt.Errorf("month %q: write it as 2023-04", row[0])
	}
	for i, allowed := range map[int][]string{2: {"members", "new", "re_registered", "lapsed"}, 3: {"youth", "adult", "unknown"}} {
		if !slices.Contains(allowed, row[i]) {
			return fmt.Errorf("%s %q: use one of %s", importColumns[i], row[i], strings.Join(allowed, ", "))
		}
	}
	if n, err := strconv.ParseInt(row[4], 10, 64); err != nil || n < 0 {
		return fmt.Errorf("persons %q: write a whole number from 0", row[4])
	}
	return nil
}

// importMonth seals the rows of a month, unless a run froze it.
func importMonth(ctx context.Context, s store.Store, key pseudonym.Key, month, asOf string, rows [][]string) (kept bool, err error) {
	folder := path.Join(archive.ClosedFolder, month)
	before, err := archive.ReadFrozen(ctx, s, folder)
	if err == nil && !before.Imported {
		return true, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	set, err := s.Stage(ctx, folder)
	if err != nil {
		return false, err
	}
	defer set.Discard()
	w, err := set.Create(ctx, closedTables[0].Name+".csv.age")
	if err != nil {
		return false, err
	}
	defer w.Abort()
	envelope, err := delivery.Seal(w, key.Derive(pseudonym.Sealing))
	if err != nil {
		return false, err
	}
	if err := csv.NewWriter(envelope).WriteAll(rows); err != nil {
		return false, err
	}
	if err := errors.Join(envelope.Close(), w.Commit()); err != nil {
		return false, err
	}
	text, err := archive.FrozenManifest{Version: archive.ManifestVersion, Month: month, AsOf: asOf, KeyID: key.ID(), Imported: true}.Encode()
	if err != nil {
		return false, err
	}
	return false, set.Publish(ctx, text)
}
