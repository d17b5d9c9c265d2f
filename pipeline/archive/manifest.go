package archive

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"peil/pipeline/delivery"
	"peil/pipeline/store"
	"peil/reports/cbs"
)

// ManifestVersion is the version of the manifest's format.
const ManifestVersion = 1

// Manifest names every file of one published folder and what they were made from. It
// holds no time and no run, so that the same input gives the same manifest.
type Manifest struct {
	Version  int    `json:"version"` // of this format
	Output   string `json:"output"`
	Period   string `json:"period"`
	Edition  string `json:"edition"`  // public, internal or personal
	Contract string `json:"contract"` // layout and version of the files, such as cbs-lgb/1
	Library  string `json:"library"`  // ISIL of the organisation
	AsOf     string `json:"as_of"`
	// Peildatum and AddressesAsOf are set for cbs: the day the population is true
	// for, and the day the source was read.
	Peildatum     string `json:"peildatum,omitempty"`
	AddressesAsOf string `json:"addresses_as_of,omitempty"`
	// Revision is 2 for the first correction of a delivered period; Replaces says what
	// it takes the place of.
	Revision int           `json:"revision,omitempty"`
	Replaces *cbs.Replaced `json:"replaces,omitempty"`
	// Status is provisional, final or revised for kb and wsob; Changes are the totals that a
	// correction changes.
	Status        string         `json:"status,omitempty"`
	Changes       []Change       `json:"changes,omitempty"`
	KeyID         string         `json:"key_id"`
	Input         []InputFile    `json:"input"`
	Configuration string         `json:"configuration_sha256"`
	SQL           string         `json:"sql_sha256"`
	Files         []File         `json:"files"`
	Checks        []string       `json:"checks"`
	Facts         map[string]any `json:"facts,omitempty"` // what this output wants known of itself
	// Ledger is the state of the ledger of disclosures when this was published: that its
	// end was cut off afterwards shows here.
	Ledger *delivery.Anchor `json:"ledger,omitempty"`
	// Members is the keyed member set of a file about members.
	Members *delivery.Set `json:"members,omitempty"`
	// Purged is set once retention has removed the files: the manifest stays, since the
	// ledger and later deliveries refer to it.
	Purged *Purged `json:"purged,omitempty"`
}

// Purged are the files that a folder held. Counts among its facts are rounded since.
type Purged struct {
	On          string `json:"on"`
	Certificate string `json:"certificate"` // in the store
	Files       []File `json:"files"`
}

// InputFile is one file of the source, or a query over such files.
type InputFile struct {
	Table  string `json:"table"`
	Part   string `json:"part"` // as configured
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// File is one published file.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows,omitempty"`
	SHA256 string `json:"sha256"`
	// PlaintextHMAC is the keyed hash of an encrypted file's plaintext: the envelope
	// differs at each encryption, the plaintext does not.
	PlaintextHMAC string `json:"plaintext_hmac,omitempty"`
	// ContentSHA256 is the hash of a file that names an envelope's hash, without that.
	ContentSHA256 string `json:"content_sha256,omitempty"`
	// Own files are for the library itself and never delivered.
	Own bool `json:"own,omitempty"`
}

// content is what two files are compared by.
func (f File) content() string {
	return f.Name + " " + cmp.Or(f.PlaintextHMAC, f.ContentSHA256, f.SHA256)
}

// SameContent says whether two manifests describe the same content: then there is
// nothing to publish.
func (m *Manifest) SameContent(o *Manifest) bool {
	return string(m.comparable()) == string(o.comparable())
}

func (m *Manifest) comparable() []byte {
	c := *m
	c.Files, c.Facts, c.Ledger, c.Members = nil, nil, nil, nil
	contents := make([]string, len(m.Files))
	for i, f := range m.Files {
		contents[i] = f.content()
	}
	b, err := json.Marshal(struct {
		Manifest
		Contents []string
		Facts    any
	}{c, contents, plainFacts(m.Facts)})
	if err != nil {
		panic(err) // of plain values
	}
	return b
}

// plainFacts are facts as a manifest that was read holds them, with the fields of every
// object in one order.
func plainFacts(facts map[string]any) (plain any) {
	b, err := json.Marshal(facts)
	if err == nil {
		err = json.Unmarshal(b, &plain)
	}
	if err != nil {
		panic(err) // of plain values
	}
	return plain
}

// Encode writes the manifest as it stands in the store.
func (m *Manifest) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return append(b, '\n'), nil
}

// ReadManifest reads the manifest of a folder; nil if the folder was never published.
func ReadManifest(ctx context.Context, s store.Store, folder string) (*Manifest, error) {
	b, err := store.ReadFile(ctx, s, path.Join(folder, store.ManifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read manifest of %s: %w", folder, err)
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("read manifest of %s: it is damaged: %w", folder, err)
	}
	if err := CheckVersion("manifest of "+folder, m.Version, ManifestVersion); err != nil {
		return nil, err
	}
	for _, f := range m.Files {
		if f.Name != path.Base(f.Name) || f.Name == "." || f.Name == ".." || f.Name == "/" {
			return nil, fmt.Errorf("read manifest of %s: it names %q, which is no file of this folder: somebody changed it", folder, f.Name)
		}
	}
	return &m, nil
}

// RevisionFolder is where a revision of a period lies: the first in the folder of the period,
// corrections below it.
func RevisionFolder(base string, revision int) string {
	if revision < 2 {
		return base
	}
	return fmt.Sprintf("%s/r%d", base, revision)
}

// LastRevision is the manifest of a period's last revision; nil if there is none.
func LastRevision(ctx context.Context, s store.Store, base string) (*Manifest, error) {
	last, err := ReadManifest(ctx, s, base)
	for n := 2; err == nil && last != nil; n++ {
		next, err := ReadManifest(ctx, s, RevisionFolder(base, n))
		if err != nil || next == nil {
			return last, err
		}
		last = next
	}
	return last, err
}

// MemberFiles are the member files of a delivery, apart from what stands beside them, also
// where retention has removed them since.
func (m *Manifest) MemberFiles() []File {
	all := slices.Clone(m.Files)
	if m.Purged != nil {
		all = append(all, m.Purged.Files...)
	}
	return slices.DeleteFunc(all, func(f File) bool { return f.Name == cbs.ControlName || f.Own })
}

// SameMembers says whether two deliveries hold the same persons, under whatever file name.
// Under two keys the hashes differ: then all counts and the sums over the fields must agree.
func (m *Manifest) SameMembers(o *Manifest) bool {
	if m.KeyID != o.KeyID {
		return reflect.DeepEqual(plainFacts(m.Facts), plainFacts(o.Facts))
	}
	contents := func(m *Manifest) []string {
		var all []string
		for _, f := range m.MemberFiles() {
			f.Name = ""
			all = append(all, f.content())
		}
		return all
	}
	return slices.Equal(contents(m), contents(o))
}

// Change is one total that a correction changes, or that two periods are compared by.
type Change struct {
	Figure string `json:"figure"` // name of the total
	Before *int64 `json:"before"` // null where it was not available
	After  *int64 `json:"after"`  // null where it is not available
	// BeforeAtLeast and AfterAtLeast mark lower bounds: what lies between them is no growth.
	BeforeAtLeast bool `json:"before_at_least,omitempty"`
	AfterAtLeast  bool `json:"after_at_least,omitempty"` // see BeforeAtLeast
}

// Totals are the totals of a period by name, and which of them are lower bounds. Of a weekly
// feed, what is not among them did not happen; of a yearly return it is not available.
type Totals struct {
	Of     string // output
	Values map[string]int64
	Bounds []string
}

// Totals reads the totals of a published period.
func (m *Manifest) Totals() (Totals, error) {
	t := Totals{Of: m.Output, Values: map[string]int64{}}
	facts, _ := m.Facts[FactTotals].(map[string]any)
	for figure, n := range facts {
		v, ok := n.(float64)
		if !ok {
			return t, fmt.Errorf("read totals of %s %s: %q is no number", m.Output, m.Period, figure)
		}
		t.Values[figure] = int64(v)
	}
	bounds, _ := m.Facts[FactBounds].([]any)
	for _, figure := range bounds {
		t.Bounds = append(t.Bounds, fmt.Sprint(figure))
	}
	return t, nil
}

func (t Totals) value(figure string) *int64 {
	n, known := t.Values[figure]
	if !known && t.Of == "wsob" {
		return nil
	}
	return &n
}

// Changes sets totals side by side, in order of their names; all also those that are equal.
func Changes(before, after Totals, all bool) []Change {
	figures := maps.Clone(before.Values)
	maps.Copy(figures, after.Values)
	var found []Change
	for _, figure := range slices.Sorted(maps.Keys(figures)) {
		c := Change{figure, before.value(figure), after.value(figure), slices.Contains(before.Bounds, figure), slices.Contains(after.Bounds, figure)}
		if all || !reflect.DeepEqual(c.Before, c.After) {
			found = append(found, c)
		}
	}
	return found
}

// SameFigures says whether two editions of a period hold the same figures: their CSV files and
// the totals that they state.
func (m *Manifest) SameFigures(o *Manifest) bool {
	contents := func(m *Manifest) []string {
		var all []string
		for _, f := range m.Files {
			if strings.HasSuffix(f.Name, ".csv") {
				all = append(all, f.content())
			}
		}
		return all
	}
	totals := func(m *Manifest) any { return plainFacts(map[string]any{FactTotals: m.Facts[FactTotals]}) }
	return slices.Equal(contents(m), contents(o)) && reflect.DeepEqual(totals(m), totals(o))
}

// What a period's figures are, in its manifest. Provisional ones (marked * for people) are
// from data read before late events have come in; they are replaced while nobody got them.
// Final ones stay: what comes later makes a numbered correction, which is revised and says
// what changed.
const (
	Provisional = "provisional"
	Final       = "final"
	Revised     = "revised"
)

// Facts of the manifest of a delivery to CBS.
const (
	FactCounts = "counts"
	FactFields = "fields" // of each person
)

// Facts of kb and wsob that corrections and comparisons are told by.
const (
	FactTotals = "totals"
	FactBounds = "lower_bounds" // names of the totals that are
)

// Later says whether m is of a later period, or a later revision, than another that may be nil.
func Later(m, than *Manifest) bool {
	return than == nil || m.Period > than.Period || m.Period == than.Period && m.Revision > than.Revision
}
