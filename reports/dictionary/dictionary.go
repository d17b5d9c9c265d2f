// Package dictionary makes the description of everything that Peil reads and makes: each
// table, what a row of it is, its columns with type, privacy class and meaning, and from
// which columns of the source each goes back. It says what the contracts say, and nothing
// that they do not.
package dictionary

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"peil/reports/render"
	"peil/transforms/contract"
)

// Folders are what can be described, in the order in which data flow.
var Folders = []string{contract.Input, contract.Core, "cbs", "new-members", "kb", "wsob", "quality"}

type theme struct{ nl, en, nlIntro, enIntro string }

var themes = map[string]theme{
	contract.Input: {"Invoer", "Input", "Wat een bron levert. Kolommen die hier niet staan worden nooit gelezen.", "What a source delivers. Columns that are not here are never read."},
	contract.Core:  {"Tussentabellen", "Core", "Wat Peil er tijdens een run van maakt; niets hiervan wordt bewaard of verlaat de run.", "What Peil makes of it during a run; nothing of it is kept or leaves the run."},
	"cbs":          {"Ledenbestand voor het CBS", "Member file for CBS", "Persoonsgegevens, versleuteld voor het CBS.", "Personal data, encrypted to CBS."},
	"new-members":  {"Nieuwe leden", "New members", "Het rapport voor analisten, als CSV, Parquet, werkmap en pagina.", "The analysts' report, as CSV, Parquet, workbook and page."},
	"kb":           {"Weekbestanden voor de KB", "Weekly files for KB", "Groepen van personen, nooit personen.", "Groups of persons, never persons."},
	"wsob":         {"Jaaropgave Wsob", "Yearly return (Wsob)", "De gegevenslevering van de Wet stelsel openbare bibliotheekvoorzieningen.", "The return that the Dutch library act asks."},
	"quality":      {"Kwaliteit", "Quality", "Wat er met de bron mis was.", "What was wrong with the source."},
}

// classes are the privacy classes, as the legend explains them.
var classes = []struct {
	class  contract.Class
	nl, en string
}{
	{contract.Public, "zegt niets over een persoon", "says nothing about a person"},
	{contract.Counts, "aantallen personen of van wat zij deden, die klein kunnen zijn; in een publieke editie beschermd", "numbers of persons or of what they did, which may be small; protected in a public edition"},
	{contract.Anonymous, "over groepen, beschermd", "about groups, protected"},
	{contract.Pseudonymous, "over één persoon, onder een nummer dat alleen in deze run bestaat", "about one person, under a number that exists in this run only"},
	{contract.Identifying, "over één persoon, die ermee gevonden kan worden", "about one person, who can be found by it"},
}

// Document describes the folders in a language. made is the day that it speaks of.
func Document(language render.Language, folders []string, made time.Time) *render.Document {
	say := func(nl, en string) string {
		if language == render.Dutch {
			return nl
		}
		return en
	}
	d := &render.Document{
		Title: say("Wat Peil leest en maakt", "What Peil reads and makes"), Subtitle: say("Tabellen, kolommen, privacyklassen en herkomst", "Tables, columns, privacy classes and lineage"),
		Language: language, Edition: render.Reference, Made: made,
		Notes: []string{
			say("Categorie is die van de privacyverklaring: 1 contactgegevens en lidmaatschap, 3 leengegevens. Categorie 2 (betaling) en 4 (inloggen) worden nooit gelezen.",
				"Category is that of the privacy statement: 1 contact and membership, 3 loans. Categories 2 (payment) and 4 (log-in) are never read."),
			say("Komt uit noemt de kolommen van de bron waarop een cijfer teruggaat, ook langs andere tabellen; gemaakt van noemt de kolommen waaruit het direct ontstaat.",
				"Goes back to names the columns of the source that a figure rests on, through whatever tables; made from names the columns that it comes from directly."),
			say("Tabellen area-NAAM van het rapport Nieuwe leden hebben de kolommen die de configuratie noemt; zij bevatten naast ledental en aandeel niets over personen.",
				"Tables area-NAME of the new-members report have the columns that the configuration names; beside members and their share they hold nothing about persons."),
		},
	}
	for _, c := range classes {
		d.Definitions = append(d.Definitions, render.Definition{Term: string(c.class), Text: say(c.nl, c.en)})
	}
	for _, folder := range folders {
		t := themes[folder]
		s := render.Section{ID: "of-" + folder, Title: say(t.nl, t.en), Intro: say(t.nlIntro, t.enIntro)}
		for _, c := range contract.Of(folder) {
			s.Tables = append(s.Tables, table(c, string(language), say))
		}
		d.Sections = append(d.Sections, s)
	}
	return d
}

func table(c *contract.Contract, language string, say func(nl, en string) string) render.Table {
	t := render.Table{ID: id(c), Title: c.Name(), Short: c.Table, Definition: say("Een rij is ", "A row is ") + c.Row.In(language) + editions(c.Editions, say) + ".",
		Columns: []render.Column{
			{Key: "column", Title: say("Kolom", "Column")}, {Key: "meaning", Title: say("Betekenis", "Meaning")}, {Key: "values", Title: say("Waarden", "Values")},
			{Key: "type", Title: say("Soort", "Type")}, {Key: "class", Title: say("Privacyklasse", "Privacy class")}, {Key: "category", Title: say("Categorie", "Category")},
		}}
	lineage := c.Folder != contract.Input
	if lineage {
		t.Columns = append(t.Columns, render.Column{Key: "sources", Title: say("Komt uit", "Goes back to")}, render.Column{Key: "made_from", Title: say("Gemaakt van", "Made from"), Hidden: true})
	}
	for _, column := range c.Columns {
		category := ""
		if column.Category > 0 {
			category = fmt.Sprint(column.Category)
		}
		name := column.Name
		if column.Pattern != "" {
			name = column.Pattern
		}
		row := []render.Value{render.Text(name), render.Text(column.In(language) + editions(column.Editions, say)), render.Text(codes(column)),
			render.Text(column.Type), render.Text(string(column.Class)), render.Text(category)}
		if lineage {
			row = append(row, render.Text(orRun(strings.Join(c.Sources(column.Name), ", "), say)), render.Text(orRun(strings.Join(c.MadeFrom(column.Name), ", "), say)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// id is unique in the document: two outputs may have tables of one name.
func id(c *contract.Contract) string { return c.Folder + "-" + strings.ReplaceAll(c.Table, "_", "-") }

func orRun(sources string, say func(nl, en string) string) string {
	if sources == "" {
		return say("de run of de configuratie", "the run or the configuration")
	}
	return sources
}

func editions(names []string, say func(nl, en string) string) string {
	if slices.Equal(names, []string{"internal"}) {
		return say(" (alleen in de interne editie)", " (internal edition only)")
	}
	if slices.Equal(names, []string{"public"}) {
		return say(" (alleen in de publieke editie)", " (public edition only)")
	}
	return ""
}

// codes lists the values that a column can have, where they are a closed list.
func codes(c contract.Column) string {
	for _, values := range c.Codes {
		return strings.Join(values, ", ")
	}
	return ""
}
