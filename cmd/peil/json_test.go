package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline"
	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/dispatch"
	"peil/pipeline/intake"
	"peil/pipeline/rekey"
	"peil/pipeline/retention"
	"peil/pipeline/rights"
	"peil/pipeline/subject"
	"peil/reports/cbs"
	"peil/reports/wsob"
	"peil/transforms"
)

var update = flag.Bool("update", false, "write json.md anew")

// printed are the messages of the commands that scripts read.
var printed = []struct {
	command, kind string
	value         any
}{
	{"run", "summary", pipeline.Summary{}},
	{"run --due", "summary", pipeline.DueSummary{}},
	{"run --dry-run", "summary", pipeline.Rehearsal{}},
	{"run cbs --dry-run", "summary", cbs.Acceptance{}},
	{"plan", "planned", pipeline.Planned{}},
	{"plan --steps", "step", transforms.Traced{}},
	{"status", "output", pipeline.Existing{}},
	{"status", "summary", pipeline.State{}},
	{"verify", "verified", archive.Verified{}},
	{"deliver", "summary", dispatch.Delivery{}},
	{"compare cbs", "summary", archive.Compared{}},
	{"compare kb and wsob", "summary", archive.ComparedFigures{}},
	{"check", "table", pipeline.Inspected{}},
	{"check --connect", "table", intake.Connected{}},
	{"check --connect", "summary", intake.Connection{}},
	{"freeze", "summary", pipeline.FrozenMonths{}},
	{"purge", "removed", retention.Removed{}},
	{"purge", "reduced", retention.Reduced{}},
	{"purge", "summary", retention.Certificate{}},
	{"key show", "summary", archive.KeyState{}},
	{"key rotate", "summary", rekey.Rotated{}},
	{"ledger show", "entry", delivery.Entry{}},
	{"ledger add", "summary", delivery.Entry{}},
	{"ledger verify", "summary", archive.VerifiedLedger{}},
	{"subject object, erase, restrict, rectify and lift", "summary", subject.Exercised{}},
	{"subject access", "summary", rights.Access{}},
	{"subject export", "summary", rights.Export{}},
	{"(any, on failure)", "error", failure{}},
	{"public/wsob/YEAR/wsob.json", "the file", wsob.Return{}},
}

const jsonHead = `# What peil --format json writes

One JSON object a line on stdout, each with a "message_type"; "summary" comes last, or "error"
where the command failed. Logs on stderr are JSON lines too: "time", "level", "msg", "run", and of
a failure "step", "made", "not_made" and "next". Fields are only ever added. "?" marks one that
is left out where it is empty; "[]" is a list, "{}" an object by name. The other commands print
one "summary" of what their text says. Last comes the file for filling in the yearly return.
`

// What is printed as JSON is documented field by field, from the types themselves.
func TestJSONIsDocumented(t *testing.T) {
	comments := fieldComments(t)
	var b strings.Builder
	b.WriteString(jsonHead)
	for _, p := range printed {
		fmt.Fprintf(&b, "\n## %s: %s\n\n| field | type | meaning |\n| --- | --- | --- |\n", p.command, p.kind)
		for _, f := range fieldsOf(reflect.TypeOf(p.value), "", comments, map[reflect.Type]bool{}) {
			if f.meaning == "" {
				t.Errorf("%s: %s has no comment that says what it is", p.command, f.path)
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", f.path, f.kind, strings.ReplaceAll(f.meaning, "|", "\\|"))
		}
	}
	if *update {
		if err := os.WriteFile("json.md", []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(b.String(), read(t, "json.md")); diff != "" {
		t.Errorf("json.md is not what the types say; write it with -update (-types +file):\n%s", diff)
	}
}

// Every field of real output stands in the documentation.
func TestRealJSONIsAsDocumented(t *testing.T) {
	l := makeScheduled(t)
	documented := map[string]bool{}
	section := ""
	for line := range strings.Lines(jsonFields) {
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			section = strings.TrimSpace(heading)
		}
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "| ") && len(cells) == 3 {
			documented[section+" "+strings.TrimSuffix(strings.TrimPrefix(cells[0], "| "), "?")] = true
		}
	}
	for _, c := range []struct {
		command string
		args    []string
	}{
		{"run --dry-run", []string{"run", "--dry-run", "--as-of", faultDay}},
		{"run --due", []string{"run", "--due", "--as-of", faultDay}},
		{"run", []string{"run", "kb", "--as-of", faultDay}},
		{"plan", []string{"plan", "--as-of", faultDay}},
		{"status", []string{"status", "--as-of", faultDay}},
		{"verify", []string{"verify"}},
		{"ledger show", []string{"ledger", "show"}},
		{"(any, on failure)", []string{"deliver", "kb", "--period", "2020-W01"}},
	} {
		cmd := l.command(t.Context(), t, append(c.args, "--format", "json", "--quiet")...)
		out, _ := cmd.Output()
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		for i, line := range lines {
			var message map[string]any
			if err := json.Unmarshal([]byte(line), &message); err != nil {
				t.Fatalf("%s: %q: %v", c.command, line, err)
			}
			kind, _ := message["message_type"].(string)
			if last := i == len(lines)-1; last != (kind == "summary" || kind == "error") {
				t.Errorf("%s: message %d of %d is a %q", c.command, i+1, len(lines), kind)
			}
			if !slices.ContainsFunc(printed, func(p struct {
				command, kind string
				value         any
			}) bool {
				return p.command == c.command && p.kind == kind
			}) {
				continue // a summary that only counts
			}
			delete(message, "message_type")
			for _, path := range paths("", message) {
				if !known(documented, c.command+": "+kind+" ", path) {
					t.Errorf("%s: %s: %s is not documented", c.command, kind, path)
				}
			}
		}
	}
}

// known says whether a path is documented, where keys of an object by name stand for {}.
func known(documented map[string]bool, section, path string) bool {
	if list, empty := strings.CutSuffix(path, "[]"); empty {
		for field := range documented {
			if strings.HasPrefix(field, section+list+"[]") {
				return true
			}
		}
	}
	elements := strings.Split(path, ".")
	for i := range len(elements) + 1 {
		tried := slices.Clone(elements)
		if i > 0 {
			tried[i-1] = "{}"
		}
		if documented[section+strings.ReplaceAll(strings.Join(tried, "."), ".{}", "{}")] {
			return true
		}
	}
	return false
}

// paths are the fields of a value, with those within.
func paths(at string, v any) []string {
	var all []string
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			path := strings.TrimPrefix(at+"."+name, ".")
			if inner := paths(path, value); len(inner) > 0 {
				all = append(all, inner...)
			} else {
				all = append(all, path)
			}
		}
	case []any:
		for _, value := range v {
			if inner := paths(at+"[]", value); len(inner) > 0 {
				all = append(all, inner...)
			}
		}
		if len(all) == 0 && at != "" {
			all = append(all, at+"[]")
		}
	}
	return all
}

type field struct{ path, kind, meaning string }

// fieldsOf lists the fields of a struct as JSON has them.
func fieldsOf(t reflect.Type, at string, comments map[string]string, above map[reflect.Type]bool) []field {
	var all []field
	if above[t] {
		return nil
	}
	above[t] = true
	defer delete(above, t)
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner, suffix := f.Type, ""
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
			switch inner.Kind() {
			case reflect.Slice:
				suffix += "[]"
			case reflect.Map:
				suffix += "{}"
			}
			inner = inner.Elem()
		}
		switch {
		case name == "-" || !f.IsExported():
			continue
		case f.Anonymous && name == "":
			all = append(all, fieldsOf(inner, at, comments, above)...)
			continue
		case name == "":
			name = f.Name
		}
		path := strings.TrimPrefix(at+"."+name+suffix, ".")
		if inner.Kind() == reflect.Struct {
			all = append(all, fieldsOf(inner, path, comments, above)...)
			continue
		}
		if strings.Contains(options, "omitempty") {
			path += "?"
		}
		meaning := comments[t.PkgPath()+"."+t.Name()+"."+f.Name]
		if meaning == "" {
			meaning = plain[f.Name]
		}
		all = append(all, field{path, jsonKind(inner), meaning})
	}
	return all
}

func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Interface:
		return "any"
	}
	return "number"
}

// plain are fields whose names say all, wherever they stand.
var plain = map[string]string{
	"Run": "name of the run", "AsOf": "day that the run speaks of, YYYY-MM-DD", "Store": "where the store is, as configured", "Seconds": "how long it took",
	"Warnings": "checks that warned", "Output": "name of the output", "Name": "its name", "Period": "as its folder is named", "Files": "number of files",
	"Bytes": "size in bytes", "Rows": "number of rows", "Edition": "public, internal or personal", "Folder": "in the store", "Folders": "in the store, one for each edition",
	"To": "where it is sent", "Recipient": "name of the recipient", "Status": "see there", "Error": "what went wrong, and what to do", "Begun": "RFC 3339, UTC",
	"From": "first day, YYYY-MM-DD", "Until": "day after the last, YYYY-MM-DD", "Table": "canonical name of the table", "Schedule": "as in the calendar", "SHA256": "in hexadecimal",
	"Objects": "number of objects in the store", "Agreement": "reference of the agreement", "Basis": "legal basis", "Keys": "age public keys", "Assessment": "reference of the impact assessment",
	"Accepted": "rows that are counted", "Rejected": "rows that cannot be used", "Peildatum": "day that the population is true for", "Part": "as configured", "Problem": "why it could not be done",
	"Free": "room on the store's disk, in bytes", "Version": "of this format", "Host": "name of the machine", "Persons": "number of persons",
	"PlaintextHMAC": "keyed hash of an encrypted file's plaintext", "KeyID": "of the library's key", "Kind": "of the entry", "Reason": "that somebody gave", "Count": "how many were found", "Of": "among how many", "At": "RFC 3339",
}

// fieldComments are the comments of all struct fields of the module, by package, type and
// field.
func fieldComments(t *testing.T) map[string]string {
	t.Helper()
	comments := map[string]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := "peil/" + filepath.ToSlash(rel)
		if file.Name.Name == "main" {
			pkg = "peil/cmd/peil"
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					text := strings.Join(strings.Fields(f.Doc.Text()+" "+f.Comment.Text()), " ")
					for _, name := range f.Names {
						comments[pkg+"."+spec.Name.Name+"."+name.Name] = text
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return comments
}
