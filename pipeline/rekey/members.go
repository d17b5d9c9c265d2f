package rekey

import (
	"context"
	"errors"
	"fmt"
	"path"

	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/pipeline/intake"
	"peil/pipeline/pseudonym"
	"peil/pipeline/rights"
	"peil/pipeline/store"
	"peil/transforms"
	"peil/transforms/parse"
)

// members gives the members in Peil's memory new names, or forgets them. The register of
// rights goes on to work either way.
func (r *rotation) members(ctx context.Context) error {
	folders, err := r.states(ctx)
	if err != nil {
		return err
	}
	if err := r.keepRegister(ctx); err != nil {
		return err
	}
	if r.vault == nil {
		for _, folder := range folders {
			if err := store.RemoveAll(ctx, r.store, folder); err != nil {
				return err
			}
			r.done.Forgotten++
		}
		return nil
	}
	for _, folder := range folders {
		// Those whom the source does not know any more stay out: nothing can tell what they
		// would be called.
		err := r.rewrite(ctx, folder, func(set store.Set, name string) error { return r.renameFile(ctx, r.vault, set, folder, name) })
		if err != nil {
			return fmt.Errorf("rename the members in %s: %w", folder, err)
		}
	}
	return nil
}

// readMembers reads who is in the source now into a vault: only who knows the numbers of
// the members can name them by another key.
func (r *rotation) readMembers(ctx context.Context) (vault *engine.DB, err error) {
	s, err := intake.OpenSource(ctx, r.c, r.work.Path, r.o.Env)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	now := r.o.Now().In(r.c.Location())
	p := intake.Parameters(r.c, s, archive.Midnight(now))
	vault, err = engine.Open(ctx, engine.Options{
		Memory: (r.c.Limits.Memory / 5 * 4).MiB(), Threads: r.c.Limits.Threads, Dirs: []string{r.work.Path}, ReadPaths: s.Paths(), KeepJoinOrder: true,
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
		func() error { return p.Install(ctx, vault) },
		func() error { return transforms.CreatePrior(ctx, vault) },
		func() error { return vault.Lock(ctx) },
		func() error {
			models, err := intake.WithCodes(ctx, vault, intake.CodesOf(r.c, s), transforms.Vault())
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
			return nil, exit.Explain(err)
		}
	}
	return vault, nil
}

// named are the files of which each row begins with the name of a member.
var named = map[string]string{archive.StateMembers: archive.StateMembersRead, archive.StateMoves: archive.StateMovesRead, archive.FirstsMarkers: archive.FirstsMarkersRead}

func (r *rotation) renameFile(ctx context.Context, vault *engine.DB, set store.Set, folder, name string) error {
	read, ok := named[name]
	if !ok {
		return r.copySealed(ctx, path.Join(folder, name), set, name, pseudonym.Sealing)
	}
	if err := archive.UnsealTable(ctx, r.store, vault, r.work.Path, r.old, path.Join(folder, name), "before", read); err != nil {
		return err
	}
	const query = "SELECT n.next AS pid, b.* EXCLUDE (pid) FROM before b JOIN renamed n USING (pid) ORDER BY ALL"
	if err := archive.Seal(ctx, set, vault, r.work.Path, r.new, name, query); err != nil || name != archive.StateMembers {
		return err
	}
	for count, of := range map[*int64]string{&r.done.Moved: "SEMI", &r.done.Dropped: "ANTI"} {
		n, err := vault.Count(ctx, "SELECT count(*) FROM before "+of+" JOIN renamed USING (pid)")
		if err != nil {
			return err
		}
		*count += n
	}
	return nil
}

// keepRegister seals the register of rights under the new key. With a vault its entries are
// named by a new secret, as far as the source knows their members; the others stay under
// the old one, which is why the register has secrets of its own.
func (r *rotation) keepRegister(ctx context.Context) error {
	vault := r.vault
	register, err := rights.Open(ctx, r.store, r.old, 0)
	if errors.Is(err, delivery.ErrWrongKey) {
		return nil // the new key has sealed it, before this was cut off
	}
	if err != nil {
		return err
	}
	if vault == nil || len(register.Entries) == 0 {
		// The secret follows from the old key until the register has one of its own.
		sets, err := r.store.List(ctx, delivery.SetFolder)
		if err != nil || len(sets) == 0 && register.Revision == 0 {
			return err
		}
		return register.Keep(ctx, r.store, r.new)
	}
	if err := register.Renew(r.o.Random); err != nil {
		return err
	}
	if err := register.Install(ctx, vault); err != nil {
		return err
	}
	if err := vault.Exec(ctx, "CREATE TABLE named (id UUID)"); err != nil {
		return err
	}
	for _, e := range register.Entries {
		if err := vault.Exec(ctx, "INSERT INTO named VALUES (?::UUID)", e.Subject); err != nil {
			return err
		}
	}
	ids := map[string]string{}
	for no := range register.KeyNo() {
		if err := r.newNames(ctx, vault, no, register.KeyNo(), ids); err != nil {
			return err
		}
	}
	r.done.RightsMoved, r.done.RightsStayed = register.Move(ids)
	return register.Save(ctx, r.store, r.new)
}

// newNames finds what those who are named in the register are called under its last secret.
func (r *rotation) newNames(ctx context.Context, vault *engine.DB, no, last int, ids map[string]string) error {
	rows, err := vault.Query(ctx, `SELECT DISTINCT replace(old::VARCHAR, '-', ''), replace(register_id(?, text)::VARCHAR, '-', '')
		FROM (SELECT 'member ' || member_id AS text, register_id(?, 'member ' || member_id) AS old FROM records WHERE member_id IS NOT NULL)
		WHERE old IN (SELECT id FROM named)`, last, no)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var old, next string
		if err := rows.Scan(&old, &next); err != nil {
			return err
		}
		ids[old] = next
	}
	return rows.Err()
}
