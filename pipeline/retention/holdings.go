package retention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/store"
	"peil/transforms"
)

// Kinds of what the store holds about persons.
const (
	MemberFile      = "member file"      // of a delivery to CBS
	InternalEdition = "internal edition" // exact counts, also small ones
	MemberState     = "state"            // keyed rows of a snapshot
	FirstLoans      = "first loans"      // keyed markers of the first loans of a year
	FrozenFigures   = "frozen figures"   // aggregates of a closed month
	MemberSet       = "member set"       // who was in a delivery, keyed
	Extract         = "extract"          // sealed rows of the source, kept for the next run
	Leftover        = "leftover"         // a file that no manifest names
)

// Holding is one thing in the store that is about persons.
type Holding struct {
	Name string `json:"name"` // of the folder or object
	Kind string `json:"kind"`
	// Of is the day that it speaks of: nobody in it had left before.
	Of        string         `json:"of,omitempty"`
	KeptUntil string         `json:"kept_until,omitempty"` // the last day on which it may be there
	Files     []archive.File `json:"files,omitempty"`      // that are removed with it

	past     bool
	manifest *archive.Manifest // of an edition
}

// goes says whether the holding goes as a whole once it is past its day.
func (h Holding) goes() bool { return h.Kind != FrozenFigures }

// holdings are all that the store has about persons. unknown are objects of which nobody
// can say what they hold.
type holdings struct {
	all     []Holding
	objects int
	unknown []string
}

// cutoffs are the days before which membership must have ended for a thing to go.
type cutoffs struct {
	today, contact, loans, sets time.Time
}

func cutoffsOn(c *config.Config, now time.Time) cutoffs {
	today := archive.Midnight(now.In(c.Location()))
	before := func(m config.Months) time.Time { return transforms.AddMonths(today, -int(m)) }
	return cutoffs{today: today, contact: before(c.Retention.Contact), loans: before(c.Retention.Loans), sets: before(c.Retention.MemberSets)}
}

// What lies under these names says nothing about a person, or is kept for as long as a
// right of the person lasts.
var impersonal = []string{archive.ReleasedFolder + "/", "private/runs/", "private/purges/", "private/rights/", "private/ledger/"}

var (
	anyDay       = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)
	memberSetsIn = delivery.SetFolder + "/"
)

// holdingsOf lists what a store holds about persons. A name that the list does not know is
// unknown, so that no new kind of thing is overlooked.
func holdingsOf(ctx context.Context, s store.Store, on cutoffs, months config.Retention) (*holdings, error) {
	objects, err := s.List(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("list the store: %w", err)
	}
	h := &holdings{objects: len(objects)}
	byFolder := map[string][]store.Info{}
	var folders []string
	for _, o := range objects {
		dir := path.Dir(o.Name)
		if byFolder[dir] == nil {
			folders = append(folders, dir)
		}
		byFolder[dir] = append(byFolder[dir], o)
	}
	for _, folder := range folders {
		if err := h.look(ctx, s, folder, byFolder[folder], on, months); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func (h *holdings) look(ctx context.Context, s store.Store, folder string, objects []store.Info, on cutoffs, months config.Retention) error {
	within := func(prefix string) bool { return strings.HasPrefix(folder+"/", prefix) }
	switch {
	case within(memberSetsIn):
		for _, o := range objects {
			h.add(Holding{Name: o.Name, Kind: MemberSet, Of: anyDay.FindString(path.Base(o.Name)), Files: []archive.File{{Name: path.Base(o.Name), Bytes: o.Size}}}, on.sets, months.MemberSets)
		}
	case slices.ContainsFunc(impersonal, within), folder == "public", folder == "private":
	case folder == archive.ExtractFolder:
		return h.lookExtract(ctx, s, objects, on)
	case strings.HasPrefix(folder, archive.FirstsPrefix):
		var m archive.FirstsManifest
		if err := readJSON(ctx, s, path.Join(folder, store.ManifestName), &m); err != nil {
			return err
		}
		h.add(Holding{Name: folder, Kind: FirstLoans, Of: m.AsOf, Files: files(objects)}, on.loans, months.Loans)
	case within(archive.StateFolder + "/"):
		h.add(Holding{Name: folder, Kind: MemberState, Of: path.Base(folder), Files: files(objects)}, on.contact, months.Contact)
	case within(archive.ClosedFolder + "/"), within(archive.BorrowersFolder + "/"):
		// counts of a branch by youth and adult: nobody's characteristics together
	case within(path.Dir(archive.FrozenFolder) + "/"):
		h.addFrozen(folder, on, months)
	case slices.Contains(config.OutputNames, outputOf(folder)):
		return h.lookEdition(ctx, s, folder, objects, on, months)
	default:
		for _, o := range objects {
			h.unknown = append(h.unknown, o.Name)
		}
	}
	return nil
}

// lookExtract looks at the rows that a run kept of the source, which end by days.
func (h *holdings) lookExtract(ctx context.Context, s store.Store, objects []store.Info, on cutoffs) error {
	one := Holding{Name: archive.ExtractFolder, Kind: Extract, Files: files(objects), past: true}
	var m struct{ At time.Time }
	if err := readJSON(ctx, s, path.Join(archive.ExtractFolder, store.ManifestName), &m); err != nil {
		return err
	}
	if !m.At.IsZero() {
		until := m.At.AddDate(0, 0, archive.ExtractDays)
		one.Of, one.KeptUntil, one.past = m.At.Format(time.DateOnly), until.Format(time.DateOnly), until.Before(on.today)
	}
	h.all = append(h.all, one)
	return nil
}

// readJSON reads a small object; one that is not there leaves v as it is.
func readJSON(ctx context.Context, s store.Store, name string, v any) error {
	text, err := store.ReadFile(ctx, s, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// outputOf is the output that a folder is of, by its place.
func outputOf(folder string) string {
	parts := strings.Split(folder, "/")
	if len(parts) < 3 || parts[0] != "public" && parts[0] != "private" {
		return ""
	}
	return parts[1]
}

// lookEdition looks at the folder of an output: what its manifest does not name was left
// by a run that died.
func (h *holdings) lookEdition(ctx context.Context, s store.Store, folder string, objects []store.Info, on cutoffs, months config.Retention) error {
	m, err := archive.ReadManifest(ctx, s, folder)
	if err != nil {
		return err
	}
	if m == nil {
		m = &archive.Manifest{}
	}
	var left []store.Info
	for _, o := range objects {
		name := path.Base(o.Name)
		if name != store.ManifestName && !slices.ContainsFunc(m.Files, func(f archive.File) bool { return f.Name == name }) {
			left = append(left, o)
		}
	}
	for _, o := range left {
		h.all = append(h.all, Holding{Name: o.Name, Kind: Leftover, Files: []archive.File{{Name: path.Base(o.Name), Bytes: o.Size}}, past: true})
	}
	switch {
	case m.Edition == "personal" && len(m.Files) > 0:
		of := m.Peildatum
		if of == "" {
			of = m.AsOf
		}
		h.add(Holding{Name: folder, Kind: MemberFile, Of: of, Files: m.Files, manifest: m}, on.contact, months.Contact)
	case m.Edition == "internal":
		h.add(Holding{Name: folder, Kind: InternalEdition, Of: m.AsOf, Files: m.Files, manifest: m}, on.loans, months.Loans)
	case m.Edition == "personal" || m.Edition == "public" || m.Version == 0:
	default:
		h.unknown = append(h.unknown, folder+"/"+store.ManifestName)
	}
	return nil
}

// add puts a holding on the list. Without a day that can be read it is unknown.
func (h *holdings) add(one Holding, cutoff time.Time, months config.Months) {
	of, err := time.Parse(time.DateOnly, one.Of)
	if err != nil {
		h.unknown = append(h.unknown, one.Name)
		return
	}
	one.KeptUntil = transforms.AddMonths(of, int(months)).Format(time.DateOnly)
	one.past = of.Before(cutoff)
	h.all = append(h.all, one)
}

// addFrozen puts the figures of a closed month, or of another period, on the list.
func (h *holdings) addFrozen(folder string, on cutoffs, months config.Retention) {
	of := path.Base(folder)
	if month, err := time.Parse("2006-01", of); err == nil {
		of = month.AddDate(0, 1, -1).Format(time.DateOnly)
	} else if _, err := time.Parse(time.DateOnly, of); err != nil {
		return // no month: nothing by characteristics of persons is frozen there
	}
	h.add(Holding{Name: folder, Kind: FrozenFigures, Of: of}, on.loans, months.Loans)
}

func files(objects []store.Info) []archive.File {
	var all []archive.File
	for _, o := range objects {
		if path.Base(o.Name) != store.ManifestName {
			all = append(all, archive.File{Name: path.Base(o.Name), Bytes: o.Size})
		}
	}
	return all
}
