package privacy

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/rights"
	"peil/reports/render"
)

// The page has its words in both languages, tells what was sent, and names no member.
func TestPage(t *testing.T) {
	cbs := &config.Recipient{Name: "CBS", Basis: "public task", Agreement: "A 1"}
	for _, language := range []string{"nl", "en"} {
		l := Ledger{
			Library: config.Library{Name: "Bieb", Language: language}, On: time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC), Head: "abc",
			Entries: []delivery.Entry{
				{Seq: 1, Kind: delivery.Approval, Manifest: "m", By: "A. de Vries", Output: "cbs", Period: "2025-01-01"},
				{Seq: 2, Kind: delivery.Sending, Manifest: "m", Output: "cbs", Period: "2025-01-01", Recipient: cbs, Sets: []delivery.Set{{Persons: 1417}}},
				{Seq: 3, Kind: delivery.Sent, Sending: 2},
				{Seq: 4, Kind: delivery.Disclosure, What: "an address", By: "B", Recipient: &config.Recipient{Name: "Politie", Basis: "legal duty"}},
				{Seq: 5, Kind: delivery.Purge, What: "done", Who: &delivery.Who{User: "peil", Host: "ci"}},
				{Seq: 6, Kind: delivery.Right, What: "erasure", Register: 1},
			},
			Register: &rights.Register{Entries: []rights.Entry{
				{Subject: "5ec2e7", Right: rights.Erasure, Told: []rights.Told{{Recipient: "CBS"}}},
				{Subject: "5ec2e8", Right: rights.Objection, Lifted: "2025-01-01"},
			}},
		}
		var b bytes.Buffer
		if err := l.WritePage(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"CBS", "A. de Vries", "Politie", "legal duty", "peil@ci", "abc"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: the page lacks %q", language, want)
			}
		}
		if strings.Contains(b.String(), "5ec2e") {
			t.Errorf("%s: the page holds a keyed id", language)
		}
		for _, s := range l.document().Sections {
			for _, table := range s.Tables {
				if table.Title == "" || table.Definition == "" || slices.ContainsFunc(table.Columns, func(c render.Column) bool { return c.Title == "" }) {
					t.Errorf("%s: table %s lacks a word", language, table.ID)
				}
			}
		}
	}
	if len(words["nl"]) != len(words["en"]) {
		t.Error("the languages have other words")
	}
}

func TestProcessing(t *testing.T) {
	c := &config.Config{
		Library: config.Library{Name: "Bieb", ISIL: "NL-0823450000", Language: "nl"}, Source: config.Source{Type: "koha"}, Store: "out",
		Recipients: map[string]config.Recipient{"cbs": {Name: "CBS", Basis: "publieke taak"}},
		Outputs:    config.Outputs{CBS: &config.CBS{}, WSOB: &config.WSOB{}}, Retention: config.Retention{Contact: 6, Loans: 6, MemberSets: 60},
	}
	for language, want := range map[string][]string{
		"nl": {"## Levering van ledengegevens aan CBS", "publieke taak", "**[kenmerk]**", "(koha)", "6 maanden", "## Jaaropgave"},
		"en": {"## Member data to CBS", "publieke taak", "**[reference]**", "(koha)", "6 months", "## Yearly return"},
	} {
		var b bytes.Buffer
		if err := WriteProcessing(&b, c, language); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s: the draft lacks %q", language, w)
			}
		}
		if strings.Contains(b.String(), "## Weekbestanden") || strings.Contains(b.String(), "## New members") {
			t.Errorf("%s: the draft tells of an output that is not configured", language)
		}
	}
}
