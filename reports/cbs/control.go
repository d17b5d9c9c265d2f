package cbs

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"peil/reports/render"
)

// ControlName is the name of the control file.
const ControlName = "control.csv"

// Written is one file of a delivery as it was staged.
type Written struct {
	Name          string
	Rows          int64
	SHA256        string // of the file as it is sent; empty where it is to be left out
	PlaintextHMAC string // keyed hash of what it holds, for the sender; empty if it is not encrypted
}

// Replaced is the delivery that a correction takes the place of.
type Replaced struct {
	Folder      string `json:"folder"`       // in the store
	DeliveredAt string `json:"delivered_at"` // RFC 3339; empty where nobody knows whether it arrived
	Files       []File `json:"files"`
}

// File is a file of an earlier delivery.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// WriteControl writes what recipient and library can hold the delivery against, a line
// each: onderwerp, onderdeel, aantal. The recipient reads Dutch.
func (d Delivery) WriteControl(w io.Writer, c Counts, files []Written, replaces *Replaced) (rows int64, err error) {
	lines := [][]string{{"onderwerp", "onderdeel", "aantal"}}
	add := func(subject, part, number string) {
		lines = append(lines, []string{subject, render.Inert(part), number})
	}
	about := func(part string, args ...any) { add("levering", fmt.Sprintf(part, args...), "") }
	note := "van de bibliotheek zelf"
	if d.Layout.Name == DefaultLayout {
		note = "standaard van Peil, af te stemmen met CBS"
	}
	about("indeling %s (%s)", d.Layout.Name, note)
	about("indelingsbestand sha256 %s", d.Layout.SHA256)
	about("organisatie %s", d.About.ISIL)
	about("werkelijke peildatum %s", d.Peildatum.Format("20060102"))
	about("adressen per %s", d.About.SnapshotOn.Format("20060102"))
	about("één regel per persoon, ook bij meer abonnementen; abonnement en adres van de laatste inschrijving")
	if d.Revision > 1 {
		about("correctie %d", d.Revision-1)
		for _, f := range replaces.Files {
			about("vervangt %s sha256 %s", f.Name, f.SHA256)
		}
		if replaces.DeliveredAt != "" {
			about("geleverd op %s", replaces.DeliveredAt)
		}
	}
	for _, f := range files {
		add("bestand", f.Name+" regels", strconv.FormatInt(f.Rows, 10))
		if f.SHA256 != "" {
			add("bestand", f.Name+" sha256 "+f.SHA256, "")
		}
		if f.PlaintextHMAC != "" {
			add("bestand", f.Name+" inhoud hmac-sha256 (sleutel bij de bibliotheek) "+f.PlaintextHMAC, "")
		}
	}
	for i, one := range c {
		part := PartName("nl", one.Subject, one.Part, one.Label)
		if one.Subject == "persons" {
			part = "totaal"
		}
		add(words["nl"][one.Subject], part, strconv.FormatInt(one.N, 10))
		if one.Subject == "match" && (i+1 == len(c) || c[i+1].Subject != "match") {
			add("koppeling", "verwacht percentage, geschat uit volledigheid", decimalComma(c.ExpectedMatch()))
			add("koppeling", "landelijk percentage (proef 2019, bijna)", strconv.Itoa(NationalMatch))
		}
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	return int64(len(lines) - 1), out.WriteAll(lines)
}

// decimalComma writes a share with one decimal as Dutch spreadsheets read it.
func decimalComma(share float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(share, 'f', 1, 64), ".", ",")
}
