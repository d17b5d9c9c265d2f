package render

import (
	"math"
	"strconv"
)

// maxBars is how many lying bars a chart shows before it refers to its table.
const maxBars = 40

// barChart draws upright bars over time and lying bars over text.
func (f formatter) barChart(p plot, stacked bool) drawing {
	var notes []string
	if len(p.series) > maxSeries {
		notes = append(notes, f.capped(maxSeries, len(p.series)))
		p.series = p.series[:maxSeries]
	}
	var d drawing
	if p.xKind == KindText {
		if len(p.xs) > maxBars {
			notes = append(notes, f.capped(maxBars, len(p.xs)))
			p.xs = p.xs[:maxBars]
		}
		d = f.lyingBars(p, stacked)
	} else {
		d = f.uprightBars(p, stacked)
	}
	d.Notes = append(d.Notes, notes...)
	if len(p.series) > 1 {
		for i, s := range p.series {
			d.Legend = append(d.Legend, legendEntry{seriesClass(i), clean(s.name)})
		}
	}
	return d
}

func (f formatter) capped(n, all int) string {
	return fill(f.tooMany, "{n}", strconv.Itoa(n), "{all}", f.number(float64(all), 0))
}

// barRange is the range of the bars' ends, zero included.
func barRange(p plot, stacked bool) (low, high float64) {
	for i := range p.xs {
		var up, down float64
		for _, s := range p.series {
			v := s.values[i]
			switch {
			case !v.known():
			case !stacked:
				up, down = max(up, v.number), min(down, v.number)
			case v.number > 0:
				up += v.number
			default:
				down += v.number
			}
		}
		low, high = min(low, down), max(high, up)
	}
	return low, high
}

// bars places every bar of a plot: across is where the slot of an x begins and
// how broad one bar is, value maps to the other direction.
func (f formatter) bars(p plot, stacked bool, slot func(i int) (start, breadth float64), value scale,
	place func(across, breadth, from, to float64) rect, note func(i int, across, breadth, end float64, text string) label, labelled bool) (rects []rect, labels []label) {
	for i, x := range p.xs {
		start, breadth := slot(i)
		up, down := 0.0, 0.0
		for k, s := range p.series {
			v := s.values[i]
			across := start
			if !stacked {
				across += float64(k) * breadth
			}
			text := f.value(v, p.yKind, p.yDecs)
			if !v.known() {
				if v != (Value{}) || labelled {
					labels = append(labels, note(i, across, breadth, value.at(max(up, 0)), text))
				}
				continue
			}
			from := 0.0
			if stacked && v.number >= 0 {
				from, up = up, up+v.number
			} else if stacked {
				from, down = down, down+v.number
			}
			r := place(across, breadth, value.at(from), value.at(from+v.number))
			r.Class = seriesClass(k)
			if v.mark == markLowerBound {
				r.Class += " bound"
			}
			r.Title = f.value(x, p.xKind, p.xDecs) + ": " + text
			if len(p.series) > 1 {
				r.Title = clean(s.name) + ", " + r.Title
			}
			rects = append(rects, r)
			if labelled && !stacked {
				labels = append(labels, note(i, across, breadth, value.at(v.number), text))
			}
		}
	}
	return rects, labels
}

func (f formatter) uprightBars(p plot, stacked bool) drawing {
	low, high := barRange(p, stacked)
	at, texts := f.valueAxis(p, low, high, 5)
	left := 12.0
	for _, l := range texts {
		left = max(left, textWidth(l)+12)
	}
	top, bottom, right := 18.0, chartHeight-30, chartWidth-12
	y := scale{at[0], at[len(at)-1], bottom, top}
	d := drawing{W: px(chartWidth), H: px(chartHeight), Upright: true,
		Left: px(left), Right: px(right), Top: px(top), Bottom: px(bottom), Base: px(y.at(0))}
	for i := range at {
		d.YTicks = append(d.YTicks, tick{px(y.at(at[i])), texts[i]})
	}
	n := max(1, len(p.xs))
	step := (right - left) / float64(n)
	pos := make([]float64, len(p.xs))
	for i := range pos {
		pos[i] = left + step*(float64(i)+0.5)
	}
	d.XTicks = f.xLabels(p, pos, right-left)
	breadth := min(step*0.76, 48)
	if !stacked {
		breadth = min(step*0.8, 96) / float64(len(p.series))
	}
	group := breadth
	if !stacked {
		group *= float64(len(p.series))
	}
	widest := 0.0
	for _, s := range p.series {
		for _, v := range s.values {
			widest = max(widest, textWidth(f.value(v, p.yKind, p.yDecs))*0.9)
		}
	}
	d.Rects, d.Labels = f.bars(p, stacked,
		func(i int) (float64, float64) { return pos[i] - group/2, breadth },
		y,
		func(across, breadth, from, to float64) rect {
			return rect{X: px(across + 0.5), W: px(max(breadth-1, 0.6)), Y: px(min(from, to)), H: px(math.Abs(to - from))}
		},
		func(_ int, across, breadth, end float64, text string) label {
			return label{X: px(across + breadth/2), Y: px(end - 5), Text: text, Anchor: "middle", Class: "v"}
		},
		widest <= max(breadth, step/float64(len(p.series))))
	return d
}

func (f formatter) lyingBars(p plot, stacked bool) drawing {
	low, high := barRange(p, stacked)
	at, texts := f.valueAxis(p, low, high, 5)
	left := 40.0
	for _, x := range p.xs {
		left = max(left, textWidth(shorten(f.value(x, p.xKind, p.xDecs), 34))+16)
	}
	widest := 0.0
	for _, s := range p.series {
		for _, v := range s.values {
			widest = max(widest, textWidth(f.value(v, p.yKind, p.yDecs)))
		}
	}
	thick, per := 17.0, 1.0
	if !stacked && len(p.series) > 1 {
		thick, per = 12, float64(len(p.series))
	}
	step := thick*per + 8
	top, right := 6.0, chartWidth-widest-18
	bottom := top + step*float64(len(p.xs))
	x := scale{at[0], at[len(at)-1], left, right}
	d := drawing{W: px(chartWidth), H: px(bottom + 28), Lying: true,
		Left: px(left), Right: px(right), Top: px(top), Bottom: px(bottom), Base: px(x.at(0))}
	for i := range at {
		d.XTicks = append(d.XTicks, tick{px(x.at(at[i])), texts[i]})
	}
	for i, v := range p.xs {
		d.YTicks = append(d.YTicks, tick{px(top + step*(float64(i)+0.5)), shorten(f.value(v, p.xKind, p.xDecs), 34)})
	}
	d.Rects, d.Labels = f.bars(p, stacked,
		func(i int) (float64, float64) { return top + step*float64(i) + 4, thick },
		x,
		func(across, breadth, from, to float64) rect {
			return rect{Y: px(across + 0.5), H: px(breadth - 1), X: px(min(from, to)), W: px(math.Abs(to - from))}
		},
		func(_ int, across, breadth, end float64, text string) label {
			return label{X: px(max(end, x.at(0)) + 6), Y: px(across + breadth/2 + 4), Text: text, Anchor: "start", Class: "v"}
		},
		true)
	return d
}
