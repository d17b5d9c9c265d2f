package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const whole = `version: 1
library: {name: Bibliotheek Voorbeeld, isil: NL-0823450000, timezone: Europe/Amsterdam, language: nl}
source:
  type: file
  members: data/members.csv
  loans: [data/loans-2023.csv, data/loans-2024.csv]
  branches: {query: branches.sql, files: {unit: unit.csv}}
  snapshot_on: 2025-01-01
  columns: {members: {birth_date: GEBOREN}}
  codes: {material: {GROTELETTER: book}}
keys: {file: peil.key}
store: out
counting: {renewal_grace: 14}
protection: {threshold: 5, k: 10, l: 2, suppress_at_most: 5%}
limits: {memory: 2GB, threads: 0, rejected: {warn: 0.5%, fail: 5%}, unmapped: {warn: 1%}}
recipients:
  cbs: {name: CBS, basis: public task, agreement: "A 1", assessment: "D 1", keys: [age1x]}
outputs:
  cbs: {layout: cbs-lgb/1}
  new-members: {months: 36}
  kb:
  wsob: {}
  quality: {}
deliver:
  cbs: {to: "s3://bucket/cbs", approve: manual}
calendar: {kb: weekly monday}
`

func load(t *testing.T, text string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "peil.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestTheWholeConfiguration(t *testing.T) {
	c, err := load(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(OutputNames, c.Outputs.Configured()); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	type facts struct {
		Loans, Memory, Snapshot, Query, Grace, Fail any
	}
	got := facts{c.Source.Loans.Paths, c.Limits.Memory, c.Source.SnapshotOn.String(), c.Source.Branches.Query, c.Counting.RenewalGrace, c.Limits.Rejected.Fail}
	want := facts{[]string{"data/loans-2023.csv", "data/loans-2024.csv"}, Size(2 << 30), "2025-01-01", "branches.sql", 14, Percent(5)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if want := filepath.Join(filepath.Dir(c.File()), "data/x.csv"); c.Path("data/x.csv") != want || c.Rel(want) != "data/x.csv" {
		t.Errorf("paths are not relative to the file: %s, %s", c.Path("data/x.csv"), c.Rel(want))
	}
}

func TestCBSDefaults(t *testing.T) {
	for given, want := range map[string]CBS{
		"{}": {
			Layout:    "cbs-lgb/1",
			LeaveOut:  LeaveOut{Staff: Texts{"PERSONEEL", "PERSONEELSPAS", "MEDEWERKER", "DIENSTPAS", "STAFF"}, Test: Texts{"TEST", "TESTPAS", "TESTACCOUNT"}, Interlibrary: Texts{"IBL", "ILL", "INTERLIBRARY"}},
			Tolerance: Tolerance{Total: 10, Part: 25, From: 100},
		},
		"{layout: own.yaml, leave_out: {staff: [], test: [T], interlibrary: I, trial: [PROEF]}, tolerance: {total: 1%}}": {
			Layout:    "own.yaml",
			LeaveOut:  LeaveOut{Staff: Texts{}, Test: Texts{"T"}, Interlibrary: Texts{"I"}, Trial: Texts{"PROEF"}},
			Tolerance: Tolerance{Total: 1, Part: 25, From: 100},
		},
	} {
		c, err := load(t, strings.Replace(whole, "cbs: {layout: cbs-lgb/1}", "cbs: "+given, 1))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, *c.Outputs.CBS); diff != "" {
			t.Errorf("%s (-want +got):\n%s", given, diff)
		}
	}
}

func TestWhatIsWrongIsSaidWithItsPlace(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown key", "store: out", "stoer: out", `line 12, column 1: unknown field "stoer"`},
		{"unknown key deeper down", "threads: 0,", "thread: 0,", `unknown field "thread"`},
		{"key twice", "store: out", "store: out\nstore: in", "already defined"},
		{"tab", "  kb:", "\tkb:", "line 21"},
		{"percentage", "suppress_at_most: 5%", "suppress_at_most: 5", `line 14, column 59: "5" is not a percentage`},
		{"size", "memory: 2GB", "memory: 2", `"2" is not a size`},
		{"date", "snapshot_on: 2025-01-01", "snapshot_on: 1-1-2025", `line 8, column 16: "1-1-2025" is not a date`},
		{"months without a unit", "store: out", "store: out\nretention: {contact: 6}", `"6" is not a time from 1 to 84 months`},
		{"no time at all", "store: out", "store: out\nretention: {contact: 0 months}", `"0 months" is not a time`},
		{"loans longer than their member", "store: out", "store: out\nretention: {loans: 7 months}", "cannot be known longer than the member"},
		{"payments kept", "store: out", "store: out\nretention: {payment: 7 years}", "data of this category are never read"},
		{"a purge by somebody else", "store: out", "store: out\nretention: {purge: sometimes}", `retention.purge: "sometimes" is not known`},
		{"a purge of nothing", "store: out", "store: out\nretention: {purge_at_most: 0%}", "keeps no promise"},
		{"two places for the key", "{file: peil.key}", "{file: peil.key, env: PEIL}", "2 places for the key are given"},
		{"a literal secret", "{file: peil.key}", "{secret: abc}", `unknown field "secret"`},
		{"language", "language: nl", "language: fr", `library.language: language "fr"`},
		{"time zone", "Europe/Amsterdam", "../../etc/passwd", "library.timezone"},
		{"a branch's ISIL", "NL-0823450000", "NL-0823451001", "is not the ISIL of an organisation"},
		{"k", "k: 10", "k: 2", "groups of 2 protect nobody"},
		{"layout", "cbs-lgb/1", "cbs", `"cbs" is neither the name of a layout nor a file`},
		{"tolerance", "{layout: cbs-lgb/1}", "{tolerance: {total: 10}}", `"10" is not a percentage`},
		{"kind of subscription", "{layout: cbs-lgb/1}", "{leave_out: {dead: [X]}}", `unknown field "dead"`},
		{"approval", "approve: manual", "approve: never", `deliver.cbs.approve: "never" is not known`},
		{"destination", `to: "s3://bucket/cbs"`, `to: ""`, "deliver.cbs.to: where to deliver is missing"},
		{"table of columns", "{members: {birth_date", "{persons: {birth_date", "source.columns.persons"},
		{"code list", "{material:", "{colour:", "source.codes.colour"},
		{"recipient without basis", "basis: public task, ", "", "recipients.cbs.basis: the legal basis is missing"},
		{"delivery to nobody", "  cbs: {name: CBS,", "  kb: {name: KB,", "recipients.cbs: cbs is to be delivered and has no recipient"},
		{"recipient without agreement", `agreement: "A 1", `, "", "recipients.cbs.agreement: the agreement is missing"},
		{"source type", "type: file", "type: fax", `source type "fax"`},
		{"feeds without loans", "  loans: [data/loans-2023.csv, data/loans-2024.csv]\n", "", "outputs.kb: the feeds need loans"},
		{"query without files", "{query: branches.sql, files: {unit: unit.csv}}", "{query: branches.sql}", "source.branches: a query of type file reads files"},
		{"calendar of nothing", "{kb: weekly monday}", "{bk: weekly monday}", "calendar.bk"},
		{"no schedule", "{kb: weekly monday}", "{kb: daily}", `line 26, column 16: "daily" is no schedule: write "weekly monday"`},
		{"no day of the week", "{kb: weekly monday}", "{kb: weekly maandag}", `line 26, column 16: "weekly maandag" names no day of the week`},
		{"no day of a month", "{kb: weekly monday}", "{kb: monthly 32}", `line 26, column 16: "monthly 32" names no day of a month`},
		{"no day of a year", "{kb: weekly monday}", "{kb: yearly 02-30}", `line 26, column 16: "yearly 02-30" names no day of a year`},
		{"calendar of what is not made", "  kb:\n", "", "calendar.kb: an output is to be made that is not configured"},
		{"endpoint", "store: out", "store: out\ns3: {endpoint: example.nl}", "s3.endpoint: the endpoint is no such URL"},
		{"endpoint with a secret", "store: out", "store: out\ns3: {endpoint: 'https://a:b@example.nl'}", "s3.endpoint: the endpoint is no such URL"},
		{"encryption", "store: out", "store: out\ns3: {encryption: aes}", `s3.encryption: "aes" is neither`},
		{"key without KMS", "approve: manual", "approve: manual, s3: {kms_key: k}", "deliver.cbs.s3.kms_key: a key of KMS is given"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(whole, c.old) {
				t.Fatalf("the test replaces %q, which is not there", c.old)
			}
			_, err := load(t, strings.Replace(whole, c.old, c.new, 1))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
			if _, ok := err.(*Error); err != nil && !ok {
				t.Errorf("got a %T, want *Error", err)
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(whole)
	f.Add("version: 1")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parse("peil.yaml", "/peil.yaml", []byte(text))
		if (c == nil) == (err == nil) {
			t.Fatalf("got configuration %v and error %v", c, err)
		}
	})
}

const database = `version: 1
library: {name: Voorbeeld, isil: NL-0823450000}
source:
  type: koha
  connection: {host: db, database: koha, user: peil, password: {env: PW}, tls: {ca: ca.pem}, statement_timeout: 5m}
  branches: branches.csv
  loans: {query: loans.sql}
keys: {file: peil.key}
store: out
outputs: {kb: , wsob: }
`

func TestDatabase(t *testing.T) {
	c, err := load(t, database)
	if err != nil {
		t.Fatal(err)
	}
	want := Connection{
		Host: "db", Database: "koha", User: "peil", Password: Secret{Env: "PW"}, TLS: TLS{CA: "ca.pem"},
		ConnectTimeout: 10 * time.Second, StatementTimeout: 5 * time.Minute, RetryFor: 20 * time.Second,
	}
	if diff := cmp.Diff(want, c.Source.Connection); diff != "" {
		t.Errorf("connection (-want +got):\n%s", diff)
	}
	if !c.Source.Loans.InDatabase() || c.Source.Branches.InDatabase() || !c.Source.HasLoans() {
		t.Errorf("tables: %+v", c.Source)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"a literal password", "{env: PW}", "geheim", "line 5, column 64: a secret must not stand in this file: write {env: NAME}"},
		{"a list for a password", "{env: PW}", "[geheim]", "a secret must not stand in this file"},
		{"two places for the password", "{env: PW}", "{env: PW, file: pw}", "2 places for the password"},
		{"no database", "database: koha, ", "", "source.connection.database: the database is missing"},
		{"no user", "user: peil, ", "", "source.connection.user"},
		{"a time without unit", "5m", "0s", "a time is zero or negative"},
		{"TLS without a check", "{ca: ca.pem}", "{mode: insecure}", `source.connection.tls.mode: "insecure" is neither`},
		{"host and socket", "host: db", "host: db, socket: /s", "both host and socket"},
		{"a day of the snapshot", "  branches:", "  snapshot_on: 2025-01-01\n  branches:", "a database is read as it is now"},
		{"loans of a third kind", "  branches:", "  loans_from: x\n  branches:", "source.loans_from"},
		{"headings of a database", "  branches:", "  columns: {members: {sex: GESLACHT}}\n  branches:", "source.columns.members: headings are those of files"},
		{"no tenant", "type: koha", "type: folio", "source.tenant"},
		{"a tenant of koha", "  branches:", "  tenant: x\n  branches:", "source.tenant"},
		{"no system", "type: koha", "type: sql", "source.connection.system"},
		{"a system of koha", "host: db", "host: db, system: mariadb", "source.connection.system"},
		{"sql without members", "type: koha\n  connection: {host", "type: sql\n  connection: {system: mariadb, host", "source.members: the members are missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(database, tt.old) {
				t.Fatalf("the test replaces %q, which is not there", tt.old)
			}
			_, err := load(t, strings.Replace(database, tt.old, tt.new, 1))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}
