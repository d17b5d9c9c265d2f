package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"peil/pipeline/store"
)

// The state is what one snapshot must tell the next: at which branch each member was,
// when a deletion first showed, which moves were seen. Members are named by keyed
// pseudonyms; the files are sealed under the library's key.

const (
	StateMembers = "members.csv.age"
	StateMoves   = "moves.csv.age"

	FirstsMarkers = "markers.csv.age"
)

// The columns of a state's files, as DuckDB reads them. until is the last day of membership;
// a row without a branch marks a member of whom retention allows no more than that the
// source has called them deleted since a day: without it they would leave once more.
const (
	StateMembersRead  = `read_csv(%s, auto_detect=false, header=false, delim=',', quote='"', null_padding=true, columns={'pid':'UUID','branch':'VARCHAR','deleted_on':'DATE','until':'DATE'})`
	FirstsMarkersRead = `read_csv(%s, auto_detect=false, header=false, delim=',', quote='"', columns={'pid':'UUID','quarter':'DATE','month':'DATE'})`
	StateMovesRead    = `read_csv(%s, auto_detect=false, header=false, delim=',', quote='"', columns={'pid':'UUID','on_date':'DATE','from_branch':'VARCHAR'})`
)

// StateManifest says what a state is of.
type StateManifest struct {
	Version int    `json:"version"`
	KeyID   string `json:"key_id"`
	// Since is the first snapshot of the unbroken series that ends with this one: a move
	// after it has been seen.
	Since string `json:"since"`
}

// LastState finds the folder of the last state before a day; empty if there is none.
func LastState(ctx context.Context, s store.Store, before time.Time) (string, error) {
	folders, err := Folders(ctx, s, StateFolder)
	if err != nil {
		return "", err
	}
	last := ""
	for _, f := range folders {
		if path.Base(f) < before.Format(time.DateOnly) {
			last = f
		}
	}
	return last, nil
}

// DropOldStates removes states that are older than retention allows.
func DropOldStates(ctx context.Context, s store.Store, cutoff time.Time) error {
	folders, err := Folders(ctx, s, StateFolder)
	if err != nil {
		return err
	}
	for _, f := range folders {
		if path.Base(f) < cutoff.Format(time.DateOnly) {
			if err := store.RemoveAll(ctx, s, f); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove state of %s: %w", path.Base(f), err)
			}
		}
	}
	return nil
}

// FirstsManifest says what markers are of.
type FirstsManifest struct {
	Version int    `json:"version"`
	KeyID   string `json:"key_id"`
	AsOf    string `json:"as_of"`
}

// DropOldFirsts removes the markers of years before the open one: their borrowers are frozen.
func DropOldFirsts(ctx context.Context, s store.Store, open int) error {
	folders, err := Folders(ctx, s, StateFolder)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		year, found := strings.CutPrefix(folder, FirstsPrefix)
		if found && year < fmt.Sprint(open) {
			if err := store.RemoveAll(ctx, s, folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove the first loans of %s: %w", year, err)
			}
		}
	}
	return nil
}
