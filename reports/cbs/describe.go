package cbs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"peil/pipeline/engine"
	"peil/reports"
)

// descriptions are the words of the record description, by language.
var descriptions = map[string]map[string]string{
	"nl": {
		"title": "Recordbeschrijving", "file": "Bestand", "fields": "Velden", "who": "Wie erin staat", "example": "Voorbeeld (verzonnen)",
		"name": "bestandsnaam", "name.note": "{correction} is leeg, of _r2, _r3 bij een correctie; {part} is leeg, of _1, _2 bij een gesplitst bestand; versleuteld komt er .age achter",
		"split": "opdeling", "split.one": "één bestand", "split.many": "hoogstens %d regels per bestand",
		"encoding": "tekenset", "lacking": "teken dat daarin ontbreekt", "lacking.refuse": "het bestand wordt niet gemaakt", "lacking.write": "vervangen door %q",
		"heading": "kopregel", "yes": "ja, met de veldnamen", "no": "nee", "separator": "scheidingsteken", "tab": "tab",
		"quoting": "aanhalingstekens", "needed": "alleen waar een waarde ze nodig heeft", "always": "om elke waarde", "never": "nooit",
		"line": "regeleinde", "date": "datums", "empty": "onbekende waarde", "nothing": "(niets)", "order": "volgorde", "order.text": "gesorteerd op de inhoud, zonder betekenis",
		"no.": "nr", "field": "veld", "meaning": "betekenis", "form": "vorm", "digits": "cijfers", "letters": "tekst", "addition": "letter en toevoeging gescheiden door %q",
		"who.text": "Eén regel per persoon met een lidmaatschap dat geldig is op de peildatum, ook als die persoon meer abonnementen of inschrijvingen heeft; dan gelden de gegevens van de laatste inschrijving. Niet erin: instellingen; wie op die dag alleen een personeelspas, een testaccount of een interbibliothecair account heeft; lidmaatschappen die vóór de peildatum eindigden. Alleen-online- en proefabonnementen staan erin, tenzij de bibliotheek anders kiest. Het controlebestand noemt de aantallen.",
	},
	"en": {
		"title": "Record description", "file": "File", "fields": "Fields", "who": "Who is in it", "example": "Example (invented)",
		"name": "file name", "name.note": "{correction} is empty, or _r2, _r3 for a correction; {part} is empty, or _1, _2 for a file in parts; an encrypted file ends in .age",
		"split": "parts", "split.one": "one file", "split.many": "at most %d lines a file",
		"encoding": "character set", "lacking": "a character that it lacks", "lacking.refuse": "the file is not made", "lacking.write": "written as %q",
		"heading": "heading line", "yes": "yes, with the names of the fields", "no": "no", "separator": "separator", "tab": "tab",
		"quoting": "quotes", "needed": "only where a value needs them", "always": "around every value", "never": "never",
		"line": "line end", "date": "dates", "empty": "unknown value", "nothing": "(nothing)", "order": "order", "order.text": "sorted by content, without meaning",
		"no.": "no.", "field": "field", "meaning": "meaning", "form": "form", "digits": "digits", "letters": "text", "addition": "letter and addition separated by %q",
		"who.text": "One line for each person with a membership that is valid on the reference date, also if that person has several subscriptions or registrations; the data are then those of the last registration. Not in it: institutions; persons who on that day hold nothing but a staff pass, a test account or an interlibrary account; memberships that ended before the reference date. Online-only and trial subscriptions are in, unless the library chooses otherwise. The control file tells how many.",
	},
}

// Describe writes the layout as a record description for its recipient, in Markdown. dir
// is an empty folder of the caller's, for a pipe. The example is made by what makes the
// file.
func (l *Layout) Describe(ctx context.Context, w io.Writer, language, dir string) error {
	example, err := l.example(ctx, dir)
	if err != nil {
		return fmt.Errorf("describe layout %s: %w", l.Name, err)
	}
	t := descriptions[language]
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s\n\n%s\n\n## %s\n\n", t["title"], l.Name, l.Status[language], t["file"])
	for _, p := range l.properties(t) {
		fmt.Fprintf(&b, "- %s: %s\n", p[0], p[1])
	}
	fmt.Fprintf(&b, "\n## %s\n\n| %s | %s | %s | %s | %s |\n| --- | --- | --- | --- | --- |\n", t["fields"], t["no."], t["field"], t["meaning"], t["form"], t["empty"])
	for i, f := range l.Fields {
		empty := "`" + l.empty(f) + "`"
		if l.empty(f) == "" {
			empty = t["nothing"]
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", i+1, f.Name, f.Meaning[language], l.form(f, t), empty)
	}
	fmt.Fprintf(&b, "\n## %s\n\n%s\n\n## %s\n\n```\n%s```\n", t["who"], t["who.text"], t["example"], example)
	_, err = io.WriteString(w, b.String())
	return err
}

func (l *Layout) properties(t map[string]string) [][2]string {
	or := func(yes bool, a, b string) string {
		if yes {
			return a
		}
		return b
	}
	return [][2]string{
		{t["name"], "`" + l.FileName + "` (" + t["name.note"] + ")"},
		{t["split"], or(l.RowsPerFile == 0, t["split.one"], fmt.Sprintf(t["split.many"], l.RowsPerFile))},
		{t["encoding"], strings.ToUpper(l.Encoding)},
		{t["lacking"], or(l.Lacking == "refuse", t["lacking.refuse"], fmt.Sprintf(t["lacking.write"], l.Lacking))},
		{t["heading"], or(l.Heading, t["yes"], t["no"])},
		{t["separator"], or(l.Separator == "\t", t["tab"], "`"+l.Separator+"`")},
		{t["quoting"], t[l.Quoting]},
		{t["line"], or(l.LineEnd == "crlf", "CR LF", "LF")},
		{t["date"], l.Date},
		{t["empty"], or(l.Empty == "", t["nothing"], "`"+l.Empty+"`")},
		{t["order"], t["order.text"]},
	}
}

// form is how the values of a field look.
func (l *Layout) form(f Field, t map[string]string) string {
	switch f.Value {
	case "birth_date", "last_registered_on", "peildatum":
		return l.Date
	case "sex":
		return "`" + f.Codes["M"] + "`, `" + f.Codes["F"] + "`, `" + f.Codes["X"] + "`"
	case "house_number":
		return t["digits"] + ", 1-5"
	case "isil":
		return "NL-9999999999"
	case "postcode":
		return "9999AA"
	case "house_letter":
		return "A"
	case "house_letter_and_addition":
		if l.AdditionJoinedBy != "" {
			return t["letters"] + ", 0-6; " + fmt.Sprintf(t["addition"], l.AdditionJoinedBy)
		}
		return t["letters"] + ", 0-5"
	}
	return t["letters"] + ", 0-4"
}

// buffers is a sink that keeps files in memory.
type buffers struct{ bytes.Buffer }

func (b *buffers) File(_ context.Context, _ string, write func(io.Writer) (int64, error)) error {
	_, err := write(b)
	return err
}

// example writes two persons who do not exist.
func (l *Layout) example(ctx context.Context, dir string) (string, error) {
	db, err := engine.Open(ctx, engine.Options{Dirs: []string{dir}, Threads: 1})
	if err != nil {
		return "", err
	}
	defer db.Close()
	if err := db.Exec(ctx, `CREATE TABLE population AS SELECT * FROM (VALUES
			(DATE '1980-02-29', 'F', DATE '2024-09-02', '1234AB', 12, 'A', 'BIS'), (DATE '2015-12-31', NULL, DATE '2021-01-04', NULL, NULL, NULL, NULL))
			AS p(birth_date, sex, last_on, postcode, house_number, house_letter, house_addition)`); err != nil {
		return "", err
	}
	readable := *l
	readable.Encoding, readable.LineEnd, readable.RowsPerFile = "utf-8", "lf", 0
	d := Delivery{Layout: &readable, About: reports.About{ISIL: "NL-0823450000"}, Peildatum: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Revision: 1}
	var out buffers
	_, err = d.WriteMembers(ctx, db, dir, &out)
	return out.String(), err
}
