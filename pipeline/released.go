package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
	"peil/reports/newmembers"
	"peil/reports/quality"
	"peil/reports/render"
	"peil/reports/risk"
	"peil/transforms/disclosure/attack"
)

// What each public edition of new-members told that none before it had, in the order in which
// they came out: a later edition is rounded to agree with it and attacked together with it.
// It stands here before the edition is published, so that no published edition is missing.

const releasedCells = "cells.json.age"

// releasedManifest says what a release is of. It holds nothing of what was told.
type releasedManifest struct {
	Version int    `json:"version"`
	Period  string `json:"period"`
	KeyID   string `json:"key_id"`
}

// releases reads the releases that may hold months from a first one on.
func (r *run) releases(ctx context.Context, from time.Time) ([]newmembers.Release, error) {
	folders, err := archive.Folders(ctx, r.store, archive.ReleasedFolder)
	if err != nil {
		return nil, err
	}
	var all []newmembers.Release
	for _, folder := range folders {
		var m releasedManifest
		text, err := store.ReadFile(ctx, r.store, path.Join(folder, store.ManifestName))
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err == nil {
			err = archive.CheckVersion("manifest of "+folder, m.Version, archive.ManifestVersion)
		}
		if err != nil {
			return nil, fmt.Errorf("read manifest of %s: %w", folder, err)
		}
		if m.Period < from.Format("2006-01") {
			continue
		}
		release := newmembers.Release{}
		if err := r.readSealed(ctx, path.Join(folder, releasedCells), &release); err != nil {
			return nil, err
		}
		all = append(all, release)
	}
	return all, nil
}

func (r *run) readSealed(ctx context.Context, name string, into any) error {
	sealed, err := r.store.Open(ctx, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	defer sealed.Close()
	plain, err := delivery.Open(sealed, r.key.Derive(pseudonym.Sealing))
	if errors.Is(err, delivery.ErrWrongKey) {
		return exit.With(exit.Usage, fmt.Errorf("read %s: %w; use the key that this store was begun with (this is key %s), or begin a new store", name, err, r.key.ID()))
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	text, err := io.ReadAll(plain)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// keepRelease stores a release, before its edition is published, unless it tells nothing that
// an earlier one of the same period did not.
func (r *run) keepRelease(ctx context.Context, earlier []newmembers.Release, release newmembers.Release) error {
	if len(upTo(earlier, release)) <= len(earlier) {
		return nil
	}
	folders, err := archive.Folders(ctx, r.store, archive.ReleasedFolder)
	if err != nil {
		return err
	}
	set, err := r.store.Stage(ctx, fmt.Sprintf("%s/%06d_%s", archive.ReleasedFolder, len(folders)+1, release.Period))
	if err != nil {
		return err
	}
	defer set.Discard()
	w, err := set.Create(ctx, releasedCells)
	if err != nil {
		return err
	}
	defer w.Abort()
	envelope, err := delivery.Seal(w, r.key.Derive(pseudonym.Sealing))
	if err != nil {
		return err
	}
	if err := json.NewEncoder(envelope).Encode(release); err != nil {
		return err
	}
	if err := envelope.Close(); err != nil {
		return err
	}
	if err := w.Commit(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(releasedManifest{archive.ManifestVersion, release.Period, r.key.ID()}, "", "  ")
	if err != nil {
		return err
	}
	return set.Publish(ctx, append(text, '\n'))
}

// attackEdition has the attacker hold an edition of new-members against all before it and
// against the yearly returns, and says what came of it: in a check, in the report on risk
// that stands in the internal edition, and in what it returns for the manifest. Nobody knows
// how editions without a release were rounded: they count as unsafe.
func (r *run) attackEdition(ctx context.Context, p *planned, earlier []newmembers.Release, made newmembers.Result, internal *staged) (map[string]any, error) {
	unknown, err := r.unrecorded(ctx, p.params.MonthsFrom, earlier, made.Release.Period)
	if err != nil {
		return nil, err
	}
	returns, err := r.knownByReturns(ctx, p, p.params.MonthsFrom.Year())
	if err != nil {
		return nil, err
	}
	editions := upTo(earlier, made.Release)
	// A return may come out after the edition: what manifest and report tell of the attack
	// must not hang on that.
	learnt, err := attackEditions(ctx, editions, nil)
	if err != nil {
		return nil, err
	}
	withReturns := learnt
	if len(returns) > 0 {
		if withReturns, err = attackEditions(ctx, editions, returns); err != nil {
			return nil, err
		}
	}
	r.checkLearnt(p, withReturns)
	r.protects(p, quality.Require("new-members.releases", unknown, []string{"new-members"},
		"Eerdere publieke edities waarvan niet bekend is hoe zij zijn afgerond: %d.", "Earlier public editions of which is not known how they were rounded: %d."))
	found := &risk.Editions{
		Threshold: int64(r.c.Protection.Threshold), LargestDeviation: made.Deviation, Together: made.GroupedBranches, Branches: made.Branches,
		Editions: len(editions), Counts: learnt.Cells, Changes: learnt.Changes, Exposed: len(learnt.Exposed), In: exposedTables(learnt), Narrowest: learnt.Narrowest,
	}
	for _, t := range made.Tables {
		found.Tables = append(found.Tables, risk.Inner(t))
	}
	return map[string]any{"editions": found.Editions, "counts": found.Counts, "changes": found.Changes, "exposed": found.Exposed},
		r.stageRisk(ctx, internal, &risk.Report{Mode: "editions", Output: p.folders[0], Editions: found})
}

// stageRisk stages the report on risk, for programs and for people.
func (r *run) stageRisk(ctx context.Context, s *staged, report *risk.Report) error {
	if err := s.File(ctx, "risk.json", func(w io.Writer) (int64, error) { return 0, report.WriteJSON(w) }); err != nil {
		return err
	}
	return s.File(ctx, "risk.html", func(w io.Writer) (int64, error) {
		return 0, render.WriteHTML(w, report.Document(render.Language(r.c.Library.Language), r.plan.params.AsOf))
	})
}

// exposedTables names the tables with cells that are not proven safe.
func exposedTables(l *attack.Learnt) []string {
	tables := []string{}
	for _, e := range l.Exposed {
		if name := e.Table(); !slices.Contains(tables, name) {
			tables = append(tables, name)
		}
	}
	slices.Sort(tables)
	return tables
}

func attackEditions(ctx context.Context, editions []newmembers.Release, returns []returned) (*attack.Learnt, error) {
	var told []attack.Release
	for _, e := range editions {
		told = append(told, e.Release)
	}
	var exact []attack.Exact
	if len(editions) > 0 {
		for _, ret := range returns {
			for _, e := range ret.exact(editions[len(editions)-1]) {
				exact = attack.Tell(exact, e)
			}
		}
	}
	learnt, err := attack.Releases(ctx, told, exact)
	if err != nil {
		return nil, fmt.Errorf("attack the public editions: %w", err)
	}
	return learnt, nil
}

// checkLearnt adds a check that names the tables that are not proven safe.
func (r *run) checkLearnt(p *planned, learnt *attack.Learnt) {
	name := ""
	if tables := exposedTables(learnt); len(tables) > 0 {
		name = " (" + strings.Join(tables, ", ") + ")"
	}
	r.protects(p, quality.Require(p.Output+".attack", int64(len(learnt.Exposed)), []string{p.Output},
		"Aantallen die niet bewezen veilig zijn als alles wat openbaar is naast elkaar ligt"+name+": %d.", "Counts that are not proven safe once everything public is laid side by side"+name+": %d."))
}

// upTo are the releases that came out before this one and this one. An edition that tells
// nothing new came out before: those after it do not matter to it.
func upTo(earlier []newmembers.Release, release newmembers.Release) []newmembers.Release {
	if len(release.Cells) == 0 {
		for i := len(earlier) - 1; i >= 0; i-- {
			if earlier[i].Period == release.Period {
				return earlier[:i+1]
			}
		}
	}
	return append(slices.Clone(earlier), release)
}

// unrecorded counts the public editions from a month on that have no release.
func (r *run) unrecorded(ctx context.Context, from time.Time, releases []newmembers.Release, period string) (n int64, err error) {
	_, manifests, err := archive.Publications(ctx, r.store, "public/new-members")
	if err != nil {
		return 0, err
	}
	for _, m := range manifests {
		known := func(r newmembers.Release) bool { return r.Period == m.Period }
		if m.Period >= from.Format("2006-01") && m.Period != period && !slices.ContainsFunc(releases, known) {
			n++
		}
	}
	return n, nil
}
