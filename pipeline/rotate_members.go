package pipeline

import (
	"context"
	"fmt"
	"path"

	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
	"peil/transforms"
	"peil/transforms/parse"
)

// members gives the members in Peil's memory new names, or forgets them.
func (r *rotation) members(ctx context.Context) error {
	folders, err := r.states(ctx)
	if err != nil {
		return err
	}
	if !r.o.KeepLinks {
		for _, folder := range folders {
			if err := store.RemoveAll(ctx, r.store, folder); err != nil {
				return err
			}
			r.done.Forgotten++
		}
		return nil
	}
	vault, err := r.readMembers(ctx)
	if err != nil {
		return err
	}
	defer vault.Close()
	for _, folder := range folders {
		if err := r.renameState(ctx, vault, folder); err != nil {
			return fmt.Errorf("rename the members in %s: %w", folder, err)
		}
	}
	return nil
}

// readMembers reads who is in the source now into a vault: only who knows the numbers of
// the members can name them by another key.
func (r *rotation) readMembers(ctx context.Context) (vault *engine.DB, err error) {
	s, err := openSource(ctx, r.c, r.work.path, r.o.Env)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	now := r.o.Now().In(r.c.Location())
	p, err := newPlan(r.c, nil, midnight(now), s)
	if err != nil {
		return nil, err
	}
	vault, err = engine.Open(ctx, engine.Options{
		Memory: (r.c.Limits.Memory / 5 * 4).MiB(), Threads: r.c.Limits.Threads, Dirs: []string{r.work.path}, ReadPaths: s.Paths(), KeepJoinOrder: true,
	})
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return parse.Install(ctx, vault, r.c.Library.Timezone) },
		func() error { return r.old.Install(vault, pseudonym.Register) },
		func() error {
			return pseudonym.InstallFunction(vault, "next_pseudonym", r.new.Derive(pseudonym.Register))
		},
		func() error { return p.params.Install(ctx, vault) },
		func() error { return transforms.CreatePrior(ctx, vault) },
		func() error { return vault.Lock(ctx) },
		func() error {
			models, err := withCodes(ctx, vault, codesOf(r.c, s), transforms.Vault())
			if err == nil {
				_, err = transforms.Run(ctx, vault, models, s.Tables(), func(transforms.Step) {})
			}
			return err
		},
		func() error {
			return vault.Exec(ctx, "CREATE TABLE renamed AS SELECT pid, next_pseudonym(person_key) AS next FROM pids JOIN person_keys USING (mk)")
		},
	} {
		if err := step(); err != nil {
			vault.Close()
			return nil, fault(err)
		}
	}
	return vault, nil
}

// renameState writes a state anew with the names of the new key, without those whom the
// source does not know any more: nothing can tell what they would be called.
func (r *rotation) renameState(ctx context.Context, vault *engine.DB, folder string) error {
	manifest, err := store.ReadFile(ctx, r.store, path.Join(folder, store.ManifestName))
	if err != nil {
		return err
	}
	set, err := r.store.Stage(ctx, folder)
	if err != nil {
		return err
	}
	defer set.Discard()
	for name, read := range map[string]string{stateMembers: stateMembersRead, stateMoves: stateMovesRead} {
		if err := unseal(ctx, r.store, vault, r.work.path, r.old, path.Join(folder, name), "CREATE OR REPLACE TABLE before AS SELECT * FROM "+read); err != nil {
			return err
		}
		const query = "SELECT n.next AS pid, b.* EXCLUDE (pid) FROM before b JOIN renamed n USING (pid) ORDER BY ALL"
		if err := sealed(ctx, set, vault, r.work.path, r.new, name, query); err != nil {
			return err
		}
		if name != stateMembers {
			continue
		}
		for count, of := range map[*int64]string{&r.done.Moved: "SEMI", &r.done.Dropped: "ANTI"} {
			n, err := vault.Count(ctx, "SELECT count(*) FROM before "+of+" JOIN renamed USING (pid)")
			if err != nil {
				return err
			}
			*count += n
		}
	}
	r.done.Resealed += 2
	return set.Publish(ctx, r.renamed(manifest))
}
