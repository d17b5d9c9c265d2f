package cbs

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRecordDescription(t *testing.T) {
	l, err := LoadLayout(DefaultLayout, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"nl", "en"} {
		var b bytes.Buffer
		if err := l.Describe(t.Context(), &b, language, t.TempDir()); err != nil {
			t.Fatal(err)
		}
		golden(t, "record."+language+".md", b.Bytes())
	}
}

func TestWhatIsWrongWithALayout(t *testing.T) {
	whole := builtInText(t)
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown key", "heading: true", "headings: true", `unknown field "headings"`},
		{"name without a version", "layout: cbs-lgb/1", "layout: mine", `"mine" is no name with a version`},
		{"encoding", "encoding: utf-8 ", "encoding: ebcdic ", `encoding: "ebcdic" is not known: write one of utf-8`},
		{"separator", `separator: ";"`, `separator: "-"`, `separator: "-" is not known`},
		{"quoting", "quoting: needed", "quoting: sometimes", "quoting:"},
		{"line end", "line_end: crlf", "line_end: cr", "line_end:"},
		{"date", "date: YYYYMMDD", "date: YYMMDD", "date:"},
		{"a slot that is not known", "{isil}", "{name}", "file_name: {name} is not known"},
		{"corrections under one name", "{correction}{part}.csv", "{part}.csv", "file_name: {correction} is missing"},
		{"another folder", `"{layout}_`, `"../{layout}_`, "file_name: use letters"},
		{"parts without a number", "rows_per_file: 0", "rows_per_file: 10\nfile_name: \"{peildatum}{correction}.csv\"", "already defined"},
		{"negative parts", "rows_per_file: 0", "rows_per_file: -1", "rows_per_file:"},
		{"a value that CBS may not get", "value: isil", "value: member_id", `value "member_id" is not among what CBS may get`},
		{"two fields of one name", "name: isil", "name: postcode", `the name "postcode" is missing or taken`},
		{"a sex without a code", `X: "-"`, `Y: "-"`, `"Y" is no sex`},
		{"codes of a date", "value: birth_date", "value: birth_date\n    codes: {M: a, F: b, X: c}", "codes are needed for sex"},
		{"no fields", whole[strings.Index(whole, "fields:"):], "fields: []", "fields: there are none"},
		{"a separator in a code, never quoted", "quoting: needed", "quoting: never\nempty: \"a;b\"", "already defined"},
		{"a code that needs quotes, never quoted", `codes: {M: "1"`, `codes: {M: "1;"`, ""},
		{"an empty value of two lines", `empty: "-"`, `empty: "a\nb"`, "cannot be written without quotes"},
		{"lacking", "lacking: refuse ", "lacking: no ", `lacking: "no" is neither`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(whole, c.old) {
				t.Fatalf("the test replaces %q, which is not there", c.old)
			}
			_, err := parseLayout([]byte(strings.Replace(whole, c.old, c.new, 1)))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
	for text, want := range map[string]string{
		"quoting: never\n" + strings.ReplaceAll(short, "man", "m;n"):              "cannot be written without quotes",
		"encoding: iso-8859-1\n" + strings.ReplaceAll(short, "Geboren", "Gebo€"):  "is not in iso-8859-1",
		"rows_per_file: 5\nfile_name: \"a{peildatum}{correction}.csv\"\n" + short: "{part} in file_name",
	} {
		if _, err := parseLayout([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestLoadLayout(t *testing.T) {
	dir := t.TempDir()
	path := func(text string) string {
		p := filepath.Join(dir, "own.yaml")
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if l, err := LoadLayout("own.yaml", path(short)); err != nil || l.Name != "test/1" {
		t.Errorf("got %v, %v", l, err)
	}
	if _, err := LoadLayout("own.yaml", path(builtInText(t))); err != nil {
		t.Errorf("a copy of the built-in layout: %v", err)
	}
	for want, load := range map[string]func() (*Layout, error){
		"use cbs-lgb/1 or the path": func() (*Layout, error) { return LoadLayout("cbs-lgb/9", "") },
		"name of a built-in layout": func() (*Layout, error) {
			return LoadLayout("own.yaml", path(strings.Replace(short, "test/1", "cbs-lgb/1", 1)))
		},
		"there is none of that name":      func() (*Layout, error) { return LoadLayout("none.yaml", filepath.Join(dir, "none.yaml")) },
		"own.yaml: layout: \"\" is no na": func() (*Layout, error) { return LoadLayout("own.yaml", path("heading: true")) },
	} {
		if _, err := load(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func FuzzLayout(f *testing.F) {
	text, err := builtIn(DefaultLayout)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add(short)
	f.Add("layout: a/1\nfields: [{name: x, value: sex, codes: {M: 'a', F: 'b', X: \"'; DROP\"}}]")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := parseLayout([]byte(text))
		if err != nil {
			return
		}
		if strings.ContainsAny(l.fileName("NL-0823450000", asOf, 2, 3), "/\\") {
			t.Error("a file name leads to another folder")
		}
	})
}

// However the bytes arrive, they are encoded alike.
func TestLineWriterCutAnywhere(t *testing.T) {
	l := &Layout{Encoding: "windows-1252", Lacking: "?"}
	const text = "é€x\r\n→;\n"
	for cut := range len(text) {
		var b bytes.Buffer
		w := &lineWriter{w: &b, layout: l}
		for _, part := range []string{text[:cut], text[cut:]} {
			if n, err := w.Write([]byte(part)); err != nil || n != len(part) {
				t.Fatal(n, err)
			}
		}
		if want := "\xe9\x80x\r\n?;\n"; b.String() != want || w.lines != 2 {
			t.Errorf("cut at %d: %q, %d lines", cut, b.String(), w.lines)
		}
	}
}
