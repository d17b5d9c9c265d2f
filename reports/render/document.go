// Package render turns one report, held in memory, into the three forms in
// which people receive it: a workbook ([WriteXLSX]), one self-contained page
// ([WriteHTML]) and machine-readable tables ([WriteCSV]).
//
// A [Document] holds sections; a section holds tables and the charts drawn from
// them. Every figure comes from the caller: the renderer formats, sorts and
// draws, and computes nothing. What is not known, not shown or only a lower
// bound is a [Value] of its own, so that it can never pass for a zero.
//
// The texts of a document are already in the reader's language. The renderer
// adds only its own few words (filter, legend, the edition's warning), in the
// same language. Equal documents give equal bytes.
package render

import "time"

// Language of a document and of the renderer's own words.
type Language string

// The languages in which the renderer has words.
const (
	Dutch   Language = "nl"
	English Language = "en"
)

// Edition says for whom a document is. It is marked on every sheet and on
// every printed page.
type Edition string

const (
	// Internal editions hold exact figures for the library's own staff.
	Internal Edition = "internal"
	// Public editions hold protected figures only.
	Public Edition = "public"
	// Reference documents describe and hold no figures.
	Reference Edition = "reference"
)

// Document is one report.
type Document struct {
	Title    string
	Subtitle string
	Language Language
	Edition  Edition
	Library  string // name of the library organisation
	Period   string // as printed: "januari 2022 t/m december 2024"
	Source   string // where the figures come from, one line

	// ReferenceDate is the day the figures are true for; zero if the report has none.
	ReferenceDate time.Time
	// Made goes into the workbook's properties and is the only time in the
	// output: pass the run's time, never the wall clock, to get equal bytes.
	Made time.Time

	KeyFigures  []KeyFigure
	Sections    []Section
	Definitions []Definition
	Notes       []string

	// LowerBound is what ≥ means here; empty: the true count is the same or larger.
	LowerBound string

	// Files are names of files that stand beside the page, such as the
	// workbook; the page links to them.
	Files []string
}

// Definition explains a term that the document uses.
type Definition struct {
	Term string
	Text string
}

// KeyFigure is one figure shown large at the top.
type KeyFigure struct {
	Label      string
	Value      Value
	Kind       Kind
	Decimals   int    // of decimals and percentages
	Note       string // what to hold it against: "vorig jaar 1.204"
	Definition string
}

// Section is a theme: what it shows, its charts, the tables they are drawn from.
type Section struct {
	ID     string // unique in the document; letters, digits, hyphens
	Title  string
	Intro  string
	Charts []Chart
	Tables []Table
}

// Table is a rectangle of values with a definition. Total, if any, has as many
// cells as there are columns and is never sorted or filtered away; where a total
// does not apply (the month of a sum) it holds an empty [Text].
type Table struct {
	ID         string // unique in the document; letters, digits, hyphens
	Title      string
	Short      string // name of the sheet, at most 31 characters; the title if empty
	Definition string // what a row is and how it was counted
	Columns    []Column
	Rows       [][]Value
	Total      []Value
	Notes      []string

	// Files are names of files beside the page that hold all rows.
	Files []string
}

// Kind of the values in a column; it decides type, format and alignment.
type Kind int

const (
	KindText    Kind = iota
	KindCount        // whole numbers, grouped by thousands
	KindDecimal      // numbers with [Column].Decimals decimals
	KindPercent      // fractions: 0.125 shows as 12,5%
	KindYear         // whole numbers, never grouped
	KindMonth
	KindDate
)

// figure tells figures from what says which row it is: names, places, times.
func (k Kind) figure() bool { return k == KindCount || k == KindDecimal || k == KindPercent }

// Shade is the colour a column's cells get according to their value.
type Shade int

const (
	NoShade        Shade = iota
	ShadeMagnitude       // the more, the darker
	ShadeChange          // below zero against above zero
)

// Column describes the values below it.
type Column struct {
	Key        string // heading in CSV: lower case letters, digits, underscores
	Title      string
	Kind       Kind
	Decimals   int // of decimals and percentages
	Definition string
	Shade      Shade
	Hidden     bool // hidden at first in page and workbook; always in CSV
}

// ChartKind is the way a chart is drawn.
type ChartKind int

const (
	// Lines draws series over time, or over an ordered text column.
	Lines ChartKind = iota
	// Bars draws upright bars over time and lying bars over text.
	Bars
	// StackedBars draws series on top of one another.
	StackedBars
	// SmallMultiples draws one small line chart per value of [Chart].By.
	SmallMultiples
	// TileMap draws one tile per PC4 area, placed by its digits.
	TileMap
)

// Chart draws columns of a table in the same section.
type Chart struct {
	ID          string // unique in the document; letters, digits, hyphens
	Title       string
	Description string // what there is to see, in a sentence; also read aloud
	Kind        ChartKind
	Table       string // ID of the table
	X           string // key of the column along the axis; of a tile map, the PC4
	// Y are keys of the columns drawn, a series each. With By, or on a tile
	// map, Lines and bars take one; SmallMultiples draw all of them per panel.
	Y []string
	// By is the key of a text column: a series, or a panel, per value.
	By string
	// Accent is the series to look at, a key of Y or a value of By; the others are drawn in
	// grey, to hold it against, those of By in the order of their names. Empty: all are equal.
	Accent string
}
