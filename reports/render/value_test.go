package render

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFormat(t *testing.T) {
	tests := []struct {
		value    Value
		kind     Kind
		decimals int
		nl, en   string
	}{
		{Int(0), KindCount, 0, "0", "0"},
		{Int(999), KindCount, 0, "999", "999"},
		{Int(1234567), KindCount, 0, "1.234.567", "1,234,567"},
		{Int(-1234), KindCount, 0, "−1.234", "−1,234"},
		{Int(2024), KindYear, 0, "2024", "2024"},
		{Float(0.125), KindPercent, 1, "12,5%", "12.5%"},
		{Float(-0.00001), KindPercent, 1, "0,0%", "0.0%"},
		{Float(1234.567), KindDecimal, 2, "1.234,57", "1,234.57"},
		{Float(math.NaN()), KindDecimal, 2, "n.b.", "n/a"},
		{Float(math.Inf(1)), KindPercent, 0, "n.b.", "n/a"},
		{Month(2024, time.March), KindMonth, 0, "mrt 2024", "Mar 2024"},
		{Date(time.Date(2024, 2, 29, 23, 59, 0, 0, time.FixedZone("", 7200))), KindDate, 0, "29 feb 2024", "29 Feb 2024"},
		{Date(time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)), KindDate, 0, "31 dec 1899", "31 Dec 1899"},
		{Value{}, KindCount, 0, "n.b.", "n/a"},
		{NotAvailable(), KindText, 0, "n.b.", "n/a"},
		{Protected(), KindCount, 0, "x", "x"},
		{AtLeast(1200), KindCount, 0, "≥ 1.200", "≥ 1,200"},
		{Text("a\x00b\u0085c\uffff"), KindText, 0, "abc", "abc"},
	}
	for _, tt := range tests {
		got := []string{newFormatter(Dutch).value(tt.value, tt.kind, tt.decimals), newFormatter(English).value(tt.value, tt.kind, tt.decimals)}
		if diff := cmp.Diff([]string{tt.nl, tt.en}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.value, diff)
		}
	}
}

func TestWordsAreComplete(t *testing.T) {
	for language, w := range wordsOf {
		v := reflect.ValueOf(*w)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s has no word for %s", language, v.Type().Field(i).Name)
			}
		}
	}
}

func TestValidate(t *testing.T) {
	if err := smallReport(Dutch).Validate(); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		spoil func(*Document)
		want  string
	}{
		"language":       {func(d *Document) { d.Language = "fy" }, "neither nl nor en"},
		"edition":        {func(d *Document) { d.Edition = "" }, "neither internal, public nor reference"},
		"title":          {func(d *Document) { d.Title = "" }, "title is empty"},
		"made":           {func(d *Document) { d.Made = time.Time{} }, "is missing"},
		"key figure":     {func(d *Document) { d.KeyFigures[0].Value = Text("a") }, "does not fit"},
		"twice":          {func(d *Document) { d.Sections[0].Tables[1].ID = "t" }, "used twice"},
		"id":             {func(d *Document) { d.Sections[0].ID = "a b" }, "letters, digits or hyphens"},
		"no columns":     {func(d *Document) { d.Sections[0].Tables[0].Columns = nil }, "no columns"},
		"ragged":         {func(d *Document) { d.Sections[0].Tables[0].Rows[1] = []Value{Int(1)} }, "row 2: 1 cells for 3 columns"},
		"wrong kind":     {func(d *Document) { d.Sections[0].Tables[0].Rows[0][2] = Text("12") }, `column "new" does not fit`},
		"float as count": {func(d *Document) { d.Sections[0].Tables[0].Rows[0][2] = Float(1.5) }, `column "new" does not fit`},
		"total":          {func(d *Document) { d.Sections[0].Tables[0].Total = []Value{Int(1)} }, "total: 1 cells"},
		"reserved key":   {func(d *Document) { d.Sections[0].Tables[0].Columns[0].Key = statusKey }, "reserved"},
		"key":            {func(d *Document) { d.Sections[0].Tables[0].Columns[0].Key = "=A1" }, "lower case letters"},
		"file":           {func(d *Document) { d.Files = []string{"../private/x"} }, "not a plain name"},
		"chart table":    {func(d *Document) { d.Sections[0].Charts[0].Table = "x" }, `table "x" is not in its section`},
		"chart x":        {func(d *Document) { d.Sections[0].Charts[0].X = "x" }, `no column "x"`},
		"chart y":        {func(d *Document) { d.Sections[0].Charts[0].Y = []string{"month"} }, "no numbers to draw"},
		"chart nothing":  {func(d *Document) { d.Sections[0].Charts[0].Y = nil }, "draws no column"},
		"chart by":       {func(d *Document) { d.Sections[0].Charts[0].By = "month" }, "no text column"},
		"two rows an x":  {func(d *Document) { d.Sections[0].Charts[0].By = "" }, "two rows for 2024-01"},
		"panels":         {func(d *Document) { d.Sections[0].Charts[3].By = "" }, "need a column to divide by"},
		"map":            {func(d *Document) { d.Sections[0].Charts[4].X = "n" }, "text column of PC4"},
	}
	for name, tt := range tests {
		d := smallReport(Dutch)
		tt.spoil(d)
		err := d.Validate()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, tt.want)
		}
	}
}

func TestTicks(t *testing.T) {
	tests := []struct {
		low, high float64
		whole     bool
		want      []float64
	}{
		{0, 0, true, []float64{0, 1}},
		{0, 3, true, []float64{0, 1, 2, 3}},
		{0, 464, true, []float64{0, 100, 200, 300, 400, 500}},
		{0, 12, true, []float64{0, 5, 10, 15}},
		{-3, 7, false, []float64{-4, -2, 0, 2, 4, 6, 8}},
		{0, 0.27, false, []float64{0, 0.1, 0.2, 0.30000000000000004}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, ticks(tt.low, tt.high, 5, tt.whole)); diff != "" {
			t.Errorf("ticks from %v to %v (-want +got):\n%s", tt.low, tt.high, diff)
		}
	}
}

func FuzzTicks(f *testing.F) {
	f.Add(0.0, 1.0, true)
	f.Add(-1e9, 1e-9, false)
	f.Fuzz(func(t *testing.T, low, high float64, whole bool) {
		if !(math.Abs(low) < 1e15 && math.Abs(high) < 1e15) || high-low < 1e-9*math.Abs(high) {
			return
		}
		got := ticks(low, high, 5, whole)
		if len(got) < 2 || len(got) > 12 {
			t.Fatalf("%d ticks from %v to %v", len(got), low, high)
		}
		if slack := (got[1] - got[0]) * 1e-6; got[0] > low+slack || got[len(got)-1] < high-slack {
			t.Errorf("ticks %v do not enclose %v to %v", got, low, high)
		}
	})
}

func TestSpread(t *testing.T) {
	got := spread([]float64{100, 98, 20, 199}, 15, 10, 200)
	if diff := cmp.Diff([]float64{113, 98, 20, 199}, got); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	for _, y := range spread([]float64{200, 200, 200}, 15, 10, 200) {
		if y < 10 || y > 200 {
			t.Errorf("a label at %v lies outside", y)
		}
	}
}

func TestXLabels(t *testing.T) {
	f := newFormatter(English)
	var p plot
	p.xKind = KindMonth
	for m := range 36 {
		p.xs = append(p.xs, Month(2021+(m+4)/12, time.Month((m+4)%12+1)))
	}
	var got []string
	for _, l := range f.xLabels(p, p.positions(0, 500), 500) {
		got = append(got, l.Label)
	}
	if diff := cmp.Diff([]string{"Jul 2021", "Jan 2022", "Jul 2022", "Jan 2023", "Jul 2023", "Jan 2024"}, got); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}
