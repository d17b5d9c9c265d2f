package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/source"
	"peil/reports/cbs"
	"peil/reports/quality"
	"peil/reports/render"
	"peil/transforms"
)

// factLayout is a fact of the manifest of a delivery to CBS.
const factLayout = "layout_sha256"

// AddressesName is the list of addresses to mend, for the library itself.
const AddressesName = "addresses.csv"

// cbsRun is what a run knows of its delivery to CBS before it is made.
type cbsRun struct {
	delivery cbs.Delivery
	counts   cbs.Counts
	place    place
	against  *archive.Manifest // the delivery before it; nil if there is none
}

// place is where a delivery goes in the store.
type place struct {
	folder   string
	revision int               // from 1
	replaces *cbs.Replaced     // by a correction; nil for a first delivery
	replaced *archive.Manifest // of that
	begins   bool              // nothing of this correction is in the store yet
	entries  []delivery.Entry
}

// CBSLayout reads the layout that the configuration names, or the default one.
func CBSLayout(c *config.Config) (*cbs.Layout, error) {
	if c == nil || c.Outputs.CBS == nil {
		return cbs.LoadLayout(cbs.DefaultLayout, "")
	}
	name, file := c.Outputs.CBS.Layout, ""
	if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		file = c.Path(name)
	}
	l, err := cbs.LoadLayout(name, file)
	if err != nil {
		return nil, exit.Usagef("outputs.cbs.layout in %s: %w", c.File(), err)
	}
	return l, nil
}

// checkDelivery counts the population and holds it against the source and the delivery
// before it.
func (r *run) checkDelivery(ctx context.Context) error {
	p := r.plan.params
	r.cbs = &cbsRun{delivery: cbs.Delivery{Layout: r.layout, About: r.about(), Peildatum: p.Peildatum}}
	var err error
	if r.cbs.place, err = r.placeCBS(ctx); err != nil {
		return err
	}
	r.cbs.delivery.Revision = r.cbs.place.revision
	r.cbs.counts = r.counts
	asked := int64(0)
	if !p.Peildatum.Equal(p.AsOf) {
		asked = 1
	}
	persons := r.cbs.counts.Persons()
	r.addTo(r.plan.find("cbs"),
		quality.Require("population.accounted", r.cbs.counts.Unaccounted(), []string{"cbs"},
			"Elk record van een lid staat in de levering of is verantwoord (%d niet).", "Every record of a member is in the delivery or accounted for (%d are not)."),
		warnIf("peildatum.asked", asked, "De levering is waar voor "+p.Peildatum.Format(time.DateOnly)+"; gevraagd was "+p.AsOf.Format(time.DateOnly)+".",
			"The delivery is true for "+p.Peildatum.Format(time.DateOnly)+"; "+p.AsOf.Format(time.DateOnly)+" was asked for."),
		quality.Bounded("match.expected", persons-r.cbs.counts.Of("match", "certain"), persons, config.Bounds{Warn: 100},
			"%d van %d personen vindt het CBS naar verwachting niet: geboortedatum, postcode of huisnummer ontbreekt of is twijfelachtig.",
			"%d of %d persons will probably not be found by CBS: birth date, postcode or house number is missing or in doubt."),
	)
	return r.reconcile(ctx)
}

// warnIf makes a check that warns unless n is zero.
func warnIf(name string, n int64, nl, en string) quality.Check {
	c := quality.Check{Name: name, Result: quality.OK, Count: n, Text: map[string]string{"nl": nl, "en": en}}
	if n != 0 {
		c.Result = quality.Warned
	}
	return c
}

// placeCBS finds where the delivery goes: a period that was not delivered is replaced, a
// delivered one gets a numbered correction.
func (r *run) placeCBS(ctx context.Context) (place, error) {
	return r.placeIn(ctx, r.plan.find("cbs").folders[0], false)
}

// placeIn finds the folder of a period's last revision, or begins the next one where that
// was delivered or, with settled, is no longer provisional.
func (r *run) placeIn(ctx context.Context, base string, settled bool) (place, error) {
	p := place{folder: base, revision: 1}
	var err error
	if p.entries, _, err = r.ledger.Entries(ctx); err != nil {
		return p, err
	}
	last, err := archive.LastRevision(ctx, r.store, base)
	if err != nil || last == nil {
		return p, err
	}
	p.revision, p.folder, p.replaces = max(last.Revision, 1), archive.RevisionFolder(base, last.Revision), last.Replaces
	state := delivery.StateOf(p.entries, p.folder, "")
	if !state.Delivered() && !(settled && last.Status != archive.Provisional) {
		if p.replaces != nil {
			p.replaced, err = archive.ReadManifest(ctx, r.store, p.replaces.Folder)
		}
		return p, err
	}
	p.begins, p.replaced, p.replaces = true, last, &cbs.Replaced{Folder: p.folder}
	if state.Result != nil {
		p.replaces.DeliveredAt = state.Result.At
	}
	for _, f := range last.MemberFiles() {
		p.replaces.Files = append(p.replaces.Files, cbs.File{Name: f.Name, SHA256: f.SHA256})
	}
	p.revision++
	p.folder = archive.RevisionFolder(base, p.revision)
	return p, nil
}

// stageCBS stages the member file from the vault, where the addresses are, and the files
// beside it.
func (r *run) stageCBS(ctx context.Context) error {
	if !r.plan.has("cbs") {
		return nil
	}
	r.o.Events(Event{Kind: StepBegun, Name: "cbs", Text: "write cbs"})
	d, p := r.cbs.delivery, r.plan.params
	s, err := r.stage(ctx, r.plan.find("cbs"), r.cbs.place.folder, "personal", d.Layout.Name)
	if err != nil {
		return err
	}
	if r.cbs.place.begins {
		s.supersedes = r.cbs.place.replaced
	}
	s.manifest.Peildatum, s.manifest.AddressesAsOf = p.Peildatum.Format(time.DateOnly), p.SnapshotOn.Format(time.DateOnly)
	if d.Revision > 1 {
		s.manifest.Revision, s.manifest.Replaces = d.Revision, r.cbs.place.replaces
	}
	s.manifest.Facts = map[string]any{archive.FactCounts: r.cbs.counts, factLayout: d.Layout.SHA256, archive.FactFields: d.Layout.FieldNames()}
	if err := r.checkMembersFile(ctx, d); err != nil {
		return err
	}
	if len(r.recipients) == 0 {
		_, err = d.WriteMembers(ctx, r.vault, r.work.Path, s)
	} else {
		_, err = d.WriteMembers(ctx, r.vault, r.work.Path, encrypted{s})
	}
	if err != nil {
		return err
	}
	if err := r.stageMembers(ctx, s); err != nil {
		return err
	}
	if err := r.stageControl(ctx, s); err != nil {
		return err
	}
	return s.stage(ctx, AddressesName, func(w io.Writer, f *archive.File) (err error) {
		f.Own = true
		f.Rows, err = r.writeAddresses(ctx, w)
		return err
	})
}

// stageControl stages the control file. It names the hash of the encrypted file, which
// differs at each encryption: its content is hashed without it.
func (r *run) stageControl(ctx context.Context, s *staged) error {
	var sent, known []cbs.Written
	for _, f := range s.manifest.Files {
		sent = append(sent, cbs.Written{Name: f.Name, Rows: f.Rows, SHA256: f.SHA256, PlaintextHMAC: f.PlaintextHMAC})
		known = append(known, cbs.Written{Name: f.Name, Rows: f.Rows, PlaintextHMAC: f.PlaintextHMAC})
	}
	return s.stage(ctx, cbs.ControlName, func(w io.Writer, f *archive.File) (err error) {
		d, replaces := r.cbs.delivery, r.cbs.place.replaces
		content := sha256.New()
		if _, err = d.WriteControl(content, r.cbs.counts, known, replaces); err != nil {
			return err
		}
		f.ContentSHA256 = hex.EncodeToString(content.Sum(nil))
		f.Rows, err = d.WriteControl(w, r.cbs.counts, sent, replaces)
		return err
	})
}

// writeAddresses lists the addresses that CBS will not find, or may find wrongly: their
// place in the source and why, never the address. Foreign ones cannot be mended.
func (r *run) writeAddresses(ctx context.Context, w io.Writer) (rows int64, err error) {
	out := csv.NewWriter(w)
	out.Write([]string{"file", "line", "column", "code"})
	for _, read := range r.reads {
		if read.Table != source.Members {
			continue
		}
		found, err := r.unmatched(ctx, read)
		if err != nil {
			return rows, err
		}
		lines, err := linesOf(ctx, read.Part, found)
		if err != nil {
			return rows, fmt.Errorf("find the lines of addresses in %s: %w", read.Part.Name(), err)
		}
		for _, u := range found {
			line := ""
			if n := lines[u.position]; n > 0 {
				line = strconv.FormatInt(n, 10)
			}
			out.Write([]string{render.Inert(read.Part.Name()), line, u.column, u.code})
			rows++
		}
	}
	out.Flush()
	return rows, out.Error()
}

// unmatchedForm is a field of an address that cannot be used, by its row in the part.
type unmatchedForm struct {
	position     int64
	column, code string
}

func (r *run) unmatched(ctx context.Context, read transforms.Read) ([]unmatchedForm, error) {
	rows, err := r.vault.Query(ctx, `SELECT mk - ?::BIGINT, f.column, f.code FROM (
			SELECT mk, unnest([{'column': 'postcode', 'code': postcode_code::VARCHAR}, {'column': 'house_number', 'code': house_code::VARCHAR}]) AS f
			FROM population WHERE mk >= ? AND mk < ? AND (postcode_code <> 'ok' OR house_code <> 'ok') AND postcode_code <> 'foreign')
		WHERE f.code <> 'ok' ORDER BY ALL`, read.Offset, read.Offset, read.Offset+read.Rows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []unmatchedForm
	for rows.Next() {
		var u unmatchedForm
		if err := rows.Scan(&u.position, &u.column, &u.code); err != nil {
			return nil, err
		}
		found = append(found, u)
	}
	return found, rows.Err()
}

// linesOf finds the line of each row of a part, by the row's position.
func linesOf(ctx context.Context, part source.Part, found []unmatchedForm) (map[int64]int64, error) {
	var positions []int64
	for _, u := range found {
		positions = append(positions, u.position)
	}
	positions = slices.Compact(positions) // they ascend
	lines, err := part.Lines(ctx, positions)
	if err != nil {
		return nil, err
	}
	byPosition := map[int64]int64{}
	for i, line := range lines {
		byPosition[positions[i]] = line
	}
	return byPosition, nil
}
