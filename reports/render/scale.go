package render

import (
	"math"
	"strconv"
)

// scale maps values to pixels along a line; to may be below from.
type scale struct {
	low, high float64
	from, to  float64
}

func (s scale) at(v float64) float64 {
	if s.high == s.low {
		return s.from
	}
	return s.from + (v-s.low)/(s.high-s.low)*(s.to-s.from)
}

// ticks are round numbers, about n of them, whose first and last enclose low
// and high. Whole numbers get no fractions.
func ticks(low, high float64, n int, whole bool) []float64 {
	if high <= low {
		high = low + 1
	}
	raw := (high - low) / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*power >= raw {
			step = m * power
			break
		}
	}
	if whole && step < 1 {
		step = 1
	}
	if whole && step == 2.5 {
		step = 5
	}
	first, last := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	var out []float64
	for k := first; k <= last; k++ {
		out = append(out, k*step)
	}
	return out
}

// decimalsOf is how many decimals tell the ticks apart.
func decimalsOf(ticks []float64) int {
	step := ticks[1] - ticks[0]
	for d := 0; d < 6; d++ {
		if p := math.Pow(10, float64(d)) * step; math.Abs(p-math.Round(p)) < 1e-6 {
			return d
		}
	}
	return 6
}

// px is a coordinate in SVG: one decimal is a tenth of a pixel.
func px(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64)
}
