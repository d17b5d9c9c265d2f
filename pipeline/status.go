package pipeline

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/dispatch"
	"peil/pipeline/intake"
	"peil/pipeline/source"
	"peil/pipeline/store"
	"peil/pipeline/workdir"
)

// Existing is one published period of an output.
type Existing struct {
	Output  string `json:"output"`
	Period  string `json:"period"`
	Edition string `json:"edition"`
	Folder  string `json:"folder"`
	AsOf    string `json:"as_of"`
	Files   int    `json:"files"`
	Bytes   int64  `json:"bytes"`
	// Delivery is delivered, awaiting approval, failed, unknown or not sent; empty where no
	// destination is configured.
	Delivery string `json:"delivery,omitempty"`
}

// What else can be told of a delivery.
const (
	NotSent = "not sent"
	Unknown = "unknown" // the run that sent it died; nobody has looked since
)

// State is what a store holds and what there is to do.
type State struct {
	Store   string     `json:"store"`
	Outputs []Existing `json:"-"`
	LastRun *LastRun   `json:"last_run"` // null: nothing has been run yet
	Due     []Task     `json:"due"`
	// Upcoming is when each output of the calendar is due next.
	Upcoming []Upcoming  `json:"upcoming"`
	Source   []Freshness `json:"source"`
	Use      Use         `json:"use"`
}

// LastRun is what became of the run that began last.
type LastRun struct {
	Run   string `json:"run"`
	Begun string `json:"begun"`
	// State is running (or killed), done or failed.
	State    string   `json:"state"`
	Error    string   `json:"error,omitempty"`
	Withheld []string `json:"withheld,omitempty"` // "OUTPUT PERIOD" each
	Resume   string   `json:"resume,omitempty"`   // command that goes on with it
}

// Freshness is how recent a table of the source is.
type Freshness struct {
	Table string `json:"table"`
	// At is when the newest of its files was written, or the configured day of the export;
	// empty: a database, read as it is at the time of the run.
	At    string `json:"at,omitempty"`
	Stale bool   `json:"stale"` // a period that is due lasted longer
}

// Use is what the store takes, in objects and bytes, by part; Free is the room on its disk,
// 0 where that is a bucket's.
type Use struct {
	Objects int              `json:"objects"`
	Bytes   int64            `json:"bytes"`
	Parts   map[string]int64 `json:"parts"` // bytes, by "public/kb", "private/cbs", ...
	Free    int64            `json:"free,omitempty"`
}

// Status says what a store holds, what is due by o.AsOf, what became of the last run, and
// how fresh the source is. It reads no output and no row. Of the options Config, AsOf, Env
// and Now count.
func Status(ctx context.Context, o Options) (*State, error) {
	s, err := o.openStore(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	key, err := archive.LoadKey(ctx, o.Config, o.Env)
	if err != nil {
		return nil, err
	}
	ledger := archive.LedgerOf(s, key, o.Env, o.Now)
	st := &State{Store: s.Location(), Due: []Task{}, Upcoming: upcoming(o.Config, o.AsOf)}
	h, err := readHistory(ctx, o.Config, s, ledger)
	if err != nil {
		return nil, err
	}
	st.Due = append(st.Due, h.due(o.Config, o.AsOf)...)
	for _, step := range []func() error{
		func() error { return st.exist(ctx, o, s, ledger) },
		func() error { return st.lastRun(ctx, s) },
		func() error { return st.fresh(ctx, o) },
		func() error { return st.used(ctx, s) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return st, nil
}

func (st *State) exist(ctx context.Context, o Options, s store.Store, ledger *delivery.Ledger) error {
	folders, manifests, err := archive.Publications(ctx, s, "public", "private")
	if err != nil {
		return err
	}
	entries, _, err := ledger.Entries(ctx)
	if err != nil {
		return err
	}
	for i, m := range manifests {
		e := Existing{Output: m.Output, Period: m.Period, Edition: m.Edition, Folder: folders[i], AsOf: m.AsOf, Files: len(m.Files)}
		for _, f := range m.Files {
			e.Bytes += f.Bytes
		}
		if to, addressed := o.Config.Deliver[m.Output]; addressed && m.Edition != "internal" {
			p := dispatch.Parcel{Folder: folders[i], Manifest: m}
			if err := p.Know(ctx, s, entries); err != nil {
				return err
			}
			e.Delivery = became(p.State, to.Approve == "automatic")
		}
		st.Outputs = append(st.Outputs, e)
	}
	return nil
}

// became says how far a delivery is.
func became(s delivery.State, automatic bool) string {
	switch {
	case s.Last != nil && s.Result == nil:
		return Unknown
	case s.Delivered():
		return dispatch.Delivered
	case s.Last != nil:
		return dispatch.DeliveryFailed
	case !automatic && s.Approved == nil:
		return dispatch.AwaitingApproval
	}
	return NotSent
}

func (st *State) lastRun(ctx context.Context, s store.Store) error {
	runs, err := s.List(ctx, archive.RunsFolder)
	if err != nil || len(runs) == 0 {
		return err
	}
	r, err := ReadRecord(ctx, s, strings.TrimSuffix(path.Base(runs[len(runs)-1].Name), ".json"))
	if err != nil {
		return err
	}
	st.LastRun = &LastRun{Run: r.Run, Begun: r.Begun, State: r.State, Error: r.Error}
	for _, out := range r.Outputs {
		if out.Status == Withheld {
			st.LastRun.Withheld = append(st.LastRun.Withheld, out.Name+" "+out.Period)
		}
	}
	if r.State != Done && len(r.Outputs) > 0 {
		st.LastRun.Resume = "peil run --resume " + r.Run
	}
	return nil
}

func (st *State) fresh(ctx context.Context, o Options) error {
	times, err := intake.Written(ctx, o.Config)
	if err != nil {
		return err
	}
	on, err := intake.Exported(ctx, o.Config)
	if err != nil {
		return err
	}
	if configured := o.Config.Source.SnapshotOn; !configured.IsZero() {
		times = map[string]time.Time{source.Members: configured.Time, source.Loans: configured.Time}
	}
	stale := slices.ContainsFunc(st.Due, func(t Task) bool {
		return t.Do == Make && archive.Whole(t.Output) && !on.IsZero() && t.period.Until.After(on)
	})
	if len(times) == 0 {
		st.Source = append(st.Source, Freshness{Table: "all"})
	}
	for _, table := range slices.Sorted(maps.Keys(times)) {
		st.Source = append(st.Source, Freshness{Table: table, At: times[table].In(o.Config.Location()).Format(time.RFC3339), Stale: stale})
	}
	return nil
}

func (st *State) used(ctx context.Context, s store.Store) error {
	objects, err := s.List(ctx, "")
	if err != nil {
		return fmt.Errorf("see what the store takes: %w", err)
	}
	st.Use = Use{Objects: len(objects), Parts: map[string]int64{}}
	for _, o := range objects {
		elements := strings.SplitN(o.Name, "/", 3)
		st.Use.Bytes += o.Size
		st.Use.Parts[strings.Join(elements[:max(1, len(elements)-1)], "/")] += o.Size
	}
	if !strings.Contains(s.Location(), "://") {
		st.Use.Free = workdir.Room(s.Location())
	}
	return nil
}
