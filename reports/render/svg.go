package render

import (
	"math"
	"strings"
	"unicode/utf8"
)

// The drawings are data for templates: positions as text, so that the template
// escapes and nothing else formats. Sizes are in the units of the viewBox.

type tick struct{ Pos, Label string }

type mark2D struct {
	X, Y, Title string
	Hollow      bool // a lower bound
}

type label struct{ X, Y, Text, Class, Anchor string }

type lineSeries struct {
	Class  string
	Paths  []string
	Dashed []string // stretches that touch a lower bound
	Marks  []mark2D
	Label  label
	Tie    string // path from the last point to its label, when moved away
}

type rect struct{ X, Y, W, H, Class, Title string }

type legendEntry struct{ Class, Text string }

// drawing is one SVG.
type drawing struct {
	ID, Title, Description string
	W, H                   string
	Left, Right            string // of the plot area
	Top, Bottom            string
	Base                   string // pixel of zero; empty if it lies outside
	YTicks, XTicks         []tick
	Lines                  []lineSeries
	Rects                  []rect
	Labels                 []label
	Legend                 []legendEntry
	Upright                bool // the value axis is vertical
	Notes                  []string
	Dots                   bool
}

const (
	chartWidth  = 800.0
	chartHeight = 320.0
	charWidth   = 6.6  // of 12 px text, on average; generous
	boldness    = 1.15 // bold text to plain
)

func textWidth(s string) float64 { return float64(utf8.RuneCountInString(s)) * charWidth }

// shorten cuts a label; the full text stands in the table.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n-1])) + "…"
}

// valueAxis is the value scale of a plot with its ticks.
func (f formatter) valueAxis(p plot, low, high float64, n int) (at []float64, labels []string) {
	kind, factor := p.yKind, 1.0
	if kind == KindPercent {
		factor = 100
	}
	at = ticks(low*factor, high*factor, n, kind == KindCount || kind == KindYear)
	decs := decimalsOf(at)
	for i, v := range at {
		text := f.number(v, decs)
		if kind == KindPercent {
			text += "%"
		}
		labels = append(labels, text)
		at[i] = v / factor
	}
	return at, labels
}

// positions lie in proportion to time, so that a missing month leaves room.
func (p plot) positions(from, to float64) []float64 {
	n := len(p.xs)
	out := make([]float64, n)
	for i := range out {
		switch {
		case n == 1:
			out[i] = (from + to) / 2
		case p.xKind == KindText:
			out[i] = from + (to-from)*float64(i)/float64(n-1)
		default:
			out[i] = scale{p.xs[0].number, p.xs[n-1].number, from, to}.at(p.xs[i].number)
		}
	}
	return out
}

// xLabels picks which x get a label: all that fit, months by whole parts of a year.
func (f formatter) xLabels(p plot, pos []float64, width float64) []tick {
	if len(p.xs) == 0 {
		return nil
	}
	widest := 0.0
	texts := make([]string, len(p.xs))
	for i, v := range p.xs {
		texts[i] = shorten(f.value(v, p.xKind, p.xDecs), 18)
		widest = max(widest, textWidth(texts[i])+14)
	}
	fit := max(1, int(width/widest))
	step := (len(p.xs) + fit - 1) / fit
	at := func(i int) int { return i }
	if p.xKind == KindMonth {
		step = monthStep(step)
		at = func(i int) int { return int(p.xs[i].number) }
	}
	var out []tick
	for i := range p.xs {
		if at(i)%step == 0 {
			out = append(out, tick{px(pos[i]), texts[i]})
		}
	}
	if out == nil {
		out = append(out, tick{px(pos[0]), texts[0]})
	}
	return out
}

// monthStep is the first natural number of months from n up.
func monthStep(n int) int {
	for _, s := range []int{1, 2, 3, 6, 12, 24, 60} {
		if s >= n {
			return s
		}
	}
	return 120
}

// labelRoom is the width that the longest label takes.
func labelRoom(labels []string, least float64) float64 {
	for _, l := range labels {
		least = max(least, textWidth(l)+12)
	}
	return least
}

// lineRange is what the value axis of a line chart must hold: from zero, unless
// the lines would then lie flat in its upper part.
func lineRange(p plot) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range p.series {
		for _, v := range s.values {
			if v.known() {
				low, high = min(low, v.number), max(high, v.number)
			}
		}
	}
	switch {
	case low > high:
		return 0, 1
	case low > 0 && low < 0.6*high:
		return 0, high
	}
	return low, high
}

// lineChart draws series as lines, named at their ends.
func (f formatter) lineChart(p plot) drawing {
	low, high := lineRange(p)
	at, labels := f.valueAxis(p, low, high, 5)
	d := drawing{W: px(chartWidth), H: px(chartHeight), Upright: true, Dots: len(p.xs) <= 40}
	left, right := labelRoom(labels, 12), 16.0
	names := make([]string, len(p.series))
	for i, s := range p.series {
		names[i] = f.endLabel(p, s)
		right = max(right, textWidth(names[i])*boldness+20)
	}
	top, bottom, plotRight := 14.0, chartHeight-30, chartWidth-right
	y := scale{at[0], at[len(at)-1], bottom, top}
	for i := range at {
		d.YTicks = append(d.YTicks, tick{px(y.at(at[i])), labels[i]})
	}
	pos := p.positions(left+8, plotRight-8)
	d.XTicks = f.xLabels(p, pos, plotRight-left)
	d.Left, d.Right, d.Top, d.Bottom = px(left), px(plotRight), px(top), px(bottom)
	if at[0] <= 0 {
		d.Base = px(y.at(0))
	} else {
		d.Notes = append(d.Notes, f.cutAxis)
	}
	ends := make([]float64, len(p.series))
	for i, s := range p.series {
		line := f.line(p, s, pos, y)
		line.Class = s.class
		d.Lines = append(d.Lines, line)
		ends[i] = bottom
		for _, v := range s.values {
			if v.known() {
				ends[i] = y.at(v.number)
			}
		}
	}
	nameLines(d.Lines, names, ends, spread(ends, 15, top, bottom), plotRight)
	return d
}

// endLabel says at the end of a line which it is, where there are several, and of a line
// over time that reaches the end what its last figure is.
func (f formatter) endLabel(p plot, s series) string {
	var parts []string
	if len(p.series) > 1 {
		parts = append(parts, shorten(clean(s.name), 24))
	}
	if n := len(s.values); n > 0 && p.xKind != KindText && s.values[n-1].known() {
		parts = append(parts, f.value(s.values[n-1], p.yKind, p.yDecs))
	}
	return strings.Join(parts, " ")
}

// nameLines sets the names right of the lines' ends, with a tie to those moved.
func nameLines(lines []lineSeries, names []string, ends, at []float64, right float64) {
	for i := range lines {
		lines[i].Label = label{X: px(right + 10), Y: px(at[i] + 4), Text: names[i]}
		if math.Abs(at[i]-ends[i]) > 2 {
			lines[i].Tie = "M" + px(right-4) + " " + px(ends[i]) + "L" + px(right+7) + " " + px(at[i])
		}
	}
}

// line breaks where a value is unknown and is dashed beside a lower bound.
func (f formatter) line(p plot, s series, pos []float64, y scale) lineSeries {
	var out lineSeries
	var path strings.Builder
	flush := func() {
		if d := path.String(); d != "" {
			if !strings.Contains(d, "L") {
				d += "h0" // a point alone; the round cap makes it a dot
			}
			out.Paths = append(out.Paths, d)
			path.Reset()
		}
	}
	for i, v := range s.values {
		if !v.known() {
			flush()
			continue
		}
		here := px(pos[i]) + " " + px(y.at(v.number))
		title := f.value(p.xs[i], p.xKind, p.xDecs) + ": " + f.value(v, p.yKind, p.yDecs)
		if len(s.name) > 0 {
			title = clean(s.name) + ", " + title
		}
		out.Marks = append(out.Marks, mark2D{px(pos[i]), px(y.at(v.number)), title, v.mark == markLowerBound})
		bound := i > 0 && s.values[i-1].known() &&
			(v.mark == markLowerBound || s.values[i-1].mark == markLowerBound)
		if bound {
			flush()
			out.Dashed = append(out.Dashed, "M"+px(pos[i-1])+" "+px(y.at(s.values[i-1].number))+"L"+here)
		}
		if path.Len() == 0 {
			path.WriteString("M" + here)
		} else {
			path.WriteString("L" + here)
		}
	}
	flush()
	return out
}

// spread moves labels apart, keeping their order and staying within the bounds.
func spread(at []float64, gap, top, bottom float64) []float64 {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	for i := range order { // insertion sort: at most maxSeries, and stable
		for k := i; k > 0 && at[order[k]] < at[order[k-1]]; k-- {
			order[k], order[k-1] = order[k-1], order[k]
		}
	}
	out := make([]float64, len(at))
	last := top - gap
	for _, i := range order {
		out[i] = max(at[i], last+gap)
		last = out[i]
	}
	limit := bottom
	for k := len(order) - 1; k >= 0; k-- {
		out[order[k]] = min(out[order[k]], limit)
		limit = out[order[k]] - gap
	}
	return out
}

func seriesClass(i int) string { return "s" + string(rune('1'+i%maxSeries)) }
