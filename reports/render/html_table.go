package render

import (
	"encoding/json"
	"html/template"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	fullRows  = 200 // tables up to here stand in the page, and print, complete
	longRows  = 40  // tables beyond here are paged through
	pageRows  = 25
	printRows = 50 // of a table that does not print complete
	shortHead = 9  // signs up to which a heading stays on one line
)

type tableView struct {
	ID, Title, Definition string
	W                     map[string]string
	Head                  []headView
	Rows                  [][]cellView
	Total                 []cellView
	Open                  bool   // shown at first; the others are a click away
	Count                 string // of rows
	Partial               string
	PageSize              int
	Files, Notes          []string
	Columns               []Definition
	Data                  template.JS
}

type headView struct{ Title, Class, Definition string }

type cellView struct {
	Text, Class, Meaning string
	Head                 bool
}

func (f formatter) tableView(t *Table, w map[string]string) (tableView, error) {
	data, err := json.Marshal(tableData(t))
	if err != nil {
		return tableView{}, err
	}
	v := tableView{ID: t.ID, Title: clean(t.Title), Definition: clean(t.Definition), W: w,
		Count: f.number(float64(len(t.Rows)), 0) + " " + f.rowsWord(len(t.Rows)), PageSize: pageRows, Files: t.Files, Notes: cleanAll(t.Notes), Data: template.JS(data)}
	if len(t.Rows) <= longRows {
		v.PageSize = longRows
	}
	for _, c := range t.Columns {
		head := headView{Title: clean(c.Title), Definition: clean(c.Definition)}
		head.Class = kindClass(c.Kind)
		if utf8.RuneCountInString(head.Title) <= shortHead {
			head.Class = strings.TrimSpace(head.Class + " k")
		}
		v.Head = append(v.Head, head)
		if c.Definition != "" {
			v.Columns = append(v.Columns, Definition{head.Title, head.Definition})
		}
	}
	shown := len(t.Rows)
	if shown > fullRows {
		shown = pageRows
		v.Partial = fill(f.noScript, "{n}", strconv.Itoa(shown), "{all}", f.number(float64(len(t.Rows)), 0))
	}
	tops := make([]float64, len(t.Columns))
	for i := range t.Columns {
		tops[i] = highest(t, i)
	}
	for _, row := range t.Rows[:shown] {
		v.Rows = append(v.Rows, f.rowView(t, row, tops))
	}
	if t.Total != nil {
		v.Total = f.rowView(t, t.Total, make([]float64, len(t.Columns)))
	}
	return v, nil
}

// rowsWord is "row" or "rows".
func (w *words) rowsWord(n int) string {
	if n == 1 {
		return w.row
	}
	return w.rows
}

func (f formatter) rowView(t *Table, row []Value, tops []float64) []cellView {
	out := make([]cellView, len(row))
	for i, val := range row {
		c := t.Columns[i]
		cell := cellView{Text: f.value(val, c.Kind, c.Decimals), Meaning: f.markText(val.mark),
			Head: i == 0 && c.Kind == KindText}
		for _, class := range []string{kindClass(c.Kind), markClass(val.mark), shadeClass(c.Shade, val, tops[i])} {
			if class != "" && cell.Class != "" {
				class = " " + class
			}
			cell.Class += class
		}
		out[i] = cell
	}
	return out
}

// kindClass sets figures to the right; what says where or when, to the left.
func kindClass(k Kind) string {
	switch {
	case k == KindText:
		return ""
	case k.figure():
		return "n"
	}
	return "w"
}

// shadeClass is one of five depths, or the direction of a change.
func shadeClass(s Shade, v Value, top float64) string {
	switch {
	case !v.known():
		return ""
	case s == ShadeChange && v.number > 0:
		return "up"
	case s == ShadeChange && v.number < 0:
		return "dn"
	case s == ShadeMagnitude && v.number > 0 && top > 0:
		return "q" + strconv.Itoa(int(math.Ceil(v.number/top*5)))
	}
	return ""
}

func highest(t *Table, column int) float64 {
	top := 0.0
	for _, row := range t.Rows {
		if row[column].known() {
			top = max(top, row[column].number)
		}
	}
	return top
}

// columnData is a column for the script: texts by their place in a dictionary,
// numbers bare, null for what is not available, "x" for what is protected,
// ">12" for a lower bound.
type columnData struct {
	Title    string   `json:"title"`
	Kind     string   `json:"kind"`
	Decimals int      `json:"decimals,omitempty"`
	Hidden   bool     `json:"hidden"`
	Shade    string   `json:"shade,omitempty"`
	Max      float64  `json:"max,omitempty"`
	Dict     []string `json:"dict,omitempty"`
	V        []any    `json:"v"`
}

var (
	kindNames = map[Kind]string{KindText: "text", KindCount: "count", KindDecimal: "decimal",
		KindPercent: "percent", KindYear: "year", KindMonth: "month", KindDate: "date"}
	shadeNames = map[Shade]string{ShadeMagnitude: "magnitude", ShadeChange: "change"}
)

func tableData(t *Table) any {
	cols := make([]columnData, len(t.Columns))
	for i, c := range t.Columns {
		col := columnData{Title: clean(c.Title), Kind: kindNames[c.Kind], Decimals: c.Decimals,
			Hidden: c.Hidden, Shade: shadeNames[c.Shade], V: make([]any, len(t.Rows))}
		if c.Shade == ShadeMagnitude {
			col.Max = highest(t, i)
		}
		if c.Kind == KindText {
			col.Dict = []string{}
		}
		places := make(map[string]int)
		for r, row := range t.Rows {
			switch v := row[i]; {
			case v.mark == markNotAvailable:
			case v.mark == markProtected:
				col.V[r] = "x"
			case v.form == formText:
				text := clean(v.text)
				place, ok := places[text]
				if !ok {
					place = len(col.Dict)
					places[text] = place
					col.Dict = append(col.Dict, text)
				}
				col.V[r] = place
			case v.mark == markLowerBound:
				col.V[r] = ">" + v.machine()
			default:
				col.V[r] = v.number
			}
		}
		cols[i] = col
	}
	return map[string]any{"rows": len(t.Rows), "cols": cols}
}

// scriptWords are the words and rules with which the script writes cells.
func (f formatter) scriptWords() map[string]any {
	return map[string]any{
		"months": f.months, "group": f.group, "point": f.point,
		"na": f.notAvailable, "naText": f.notAvailableText, "pr": f.protected, "prText": f.protectedText,
		"lbText": f.lowerBoundText, "filter": f.filter, "filterHint": f.filterHint, "all": f.all,
		"columns": f.columns, "reset": f.reset, "previous": f.previous, "next": f.next, "shown": f.shown,
		"totalHint": f.totalHint, "fullRows": fullRows, "printRows": printRows,
	}
}

// pageWords are the words the template uses.
func (f formatter) pageWords() map[string]string {
	return map[string]string{
		"skip": f.skip, "table": f.table, "edition": f.edition, "contents": f.contents, "files": f.files, "keyFigures": f.keyFigures,
		"definitions": f.definitions, "legend": f.legend, "notes": f.notes, "source": f.source,
		"dataAndDefinition": f.dataAndDefinition, "toTable": f.toTable, "wholeTable": f.wholeTable,
		"columnDefinitions": f.columnDefinitions, "findPanel": f.findPanel, "sameScale": f.sameScale,
	}
}
