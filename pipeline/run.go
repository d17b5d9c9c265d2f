package pipeline

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"path/filepath"
	"time"

	"filippo.io/age"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/pipeline/intake"
	"peil/pipeline/pseudonym"
	"peil/pipeline/rights"
	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/store"
	"peil/pipeline/workdir"
	"peil/reports"
	"peil/reports/cbs"
	"peil/reports/quality"
	"peil/transforms"
	"peil/transforms/parse"
)

// run is one run under way.
type run struct {
	o     Options
	c     *config.Config
	id    string
	begun time.Time

	plan       *plan
	key        pseudonym.Key
	recipients []age.Recipient
	layout     *cbs.Layout  // of the CBS file; nil where it is not asked for
	areas      intake.Areas // of the new-members report
	ledger     *delivery.Ledger
	register   *rights.Register
	erased     map[string]bool // pseudonyms that an earlier state still holds

	store   store.Store
	work    *workdir.Dir
	source  source.Source
	reading time.Time // when the part that is being read was begun
	inputs  *intake.Inputs

	vault, warehouse *engine.DB

	reads      []transforms.Read // into the vault
	cbs        *cbsRun           // nil where it is not asked for
	findings   quality.Findings
	counts     cbs.Counts       // of the persons whose membership is valid on the peildatum
	sourceRows map[string]int64 // that each table holds, as the library system itself says
	accepted   []quality.Check  // that had failed
	state      store.Set
	firsts     []store.Set      // markers of first loans, a year each
	extract    *archive.Extract // of the source, for the next run; nil where nobody asked for it
	summary    Summary
	since      time.Time // the first of the snapshots that can be compared with this one
	read       int64     // bytes of the source, for progress
	at         string    // the step

	resumed       *Record // nil where this run resumes none
	input         []archive.InputFile
	configuration string // hash of the file
	told          int    // checks that were told of
	concluded     int    // findings of contracts that checks were made of
}

// Run makes outputs. The summary tells what was done also where the error is not nil; of
// an output that is not in it nothing was published.
func Run(ctx context.Context, o Options) (summary *Summary, err error) {
	r := &run{o: o, c: o.Config, begun: o.Now()}
	if r.id, err = archive.NewName(r.begun, o.Random); err != nil {
		return nil, err
	}
	r.tells()
	r.summary = Summary{Run: r.id, AsOf: o.AsOf.Format(time.DateOnly), Store: o.Config.Store}
	err = r.prepare(ctx)
	defer func() { err = errors.Join(err, r.close()) }()
	if err != nil {
		return &r.summary, err
	}
	err = archive.Locked(ctx, r.store, r.id, r.begun, func(held context.Context) error {
		err := r.make(held)
		if err != nil {
			err = r.failedAt(held, err)
		}
		err = errors.Join(err, r.record(context.WithoutCancel(ctx), Done, err))
		if err == nil {
			err = r.rehearsed(ctx)
		}
		return err
	})
	return &r.summary, err
}

// prepare refuses everything that can be refused before the store is touched.
func (r *run) prepare(ctx context.Context) (err error) {
	if r.o.SinceLast && !r.c.Source.Database() {
		return exit.Usagef("--since last is for databases, and the source is of type %s: files are read whole; run without it", r.c.Source.Type)
	}
	r.inputs = intake.ListInputs(r.c)
	if r.work, err = workdir.New(2*r.inputs.Bytes, r.o.Env); err != nil {
		return err
	}
	if r.source, err = intake.OpenSource(ctx, r.c, r.work.Path, r.o.Env); err != nil {
		return err
	}
	if d, ok := r.source.(*intake.Database); ok {
		d.DB().Watch(func(now sqldb.Reading) {
			r.o.Events(Event{Kind: ReadRows, Name: now.Part, Text: "reading " + now.Part, Reading: now})
		})
	}
	r.inputs.AddObjects(r.source)
	if r.store, err = r.o.openStore(ctx); err != nil {
		return err
	}
	if err := r.rehearse(ctx); err != nil {
		return err
	}
	if r.configuration, err = intake.HashInput(ctx, r.c.S3, r.c.File()); err != nil {
		return fmt.Errorf("hash the configuration: %w", err)
	}
	if err := r.resume(ctx); err != nil {
		return err
	}
	if r.plan, err = newPlan(r.o, r.source); err != nil {
		return err
	}
	r.skipDone()
	if r.key, err = archive.LoadKey(ctx, r.c, r.o.Env); err != nil {
		return err
	}
	if err := checkAccepted(r.o.Accept, r.ownChecks(), r.o.Reason); err != nil {
		return err
	}
	if err := r.findOwnChecks(); err != nil {
		return err
	}
	if r.plan.has("new-members") {
		if r.areas, err = intake.ReadAreas(ctx, r.c, r.o.AsOf); err != nil {
			return err
		}
	}
	if r.plan.has("cbs") {
		if r.layout, err = CBSLayout(r.c); err != nil {
			return err
		}
		if r.recipients, err = cbsRecipients(r.c, r.o.PlaintextOK); err != nil {
			return err
		}
	}
	r.ledger = archive.LedgerOf(r.store, r.key, r.o.Env, r.o.Now)
	return nil
}

func cbsRecipients(c *config.Config, plaintextOK bool) ([]age.Recipient, error) {
	keys := c.Recipients["cbs"].Keys
	if len(keys) == 0 {
		if plaintextOK {
			return nil, nil
		}
		return nil, exit.Usagef("output cbs holds personal data and there is no key to encrypt it to: add CBS's age public key under recipients.cbs.keys in %s, or run with --plaintext-ok", c.File())
	}
	recipients, err := delivery.ParseRecipients(keys)
	if err != nil {
		return nil, exit.Usagef("recipients.cbs.keys in %s: %w", c.File(), err)
	}
	return recipients, nil
}

// make does the work of a run that holds the store.
func (r *run) make(ctx context.Context) (err error) {
	r.inputs.Hash(ctx)
	if err := r.record(ctx, Running, nil); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{r.recordPlaces, r.purge, r.readSource, r.stageCBS, r.cross, r.count, r.makePeriods, r.keep} {
		if err := step(ctx); err != nil {
			return exit.Explain(err)
		}
	}
	return nil
}

// close gives back what the run holds; nothing of it outlives the run.
func (r *run) close() error {
	var errs []error
	if r.plan != nil {
		for _, p := range r.plan.periods {
			errs = append(errs, p.discard())
		}
	}
	for _, set := range r.firsts {
		errs = append(errs, set.Discard())
	}
	if r.state != nil {
		errs = append(errs, r.state.Discard())
	}
	if r.extract != nil {
		errs = append(errs, r.extract.Discard())
	}
	for _, db := range []*engine.DB{r.vault, r.warehouse} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if r.source != nil {
		errs = append(errs, r.source.Close())
	}
	if r.store != nil {
		errs = append(errs, r.store.Close())
	}
	if r.work != nil {
		errs = append(errs, r.work.Remove())
	}
	return errors.Join(errs...)
}

func (r *run) step(s transforms.Step) {
	if s.Ended {
		if !r.c.Source.Database() { // which tells more itself
			r.o.Events(Event{Kind: ReadRows, Name: s.Part, Text: "reading " + s.Part, Reading: sqldb.Reading{Part: s.Part, Rows: s.Rows, Elapsed: r.o.Now().Sub(r.reading), Ended: true}})
		}
		return
	}
	r.reading = r.o.Now()
	e := Event{Kind: StepBegun, Name: s.Model, Text: s.Model, Total: r.inputs.Bytes}
	if s.Part != "" {
		e.Text = "read " + s.Part
		e.Done = r.read
		r.read += s.Size
	}
	r.o.Events(e)
}

// memory is what one DuckDB instance may use: the rest is for Go and for DuckDB's own
// overhead. Vault and warehouse are never open at once, so that each may have it all.
func (r *run) memory() string { return (r.c.Limits.Memory / 5 * 4).MiB() }

func (r *run) readSource(ctx context.Context) (err error) {
	r.vault, err = engine.Open(ctx, engine.Options{
		Memory: r.memory(), Threads: r.c.Limits.Threads, Dirs: []string{r.work.Path}, ReadPaths: r.source.Paths(), KeepJoinOrder: true,
	})
	if err != nil {
		return err
	}
	for _, install := range []func() error{
		func() error { return parse.Install(ctx, r.vault, r.c.Library.Timezone) },
		func() error { return r.key.Install(r.vault, pseudonym.Register) },
		func() error { return r.plan.params.Install(ctx, r.vault, r.plan.referenceDates()...) },
		func() error { return transforms.CreatePrior(ctx, r.vault) },
		func() error { return r.vault.Lock(ctx) },
		func() (err error) {
			r.since, err = loadState(ctx, r.store, r.vault, r.work.Path, r.key, r.plan.params.SnapshotOn)
			return err
		},
		func() error { return r.loadRights(ctx) },
		func() error { return r.loadFirsts(ctx) },
		func() error { return r.remember(ctx) },
	} {
		if err := install(); err != nil {
			return err
		}
	}
	models, err := intake.WithCodes(ctx, r.vault, intake.CodesOf(r.c, r.source), transforms.Vault())
	if err != nil {
		return err
	}
	reads, err := transforms.Run(ctx, r.vault, models, r.source.Tables(), r.step)
	if err != nil {
		return err
	}
	if err := rejectUncounted(ctx, r.vault, reads); err != nil {
		return err
	}
	if r.findings.Accounts, err = account(ctx, r.vault, reads); err != nil {
		return err
	}
	r.keepRejects(reads)
	r.reads = reads
	if err := r.compareLoans(ctx); err != nil {
		return err
	}
	return r.checkVault(ctx)
}

func (r *run) keepRejects(reads []transforms.Read) {
	for _, read := range reads {
		r.findings.Rejects = append(r.findings.Rejects, read.Rejects...)
	}
}

func (r *run) cross(ctx context.Context) (err error) {
	if err := r.noteErased(ctx); err != nil {
		return err
	}
	if r.state, err = stageState(ctx, r.store, r.vault, r.work.Path, r.key, r.plan.params); err != nil {
		return err
	}
	file := filepath.Join(r.work.Path, "warehouse.duckdb")
	loans, err := transforms.Cross(ctx, r.vault, file, r.source.Tables(), r.step)
	if err != nil {
		return err
	}
	if err := r.stageFirsts(ctx); err != nil {
		return err
	}
	accounts, err := account(ctx, r.vault, loans)
	if err != nil {
		return err
	}
	r.findings.Accounts = append(r.findings.Accounts, accounts...)
	r.keepRejects(loans)
	// What identifies a person ends here.
	err = r.vault.Close()
	r.vault = nil
	if err != nil {
		return fmt.Errorf("close the vault: %w", err)
	}
	spill := filepath.Join(r.work.Path, "spill")
	r.warehouse, err = engine.Open(ctx, engine.Options{
		Path: file, Memory: r.memory(), Threads: r.c.Limits.Threads, TempDir: spill, Dirs: []string{r.work.Path},
	})
	return err
}

// count makes what every period is counted from.
func (r *run) count(ctx context.Context) error {
	if err := r.plan.params.Install(ctx, r.warehouse, r.plan.referenceDates()...); err != nil {
		return err
	}
	if err := r.warehouse.Lock(ctx); err != nil {
		return err
	}
	if _, err := transforms.Run(ctx, r.warehouse, transforms.Warehouse(), nil, r.step); err != nil {
		return err
	}
	return r.checkWarehouse(ctx)
}

// movesFrom is the first month in which a change of branch would have been seen: every month
// where the source itself shows moves, else those after the month of the first snapshot.
func (r *run) movesFrom() time.Time {
	if intake.HoldsMoves(r.source) {
		return time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC) // before every report
	}
	return time.Date(r.since.Year(), r.since.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}

// desk is what the run has in hand, for work that needs no run.
func (r *run) desk() archive.Desk {
	return archive.Desk{Config: r.c, Store: r.store, Ledger: r.ledger, Key: r.key, Run: r.id}
}

// stage opens a folder of a period for its files.
func (r *run) stage(ctx context.Context, p *planned, folder, edition, contract string) (*staged, error) {
	set, err := r.store.Stage(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("stage %s: %w", folder, err)
	}
	s := &staged{
		folder: folder, set: set, recipients: r.recipients,
		fingerprint: func() hash.Hash { return r.key.Hash(pseudonym.Fingerprint) },
		manifest: archive.Manifest{
			Version: archive.ManifestVersion, Output: p.Output, Period: p.Name, Edition: edition, Contract: contract,
			Library: r.c.Library.ISIL, AsOf: r.summary.AsOf, KeyID: r.key.ID(), SQL: transforms.Hash(),
		},
	}
	s.promised = r.promised(s)
	p.stages = append(p.stages, s)
	return s, nil
}

// discard gives up what is staged and not published.
func (p *planned) discard() error {
	var errs []error
	for _, s := range p.stages {
		errs = append(errs, s.set.Discard())
		if s.members != nil {
			errs = append(errs, s.members.Abort())
		}
	}
	p.stages = nil
	return errors.Join(errs...)
}

func (r *run) about() reports.About {
	line := map[string]string{
		"nl": "Gegevens van het bibliotheeksysteem per " + r.plan.params.SnapshotOn.Format("02-01-2006") + ", geteld met Peil",
		"en": "Data of the library system as of " + r.plan.params.SnapshotOn.Format(time.DateOnly) + ", counted by Peil",
	}
	return reports.About{
		Library: r.c.Library.Name, ISIL: r.c.Library.ISIL, Language: r.c.Library.Language, AsOf: r.plan.params.AsOf,
		SnapshotOn: r.plan.params.SnapshotOn, Cutoff: r.plan.params.Cutoff(), Source: line[r.c.Library.Language],
		Threshold: r.c.Protection.Threshold, K: r.c.Protection.K, L: r.c.Protection.L,
	}
}
