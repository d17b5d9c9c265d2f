package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"peil/pipeline/delivery"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
	"peil/reports/newmembers"
	"peil/reports/quality"
	"peil/reports/wsob"
	"peil/transforms/disclosure/attack"
)

// What each public edition of new-members told that none before it had, in the order in which
// they came out: a later edition is rounded to agree with it and attacked together with it.
// It stands here before the edition is published, so that no published edition is missing.
const releasedFolder = "private/frozen/released/new-members"

const releasedCells = "cells.json.age"

// releasedManifest says what a release is of. It holds nothing of what was told.
type releasedManifest struct {
	Version int    `json:"version"`
	Period  string `json:"period"`
	KeyID   string `json:"key_id"`
}

// releases reads the releases that may hold months from a first one on.
func (r *run) releases(ctx context.Context, from time.Time) ([]newmembers.Release, error) {
	folders, err := published(ctx, r.store, releasedFolder)
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

// keepRelease stores a release, before its edition is published.
func (r *run) keepRelease(ctx context.Context, release newmembers.Release) error {
	folders, err := published(ctx, r.store, releasedFolder)
	if err != nil {
		return err
	}
	set, err := r.store.Stage(ctx, fmt.Sprintf("%s/%06d_%s", releasedFolder, len(folders)+1, release.Period))
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
	text, err := json.MarshalIndent(releasedManifest{ManifestVersion, release.Period, r.key.ID()}, "", "  ")
	if err != nil {
		return err
	}
	return set.Publish(ctx, append(text, '\n'))
}

// attackReleases has the attacker hold an edition against all before it, and against the
// yearly returns, and says what came of it. Nobody knows how editions without a release
// were rounded: they count as unsafe.
func (r *run) attackReleases(ctx context.Context, p *planned, from time.Time, earlier []newmembers.Release, made newmembers.Result) (map[string]any, error) {
	unknown, err := r.unrecorded(ctx, from, append(slices.Clone(earlier), made.Release))
	if err != nil {
		return nil, err
	}
	returns, err := r.newInReturns(ctx)
	if err != nil {
		return nil, err
	}
	var releases []attack.Release
	for _, e := range upTo(earlier, made.Release) {
		releases = append(releases, e.Release)
	}
	learnt, err := attack.Releases(ctx, releases, returns)
	if err != nil {
		return nil, fmt.Errorf("attack the public editions: %w", err)
	}
	var tables []string
	for _, e := range learnt.Exposed {
		if !slices.Contains(tables, e.Table) {
			tables = append(tables, e.Table)
		}
	}
	slices.Sort(tables)
	name := ""
	for _, t := range tables {
		name += " (" + t + ")"
	}
	r.addTo(p,
		quality.Require("new-members.attack", int64(len(learnt.Exposed)), []string{"new-members"},
			"Aantallen in de publieke edities samen die niet bewezen veilig zijn"+name+": %d.", "Counts that are not proven safe in the public editions taken together"+name+": %d."),
		quality.Require("new-members.releases", unknown, []string{"new-members"},
			"Eerdere publieke edities waarvan niet bekend is hoe zij zijn afgerond: %d.", "Earlier public editions of which is not known how they were rounded: %d."))
	return map[string]any{
		"editions": len(releases), "counts": learnt.Cells, "changes": learnt.Changes, "exposed": len(learnt.Exposed),
		"tables_exposed": append([]string{}, tables...), "narrowest_interval": learnt.Narrowest, "held_against": append([]string{}, learnt.Linked...),
	}, nil
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
func (r *run) unrecorded(ctx context.Context, from time.Time, releases []newmembers.Release) (n int64, err error) {
	_, manifests, err := publications(ctx, r.store, "public/new-members")
	if err != nil {
		return 0, err
	}
	for _, m := range manifests {
		known := slices.ContainsFunc(releases, func(r newmembers.Release) bool { return r.Period == m.Period })
		if m.Period >= from.Format("2006-01") && !known {
			n++
		}
	}
	return n, nil
}

// newInReturns are the new members of the years whose return is public, where that has them
// exactly.
func (r *run) newInReturns(ctx context.Context) ([]attack.Exact, error) {
	folders, manifests, err := publications(ctx, r.store, "public/wsob")
	if err != nil {
		return nil, err
	}
	var all []attack.Exact
	for i, folder := range folders {
		text, err := store.ReadFile(ctx, r.store, path.Join(folder, "wsob.json"))
		if err != nil {
			return nil, fmt.Errorf("read the return of %s: %w", manifests[i].Period, err)
		}
		var made wsob.Return
		if err := json.Unmarshal(text, &made); err != nil {
			return nil, fmt.Errorf("read the return of %s: it is damaged: %w", manifests[i].Period, err)
		}
		n, exact := made.NewMembers()
		if !exact {
			continue
		}
		e := attack.Exact{Where: "wsob/" + manifests[i].Period, Figure: "new", Count: n}
		for m := time.January; m <= time.December; m++ {
			e.Periods = append(e.Periods, time.Date(made.Year, m, 1, 0, 0, 0, 0, time.UTC).Format("2006-01"))
		}
		all = append(all, e)
	}
	return all, nil
}
