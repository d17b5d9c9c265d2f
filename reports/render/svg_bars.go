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
		for _, s := range p.series {
			d.Legend = append(d.Legend, legendEntry{s.class, clean(s.name)})
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

// barLayout says where bars go, standing or lying. Across is the direction in
// which the bars follow each other; value maps figures to the other direction.
type barLayout struct {
	stacked  bool
	labelled bool // every bar bears its figure
	value    scale
	slot     func(i int) (across, breadth float64) // of the first bar at x i
	rect     func(across, breadth, from, to float64) rect
	label    func(across, breadth, end float64, text string) label
}

// bars places every bar of a plot. What is withheld is always written out where
// its bar would be; what is not available only where there is room for figures.
func (f formatter) bars(p plot, l barLayout) (rects []rect, labels []label) {
	for i, x := range p.xs {
		start, breadth := l.slot(i)
		up, down := 0.0, 0.0
		for k, s := range p.series {
			v, across := s.values[i], start
			if !l.stacked {
				across += float64(k) * breadth
			}
			text := f.value(v, p.yKind, p.yDecs)
			if !v.known() {
				if v.mark == markProtected || l.labelled {
					labels = append(labels, l.label(across, breadth, l.value.at(up), text))
				}
				continue
			}
			from := 0.0
			if l.stacked && v.number >= 0 {
				from, up = up, up+v.number
			} else if l.stacked {
				from, down = down, down+v.number
			}
			r := l.rect(across, breadth, l.value.at(from), l.value.at(from+v.number))
			r.Class = s.class
			if isBound(v) {
				r.Class += " bound"
			}
			r.Title = f.value(x, p.xKind, p.xDecs) + ": " + text
			if len(p.series) > 1 {
				r.Title = clean(s.name) + ", " + r.Title
			}
			rects = append(rects, r)
			if l.labelled && !l.stacked {
				labels = append(labels, l.label(across, breadth, l.value.at(v.number), text))
			}
		}
	}
	return rects, labels
}

// widestFigure is the room that the longest figure of a plot takes.
func (f formatter) widestFigure(p plot) float64 {
	widest := 0.0
	for _, s := range p.series {
		for _, v := range s.values {
			widest = max(widest, textWidth(f.value(v, p.yKind, p.yDecs)))
		}
	}
	return widest
}

func (f formatter) uprightBars(p plot, stacked bool) drawing {
	low, high := barRange(p, stacked)
	at, texts := f.valueAxis(p, low, high, 5)
	left, top, bottom, right := labelRoom(texts, 12), 18.0, chartHeight-30, chartWidth-12
	y := scale{at[0], at[len(at)-1], bottom, top}
	d := drawing{W: px(chartWidth), H: px(chartHeight), Upright: true,
		Left: px(left), Right: px(right), Top: px(top), Bottom: px(bottom), Base: px(y.at(0))}
	for i := range at {
		d.YTicks = append(d.YTicks, tick{px(y.at(at[i])), texts[i]})
	}
	step := (right - left) / float64(max(1, len(p.xs)))
	pos := make([]float64, len(p.xs))
	for i := range pos {
		pos[i] = left + step*(float64(i)+0.5)
	}
	d.XTicks = f.xLabels(p, pos, right-left)
	group := min(step*0.8, 96)
	breadth := group
	if !stacked {
		breadth /= float64(max(1, len(p.series)))
	}
	d.Rects, d.Labels = f.bars(p, barLayout{
		stacked: stacked, labelled: f.widestFigure(p)*0.9 <= breadth, value: y,
		slot: func(i int) (float64, float64) { return pos[i] - group/2, breadth },
		rect: func(across, breadth, from, to float64) rect {
			return rect{X: px(across + 0.5), W: px(max(breadth-1, 0.6)), Y: px(min(from, to)), H: px(math.Abs(to - from))}
		},
		label: func(across, breadth, end float64, text string) label {
			return label{X: px(across + breadth/2), Y: px(min(end, y.at(0)) - 5), Text: text, Anchor: "middle", Class: "v"}
		},
	})
	return d
}

func (f formatter) lyingBars(p plot, stacked bool) drawing {
	low, high := barRange(p, stacked)
	at, texts := f.valueAxis(p, low, high, 5)
	names := make([]string, len(p.xs))
	for i, x := range p.xs {
		names[i] = shorten(f.value(x, p.xKind, p.xDecs), 34)
	}
	thick, group := 17.0, 17.0
	if !stacked && len(p.series) > 1 {
		thick, group = 12, 12*float64(len(p.series))
	}
	step := group + 8
	left, top, right := labelRoom(names, 40)+4, 6.0, chartWidth-f.widestFigure(p)-18
	bottom := top + step*float64(len(p.xs))
	x := scale{at[0], at[len(at)-1], left, right}
	d := drawing{W: px(chartWidth), H: px(bottom + 28),
		Left: px(left), Right: px(right), Top: px(top), Bottom: px(bottom), Base: px(x.at(0))}
	for i := range at {
		d.XTicks = append(d.XTicks, tick{px(x.at(at[i])), texts[i]})
	}
	for i := range names {
		d.YTicks = append(d.YTicks, tick{px(top + step*(float64(i)+0.5)), names[i]})
	}
	d.Rects, d.Labels = f.bars(p, barLayout{
		stacked: stacked, labelled: true, value: x,
		slot: func(i int) (float64, float64) { return top + step*float64(i) + 4, thick },
		rect: func(across, breadth, from, to float64) rect {
			return rect{Y: px(across + 0.5), H: px(breadth - 1), X: px(min(from, to)), W: px(math.Abs(to - from))}
		},
		label: func(across, breadth, end float64, text string) label {
			return label{X: px(max(end, x.at(0)) + 6), Y: px(across + breadth/2 + 4), Text: text, Anchor: "start", Class: "v"}
		},
	})
	return d
}
