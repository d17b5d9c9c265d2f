package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Error is a fault in the configuration: what, where, and what to do.
type Error struct {
	File   string
	Where  string // "line 12, column 3", a key such as "limits.memory", or empty
	What   string
	Remedy string
	Err    error // such as fs.ErrNotExist for the file itself; mostly nil
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) Error() string {
	at := e.File
	if e.Where != "" {
		at += ": " + e.Where
	}
	if e.Remedy == "" {
		return fmt.Sprintf("configuration %s: %s", at, e.What)
	}
	return fmt.Sprintf("configuration %s: %s; %s", at, e.What, e.Remedy)
}

// Load reads and checks the file. Every error is an [*Error].
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Error{File: path, What: "there is no such file", Remedy: "name another with --config, or write one with: peil init", Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, &Error{File: path, What: err.Error(), Remedy: "make it readable"}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, &Error{File: path, What: err.Error()}
	}
	return parse(path, abs, data)
}

func parse(shown, abs string, data []byte) (c0 *Config, err error) {
	// The decoder panics on some texts that are no YAML, such as a tag astray.
	defer func() {
		if recover() != nil {
			c0, err = nil, &Error{File: shown, What: "the file cannot be read as YAML", Remedy: "look for a stray !, & or *"}
		}
	}()
	c := defaults()
	c.path = abs
	if err := yaml.UnmarshalWithOptions(data, &c, yaml.Strict()); err != nil {
		return nil, Misread(shown, err)
	}
	// "cbs: {}" and "cbs:" both ask for the output; the decoder leaves the latter nil.
	var present struct {
		Outputs map[string]any `yaml:"outputs"`
	}
	if err := yaml.Unmarshal(data, &present); err == nil {
		c.Outputs.fill(present.Outputs)
	}
	if err := c.check(); err != nil {
		err.File = shown
		return nil, err
	}
	return &c, nil
}

func (o *Outputs) fill(present map[string]any) {
	for name := range present {
		switch {
		case name == "cbs" && o.CBS == nil:
			cbs := defaultCBS()
			o.CBS = &cbs
		case name == "new-members" && o.NewMembers == nil:
			o.NewMembers = &NewMembers{}
		case name == "kb" && o.KB == nil:
			o.KB = &KB{}
		case name == "wsob" && o.WSOB == nil:
			o.WSOB = &WSOB{}
		case name == "quality" && o.Quality == nil:
			o.Quality = &Quality{}
		}
	}
	if o.NewMembers != nil && o.NewMembers.Months == 0 {
		o.NewMembers.Months = 36
	}
}

var position = regexp.MustCompile(`^\[(\d+):(\d+)\] (.*)`)

// Misread is the fault that a decoder of YAML found in a file, with its place.
func Misread(file string, err error) *Error {
	first, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
	e := &Error{File: file, What: first}
	if m := position.FindStringSubmatch(first); m != nil {
		e.Where, e.What = fmt.Sprintf("line %s, column %s", m[1], m[2]), m[3]
	}
	if strings.Contains(e.What, "unknown field") {
		e.Remedy = "correct the spelling or take the key out"
	}
	return e
}

var (
	isil      = regexp.MustCompile(`^NL-\d{6}0000$`)
	codeLists = []string{"sex", "member_kind", "subscription_class", "material", "audience", "genre", "loan_kind", "branch", "branch_type"}
	tables    = []string{"members", "loans", "branches", "memberships"}
	// a name with a version, or a file
	layoutName = regexp.MustCompile(`^[a-z][a-z0-9-]*/[0-9]+$|\.ya?ml$`)
	zoneNames  = regexp.MustCompile(`^[A-Za-z_]+(/[A-Za-z_+-]+)*$`)
)

// check finds what decoding cannot: values that do not fit each other or the world.
func (c *Config) check() *Error {
	bad := func(where, remedy, what string, args ...any) *Error {
		return &Error{Where: where, What: fmt.Sprintf(what, args...), Remedy: remedy}
	}
	switch {
	case c.Version == 0:
		return bad("version", "add the line: version: 1", "the version is missing")
	case c.Version != 1:
		return bad("version", "use the peil that wrote it, or write version: 1", "version %d is unknown here", c.Version)
	case strings.TrimSpace(c.Library.Name) == "":
		return bad("library.name", "write the library's name", "the name is missing")
	case !isil.MatchString(c.Library.ISIL):
		return bad("library.isil", "write NL- and ten digits that end in 0000, as for NL-0823450000", "%q is not the ISIL of an organisation", c.Library.ISIL)
	case !slices.Contains([]string{"nl", "en"}, c.Library.Language):
		return bad("library.language", "write nl or en", "language %q is not supported", c.Library.Language)
	}
	if _, err := time.LoadLocation(c.Library.Timezone); err != nil || !zoneNames.MatchString(c.Library.Timezone) {
		return bad("library.timezone", "write a name such as Europe/Amsterdam", "time zone %q is unknown", c.Library.Timezone)
	}
	for _, check := range []func(func(where, remedy, what string, args ...any) *Error) *Error{
		c.checkSource, c.checkKeys, c.checkBuckets, c.checkNumbers, c.checkReconcile, c.checkRetention, c.checkOutputs, c.checkCalendar, c.checkRecipients,
	} {
		if err := check(bad); err != nil {
			return err
		}
	}
	return nil
}

type faultFunc = func(where, remedy, what string, args ...any) *Error

func (c *Config) checkKeys(bad faultFunc) *Error {
	n := 0
	for _, given := range []bool{c.Keys.File != "", c.Keys.Env != "", len(c.Keys.Command) > 0} {
		if given {
			n++
		}
	}
	if n != 1 {
		return bad("keys", "write one of file: PATH, env: NAME or command: [PROGRAM, ARGUMENT]", "%d places for the key are given, one is needed", n)
	}
	if c.Store == "" {
		return bad("store", "write store: out, or another folder", "the store is missing")
	}
	if strings.HasPrefix(c.Store, "s3://") && len(c.Store) == len("s3://") {
		return bad("store", "write s3://BUCKET/PREFIX", "the bucket is missing")
	}
	return nil
}

func (c *Config) checkBuckets(bad faultFunc) *Error {
	if err := c.S3.check("s3", bad); err != nil {
		return err
	}
	for _, name := range keysOf(c.Deliver) {
		if s := c.Deliver[name].S3; s != nil {
			if err := s.check("deliver."+name+".s3", bad); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s S3) check(where string, bad faultFunc) *Error {
	u, err := url.Parse(s.Endpoint)
	switch {
	case s.Endpoint != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil):
		return bad(where+".endpoint", "write a URL as https://s3.example.nl, without a user", "the endpoint is no such URL")
	case s.Encryption != "" && s.Encryption != "AES256" && s.Encryption != "aws:kms":
		return bad(where+".encryption", "write AES256 or aws:kms, or leave it out: the bucket then decides", "%q is neither", s.Encryption)
	case s.KMSKey != "" && s.Encryption != "aws:kms":
		return bad(where+".kms_key", "write encryption: aws:kms too, or take it out", "a key of KMS is given, and encryption is another")
	}
	return nil
}

func (c *Config) checkNumbers(bad faultFunc) *Error {
	p, l := c.Protection, c.Limits
	switch {
	case c.Counting.RenewalGrace < 0 || c.Counting.RenewalGrace > 366:
		return bad("counting.renewal_grace", "write a number of days from 0 to 366", "%d is out of range", c.Counting.RenewalGrace)
	case len(c.Counting.AgeClasses) == 0 || c.Counting.AgeClasses[0] != 0 || !ascending(c.Counting.AgeClasses):
		return bad("counting.age_classes", "write the first age of each class, as [0, 4, 13, 18, 30, 50, 65]", "the classes must begin at 0 and ascend")
	case !slices.Contains(c.Counting.AgeClasses, 18):
		return bad("counting.age_classes", "let one class begin at 18", "youth (to 17) and adults (from 18) must be told apart")
	case p.Threshold < 3:
		return bad("protection.threshold", "write 3 or more", "a threshold of %d protects nobody", p.Threshold)
	case p.K < 3:
		return bad("protection.k", "write 3 or more", "groups of %d protect nobody", p.K)
	case p.L < 1:
		return bad("protection.l", "write 1 or more", "%d is out of range", p.L)
	case l.Memory < 256<<20:
		return bad("limits.memory", "write 256MB or more", "%s is too little to work in", l.Memory.MiB())
	case l.Threads < 0 || l.Threads > 1024:
		return bad("limits.threads", "write 0 for one a core, or a number up to 1024", "%d is out of range", l.Threads)
	case l.Rejected.Fail != 0 && l.Rejected.Fail < l.Rejected.Warn:
		return bad("limits.rejected", "let fail be at least warn", "fail %s is below warn %s", l.Rejected.Fail, l.Rejected.Warn)
	case l.SnapshotLag < 0:
		return bad("limits.snapshot_lag", "write a number of days", "%d is out of range", l.SnapshotLag)
	}
	return nil
}

func ascending(ages []int) bool {
	for i := 1; i < len(ages); i++ {
		if ages[i] <= ages[i-1] || ages[i] > 120 {
			return false
		}
	}
	return true
}

func (c *Config) checkOutputs(bad faultFunc) *Error {
	if len(c.Outputs.Configured()) == 0 {
		return bad("outputs", "write one or more of "+strings.Join(OutputNames, ", "), "no output is asked for")
	}
	if o := c.Outputs.CBS; o != nil && !layoutName.MatchString(o.Layout) {
		return bad("outputs.cbs.layout", "write layout: cbs-lgb/1, or the path of a .yaml file", "%q is neither the name of a layout nor a file", o.Layout)
	}
	if o := c.Outputs.CBS; o != nil && o.Tolerance.From < 0 {
		return bad("outputs.cbs.tolerance.from", "write a number of persons", "%d is out of range", o.Tolerance.From)
	}
	if n := c.Outputs.NewMembers; n != nil && (n.Months < 1 || n.Months > 240) {
		return bad("outputs.new-members.months", "write a number from 1 to 240", "%d is out of range", n.Months)
	}
	if c.Outputs.NewMembers != nil {
		if err := c.Outputs.NewMembers.checkAreas(bad); err != nil {
			return err
		}
	}
	for _, name := range keysOf(c.Deliver) {
		switch d := c.Deliver[name]; {
		case d.To == "" || d.To == "s3://":
			return bad("deliver."+name+".to", "write a folder or s3://BUCKET/PREFIX", "where to deliver is missing")
		case !slices.Contains([]string{"", "manual", "automatic"}, d.Approve):
			return bad("deliver."+name+".approve", "write manual or automatic", "%q is not known", d.Approve)
		}
	}
	loans := c.Source.HasLoans()
	if c.Outputs.KB != nil && !loans {
		return bad("outputs.kb", "name source.loans, or take kb out", "the feeds need loans")
	}
	if c.Outputs.WSOB != nil && !loans {
		return bad("outputs.wsob", "name source.loans, or take wsob out", "the return needs loans")
	}
	for _, section := range []struct {
		name string
		keys []string
	}{{"deliver", keysOf(c.Deliver)}, {"calendar", keysOf(c.Calendar)}} {
		for _, k := range section.keys {
			if !slices.Contains(OutputNames, k) {
				return bad(section.name+"."+k, "use one of "+strings.Join(OutputNames, ", "), "there is no output of that name")
			}
		}
	}
	return nil
}

func (c *Config) checkCalendar(bad faultFunc) *Error {
	configured := c.Outputs.Configured()
	for _, name := range keysOf(c.Calendar) {
		if !slices.Contains(configured, name) {
			return bad("calendar."+name, "add it under outputs, or take it out here", "an output is to be made that is not configured")
		}
	}
	return nil
}

func (c *Config) checkRecipients(bad faultFunc) *Error {
	for _, name := range keysOf(c.Deliver) {
		if _, ok := c.Recipients[name]; !ok {
			return bad("recipients."+name, "write name, basis, agreement, assessment and keys", "%s is to be delivered and has no recipient", name)
		}
	}
	for _, name := range keysOf(c.Recipients) {
		r := c.Recipients[name]
		switch {
		case r.Name == "":
			return bad("recipients."+name+".name", "write who receives the data", "the name is missing")
		case r.Basis == "":
			return bad("recipients."+name+".basis", "write the legal basis, as in basis: public task", "the legal basis is missing")
		case r.Agreement == "":
			return bad("recipients."+name+".agreement", "write the reference of the agreement", "the agreement is missing")
		}
	}
	return nil
}

func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
