package cbs

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

//go:embed layouts/*.yaml
var layouts embed.FS

// DefaultLayout is the layout of a configuration that names none.
const DefaultLayout = "cbs-lgb/1"

// Layout is how the member file is written: a file of its own, so that another layout is
// no other program. What it may hold is bounded by the values that a field can have: the
// fields of the privacy statement and nothing else.
type Layout struct {
	Name             string            `yaml:"layout"` // name and version, such as cbs-lgb/1
	Status           map[string]string `yaml:"status"` // on whose authority, by language
	FileName         string            `yaml:"file_name"`
	RowsPerFile      int64             `yaml:"rows_per_file"` // 0: one file
	Encoding         string            `yaml:"encoding"`
	Lacking          string            `yaml:"lacking"` // refuse, or the character to write instead
	Heading          bool              `yaml:"heading"`
	Separator        string            `yaml:"separator"`
	Quoting          string            `yaml:"quoting"`
	LineEnd          string            `yaml:"line_end"`
	Date             string            `yaml:"date"`
	Empty            string            `yaml:"empty"`
	AdditionJoinedBy string            `yaml:"addition_joined_by"`
	Fields           []Field           `yaml:"fields"`

	// SHA256 of the file that the layout was read from.
	SHA256 string `yaml:"-"`
}

// Field is one field of the record.
type Field struct {
	Name    string            `yaml:"name"`
	Value   string            `yaml:"value"` // what it holds: a key of values
	Codes   map[string]string `yaml:"codes"` // of sex: M, F and X
	Empty   *string           `yaml:"empty"` // instead of the layout's
	Meaning map[string]string `yaml:"meaning"`
}

// values are what a field can hold, with the SQL over persons p of the texts that it is
// joined of: exactly the fields of the privacy statement.
var values = map[string]func(d Delivery, f Field) string{
	"birth_date": func(d Delivery, _ Field) string { return d.dateSQL("p.birth_date") },
	"sex": func(d Delivery, f Field) string {
		return d.codesSQL(f, "p.sex", func(code string) string { return code })
	},
	"last_registered_on":        func(d Delivery, _ Field) string { return d.dateSQL("p.last_on") },
	"isil":                      Delivery.constantSQL,
	"postcode":                  func(Delivery, Field) string { return "p.postcode" },
	"house_number":              func(Delivery, Field) string { return "CAST(p.house_number AS VARCHAR)" },
	"house_letter":              func(Delivery, Field) string { return "p.house_letter" },
	"house_number_addition":     func(Delivery, Field) string { return "p.house_addition" },
	"house_letter_and_addition": func(d Delivery, _ Field) string { return d.additionSQL() },
	"peildatum":                 Delivery.constantSQL,
}

// dateForms are the ways to write a date, for DuckDB and for Go.
var dateForms = map[string]struct{ sql, goForm string }{
	"YYYYMMDD": {"%Y%m%d", "20060102"}, "YYYY-MM-DD": {"%Y-%m-%d", time.DateOnly}, "DD-MM-YYYY": {"%d-%m-%Y", "02-01-2006"},
}

// LoadLayout reads a built-in layout by its name, or one of the library's own from the
// file at path, which is used where it is not empty. An error says what is wrong with the
// layout and how to mend it.
func LoadLayout(name, path string) (*Layout, error) {
	data, err := builtIn(name)
	if path != "" {
		data, err = os.ReadFile(path)
		name = path
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("layout %s: there is none of that name: use %s or the path of a .yaml file", name, strings.Join(BuiltIn(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("layout %s: %w", name, err)
	}
	l, err := parseLayout(data)
	if err != nil {
		return nil, fmt.Errorf("layout %s: %w", name, err)
	}
	if path != "" && slices.Contains(BuiltIn(), l.Name) {
		if known, err := builtIn(l.Name); err != nil || !bytes.Equal(known, data) {
			return nil, fmt.Errorf("layout %s: layout: %s is the name of a built-in layout: give yours a name of its own, as mine/1", name, l.Name)
		}
	}
	return l, nil
}

// BuiltIn lists the names of the layouts that are part of the program.
func BuiltIn() []string {
	entries, err := layouts.ReadDir("layouts")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		base := strings.TrimSuffix(e.Name(), ".yaml")
		at := strings.LastIndexByte(base, '-')
		names[i] = base[:at] + "/" + base[at+1:]
	}
	return names
}

func builtIn(name string) ([]byte, error) {
	return layouts.ReadFile(path.Join("layouts", strings.ReplaceAll(name, "/", "-")+".yaml"))
}

func parseLayout(data []byte) (*Layout, error) {
	l := &Layout{
		FileName: "{layout}_{isil}_{peildatum}{correction}{part}.csv", Encoding: "utf-8", Lacking: "refuse", Heading: true,
		Separator: ";", Quoting: "needed", LineEnd: "crlf", Date: "YYYYMMDD",
	}
	if err := yaml.UnmarshalWithOptions(data, l, yaml.Strict()); err != nil {
		first, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
		return nil, errors.New(first)
	}
	sum := sha256.Sum256(data)
	l.SHA256 = hex.EncodeToString(sum[:])
	return l, l.check()
}

var (
	layoutName = regexp.MustCompile(`^[a-z][a-z0-9-]*/[0-9]+$`)
	fieldName  = regexp.MustCompile(`^\S(.*\S)?$`)
	slots      = regexp.MustCompile(`\{[^}]*\}`)
	plainName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

func (l *Layout) check() error {
	one := func(key, value string, of ...string) error {
		if slices.Contains(of, value) {
			return nil
		}
		return fmt.Errorf("%s: %q is not known: write one of %s", key, value, strings.Join(of, ", "))
	}
	if !layoutName.MatchString(l.Name) {
		return fmt.Errorf("layout: %q is no name with a version: write for example mine/1", l.Name)
	}
	for _, err := range []error{
		one("encoding", l.Encoding, "utf-8", "utf-8-bom", "windows-1252", "iso-8859-1"), one("separator", l.Separator, ";", ",", "|", "\t"),
		one("quoting", l.Quoting, "needed", "always", "never"), one("line_end", l.LineEnd, "crlf", "lf"),
		one("date", l.Date, "YYYYMMDD", "YYYY-MM-DD", "DD-MM-YYYY"), l.checkFileName(), l.checkFields(), l.checkTexts(),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *Layout) checkFileName() error {
	for _, slot := range slots.FindAllString(l.FileName, -1) {
		if !slices.Contains([]string{"{layout}", "{isil}", "{peildatum}", "{correction}", "{part}"}, slot) {
			return fmt.Errorf("file_name: %s is not known: use {layout}, {isil}, {peildatum}, {correction} and {part}", slot)
		}
	}
	for _, must := range []string{"{peildatum}", "{correction}"} {
		if !strings.Contains(l.FileName, must) {
			return fmt.Errorf("file_name: %s is missing: two deliveries would have one name", must)
		}
	}
	if !plainName.MatchString(slots.ReplaceAllString(l.FileName, "x")) {
		return errors.New("file_name: use letters, digits, dots, hyphens and underscores only")
	}
	if l.RowsPerFile < 0 || l.RowsPerFile > 0 && !strings.Contains(l.FileName, "{part}") {
		return errors.New("rows_per_file: write 0 for one file, or a number of rows and {part} in file_name")
	}
	return nil
}

func (l *Layout) checkFields() error {
	seen := map[string]bool{}
	for i, f := range l.Fields {
		where := fmt.Sprintf("fields: field %d", i+1)
		if !fieldName.MatchString(f.Name) || seen[f.Name] {
			return fmt.Errorf("%s: the name %q is missing or taken", where, f.Name)
		}
		seen[f.Name] = true
		if values[f.Value] == nil {
			return fmt.Errorf("%s, %s: value %q is not among what CBS may get: use %s", where, f.Name, f.Value, strings.Join(valueNames(), ", "))
		}
		if (f.Value == "sex") != (f.Codes != nil) {
			return fmt.Errorf("%s, %s: codes are needed for sex, and for nothing else", where, f.Name)
		}
		for code := range f.Codes {
			if !slices.Contains([]string{"M", "F", "X"}, code) {
				return fmt.Errorf("%s, %s: %q is no sex: write codes for M, F and X", where, f.Name, code)
			}
		}
		if f.Codes != nil && len(f.Codes) != 3 {
			return fmt.Errorf("%s, %s: write a code for each of M, F and X", where, f.Name)
		}
	}
	if len(l.Fields) == 0 {
		return errors.New("fields: there are none")
	}
	return nil
}

// checkTexts looks at every text of the layout that may get into the file. What comes from
// the data is digits, capitals and hyphens.
func (l *Layout) checkTexts() error {
	texts := []string{l.Empty, l.AdditionJoinedBy}
	for _, f := range l.Fields {
		texts = append(texts, f.Name, l.empty(f))
		for _, c := range f.Codes {
			texts = append(texts, c)
		}
	}
	for _, t := range texts {
		if strings.ContainsAny(t, "\r\n\x00") || l.Quoting == "never" && strings.ContainsAny(t, l.Separator+`"`) {
			return fmt.Errorf("%q cannot be written without quotes: let quoting be needed, or choose another text", t)
		}
		if err := l.encodable(t); err != nil {
			return err
		}
	}
	return nil
}

// FieldNames are the names of the fields, in order.
func (l *Layout) FieldNames() []string {
	names := make([]string, len(l.Fields))
	for i, f := range l.Fields {
		names[i] = f.Name
	}
	return names
}

func valueNames() []string {
	names := make([]string, 0, len(values))
	for n := range values {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// empty is what stands for an unknown value of a field.
func (l *Layout) empty(f Field) string {
	if f.Empty != nil {
		return *f.Empty
	}
	return l.Empty
}

// fileName of one part of a delivery, without the ending of an encrypted file. Revision
// counts from 1, part from 1.
func (l *Layout) fileName(isil string, peildatum time.Time, revision, part int) string {
	correction, number := "", ""
	if revision > 1 {
		correction = fmt.Sprintf("_r%d", revision)
	}
	if l.RowsPerFile > 0 {
		number = fmt.Sprintf("_%d", part)
	}
	return strings.NewReplacer("{layout}", strings.ReplaceAll(l.Name, "/", "-"), "{isil}", isil,
		"{peildatum}", peildatum.Format("20060102"), "{correction}", correction, "{part}", number).Replace(l.FileName)
}
