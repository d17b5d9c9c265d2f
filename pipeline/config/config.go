// Package config reads peil.yaml: one library organisation, its source, its keys,
// its store, and what it makes for whom.
//
// Decoding is strict: a key that Peil does not know is an error with its line, since
// a misspelt limit that is silently ignored is worse than none. Secrets stand in the
// file by reference only. Paths are relative to the file.
package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Config is one library organisation: one controller, its own keys and store.
type Config struct {
	Version    int                  `yaml:"version"`
	Library    Library              `yaml:"library"`
	Source     Source               `yaml:"source"`
	Keys       Keys                 `yaml:"keys"`
	Store      string               `yaml:"store"`
	S3         S3                   `yaml:"s3"`
	Counting   Counting             `yaml:"counting"`
	Protection Protection           `yaml:"protection"`
	Retention  Retention            `yaml:"retention"`
	Limits     Limits               `yaml:"limits"`
	Reconcile  Reconcile            `yaml:"reconcile"`
	Checks     []Check              `yaml:"checks"`
	Recipients map[string]Recipient `yaml:"recipients"`
	Outputs    Outputs              `yaml:"outputs"`
	Deliver    map[string]Delivery  `yaml:"deliver"`
	Calendar   map[string]Schedule  `yaml:"calendar"`

	path string // of the file, absolute
}

// Library is the organisation that is responsible for the data.
type Library struct {
	Name     string `yaml:"name"`
	ISIL     string `yaml:"isil"`     // of the organisation: location part 0000
	Timezone string `yaml:"timezone"` // of wall-clock times without an offset
	Language string `yaml:"language"` // nl or en: of reports and messages to readers
}

// Source says where members and loans come from.
type Source struct {
	Type string `yaml:"type"`
	// Connection is how to reach the database of types koha, evergreen, folio and sql. Of
	// the tables below it then delivers all that are not given as files; a query without
	// files replaces the built-in one.
	Connection  Connection `yaml:"connection"`
	LoansFrom   string     `yaml:"loans_from"`  // koha: statistics or issues
	Tenant      string     `yaml:"tenant"`      // folio
	HomeBranch  string     `yaml:"home_branch"` // folio: the custom field that holds it
	Members     Input      `yaml:"members"`
	Loans       Input      `yaml:"loans"`
	Branches    Input      `yaml:"branches"`
	Memberships Input      `yaml:"memberships"`
	// SnapshotOn is the day on which the files were exported; empty: --as-of.
	SnapshotOn Date `yaml:"snapshot_on"`
	// Columns: table, canonical column, headings that stand for it.
	Columns map[string]map[string]Texts `yaml:"columns"`
	// Codes: code list, the source's own code, canonical value.
	Codes map[string]map[string]string `yaml:"codes"`
}

// Connection says where a database is and how to log in.
type Connection struct {
	System   string `yaml:"system"` // sql: mariadb or postgresql
	Host     string `yaml:"host"`   // empty for this machine
	Port     int    `yaml:"port"`   // 0 for the system's own
	Socket   string `yaml:"socket"` // Unix socket, instead of host; of PostgreSQL its folder
	Database string `yaml:"database"`
	User     string `yaml:"user"`
	Password Secret `yaml:"password"`
	TLS      TLS    `yaml:"tls"`

	ConnectTimeout   time.Duration `yaml:"connect_timeout"`
	StatementTimeout time.Duration `yaml:"statement_timeout"` // for reading one table
	RetryFor         time.Duration `yaml:"retry_for"`         // while the server cannot be reached
}

// Secret says where a secret is; at most one of the three.
type Secret struct {
	File    string   `yaml:"file"`
	Env     string   `yaml:"env"`
	Command []string `yaml:"command"` // argument list, run without a shell
}

// TLS says how the way to a database is protected.
type TLS struct {
	Mode       string `yaml:"mode"` // verify or off; empty: off on this machine, else verify
	CA         string `yaml:"ca"`   // file with the authorities to trust
	Cert       string `yaml:"cert"`
	Key        string `yaml:"key"`
	ServerName string `yaml:"server_name"`
}

// Input is one table: files or globs, or a query, over named files or over the database.
type Input struct {
	Paths []string
	Query string
	Files map[string]Texts
}

// Given says whether the table is configured at all.
func (i Input) Given() bool { return len(i.Paths) > 0 || i.Query != "" }

// InDatabase says whether the table is a query over the database.
func (i Input) InDatabase() bool { return i.Query != "" && len(i.Files) == 0 }

// Database says whether the source is one, rather than files.
func (s Source) Database() bool { return s.Type != "file" }

// HasLoans says whether the source delivers loans.
func (s Source) HasLoans() bool {
	return s.Loans.Given() || s.Type == "koha" || s.Type == "evergreen" || s.Type == "folio"
}

// Keys says where the library's key is; exactly one of the three.
type Keys struct {
	File    string   `yaml:"file"`
	Env     string   `yaml:"env"`
	Command []string `yaml:"command"` // argument list, run without a shell
}

// S3 says how to reach the buckets that the file names. Credentials never stand here: they
// come from where every AWS tool looks for them.
type S3 struct {
	Endpoint  string `yaml:"endpoint"` // URL of a compatible server; empty: AWS, or AWS_ENDPOINT_URL
	Region    string `yaml:"region"`   // empty: from the environment
	Profile   string `yaml:"profile"`  // of the shared AWS configuration
	PathStyle bool   `yaml:"path_style"`
	// Encryption at rest: AES256 or aws:kms; empty: as the bucket has it.
	Encryption string `yaml:"encryption"`
	KMSKey     string `yaml:"kms_key"` // of aws:kms; empty: the account's own
	// WithinEU says why a server whose address does not tell where it is lies within the
	// EU or EEA; the ledger keeps it.
	WithinEU string `yaml:"within_eu"`
}

// Counting holds the library's own counting rules.
type Counting struct {
	// RenewalGrace is how many days after the end a renewal may begin without
	// the member counting as lapsed and re-registered.
	RenewalGrace int `yaml:"renewal_grace"`
	// AgeClasses are the first ages of each class, ascending from 0.
	AgeClasses []int `yaml:"age_classes"`
}

// Protection holds the disclosure rules of what leaves.
type Protection struct {
	Threshold      int     `yaml:"threshold"`        // smallest count of persons in a public table
	K              int     `yaml:"k"`                // fewest persons in a released group
	L              int     `yaml:"l"`                // fewest distinct values of what is sensitive in a group
	SuppressAtMost Percent `yaml:"suppress_at_most"` // share of persons that may stay out of a feed
}

// Limits bound resources and dirt.
type Limits struct {
	Memory      Size   `yaml:"memory"`
	Threads     int    `yaml:"threads"` // 0: one a core
	Rejected    Bounds `yaml:"rejected"`
	Unmapped    Bounds `yaml:"unmapped"`
	SnapshotLag int    `yaml:"snapshot_lag"` // days between peildatum and snapshot; beyond it cbs is withheld
}

// Bounds: above Warn the run ends with a warning, above Fail nothing is published.
// A Fail of zero never fails.
type Bounds struct {
	Warn Percent `yaml:"warn"`
	Fail Percent `yaml:"fail"`
}

// Recipient may receive an output, on a basis, under an agreement.
type Recipient struct {
	Name       string   `yaml:"name" json:"name"`
	Basis      string   `yaml:"basis" json:"basis"`
	Agreement  string   `yaml:"agreement" json:"agreement"`
	Assessment string   `yaml:"assessment" json:"assessment"` // reference of the data protection impact assessment
	Keys       []string `yaml:"keys" json:"keys"`             // age recipients
	// Purpose for which it gets data, for the letter to a member; empty: Peil's own words.
	Purpose string `yaml:"purpose" json:"purpose,omitempty"`
}

// Outputs lists what to make; nil: not configured.
type Outputs struct {
	CBS        *CBS        `yaml:"cbs"`
	NewMembers *NewMembers `yaml:"new-members"`
	KB         *KB         `yaml:"kb"`
	WSOB       *WSOB       `yaml:"wsob"`
	Quality    *Quality    `yaml:"quality"`
}

// CBS configures the yearly member file.
type CBS struct {
	// Layout is the name of a built-in layout, or the path of a .yaml file of the
	// library's own.
	Layout    string    `yaml:"layout"`
	LeaveOut  LeaveOut  `yaml:"leave_out"`
	Tolerance Tolerance `yaml:"tolerance"`
}

// LeaveOut lists the library's own codes of subscriptions whose holders CBS does not get.
// A list that is given, also an empty one, takes the place of the built-in words. A person
// is left out who holds, on the peildatum, no other subscription. Institutions are never
// in.
type LeaveOut struct {
	Staff        Texts `yaml:"staff"`
	Test         Texts `yaml:"test"`
	Interlibrary Texts `yaml:"interlibrary"`
	OnlineOnly   Texts `yaml:"online_only"` // in, unless codes are given
	Trial        Texts `yaml:"trial"`       // in, unless codes are given
}

// Tolerance is how far a delivery may differ from the one before it.
type Tolerance struct {
	Total Percent `yaml:"total"` // of all persons
	Part  Percent `yaml:"part"`  // of the persons of a branch, age, sex or subscription
	From  int     `yaml:"from"`  // parts that never held as many persons are not compared
}

// NewMembers configures the analysts' report.
type NewMembers struct {
	Months int `yaml:"months"` // complete months before --as-of
	// Population is how many people live in each postcode area, by age and sex.
	Population Population `yaml:"population"`
	// ServiceArea are the postcode areas that the library serves, such as 2711 or
	// 2711-2719; empty: those in which one inhabitant in a hundred is a member.
	ServiceArea Texts `yaml:"service_area"`
	// Areas are further tables with a row an area.
	Areas []Area `yaml:"areas"`
}

// Population is an export of CBS StatLine 83502NED.
type Population struct {
	File string `yaml:"file"`
	On   Date   `yaml:"on"` // the day it speaks of; empty where the file has its period
}

// Area is a table about areas, by CBS or another, to show beside membership.
type Area struct {
	Name    string   `yaml:"name"`    // of its files: lower case letters, digits and hyphens
	Title   string   `yaml:"title"`   // empty: the name
	Source  string   `yaml:"source"`  // who published it, of when
	File    string   `yaml:"file"`    // CSV
	Key     string   `yaml:"key"`     // heading of the column that holds the area
	Columns Headings `yaml:"columns"` // that are shown
	// Postcodes says in which area each postcode area lies, where Key holds other areas.
	Postcodes Postcodes `yaml:"postcodes"`
}

// Postcodes is a table from postcode areas to other areas, by its headings.
type Postcodes struct {
	File string `yaml:"file"`
	PC4  string `yaml:"pc4"`
	Area string `yaml:"area"`
}

// KB, WSOB and Quality have no settings of their own.
type (
	KB      struct{}
	WSOB    struct{}
	Quality struct{}
)

// Delivery says where an output goes and who lets it go. Its recipient is the one of the
// output's name.
type Delivery struct {
	To      string `yaml:"to"`      // a folder or s3://bucket/prefix
	Approve string `yaml:"approve"` // manual (the default) or automatic
	S3      *S3    `yaml:"s3"`      // of the destination; nil: as for the store
}

// Output names, in the order in which they are made.
var OutputNames = []string{"cbs", "new-members", "kb", "wsob", "quality"}

// Configured lists the outputs that the file asks for, in the order of OutputNames.
func (o Outputs) Configured() []string {
	given := map[string]bool{
		"cbs": o.CBS != nil, "new-members": o.NewMembers != nil, "kb": o.KB != nil,
		"wsob": o.WSOB != nil, "quality": o.Quality != nil,
	}
	var names []string
	for _, n := range OutputNames {
		if given[n] {
			names = append(names, n)
		}
	}
	return names
}

// File is the absolute path of the configuration file.
func (c *Config) File() string { return c.path }

// Path makes a path of the configuration absolute: it is relative to the file, unless it
// is that of an object in a bucket.
func (c *Config) Path(p string) string {
	if p == "" || filepath.IsAbs(p) || strings.HasPrefix(p, "s3://") {
		return p
	}
	return filepath.Join(filepath.Dir(c.path), p)
}

// Rel shows a path as a reader of the configuration knows it.
func (c *Config) Rel(p string) string {
	if r, err := filepath.Rel(filepath.Dir(c.path), p); err == nil && filepath.IsLocal(r) {
		return r
	}
	return p
}

// Location is the library's time zone.
func (c *Config) Location() *time.Location {
	loc, err := time.LoadLocation(c.Library.Timezone)
	if err != nil {
		panic(fmt.Sprintf("time zone was checked when the configuration was read: %v", err))
	}
	return loc
}

func defaults() Config {
	return Config{
		Source:     Source{Connection: Connection{ConnectTimeout: 10 * time.Second, StatementTimeout: time.Hour, RetryFor: 20 * time.Second}},
		Library:    Library{Timezone: "Europe/Amsterdam", Language: "nl"},
		Reconcile:  defaultReconcile(),
		Counting:   Counting{AgeClasses: []int{0, 4, 13, 18, 30, 50, 65}},
		Protection: Protection{Threshold: 5, K: 10, L: 2, SuppressAtMost: 5},
		Retention:  defaultRetention(),
		Limits: Limits{
			Memory: 2 << 30, SnapshotLag: 31,
			Rejected: Bounds{Warn: 0.5, Fail: 5}, Unmapped: Bounds{Warn: 1},
		},
	}
}
