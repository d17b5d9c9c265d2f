package disclosure

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"peil/transforms/disclosure/attack"
)

// members generates n members of a country with five quasi-identifiers and 1,200
// combinations of levels: birth year, place (PC4), sex, subscription and month of
// registration. They are grouped already, as a database would.
func members(b *testing.B, n int) Microdata {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	hierarchy := func(name string, rows [][]string) *Hierarchy {
		h, err := NewHierarchy(name, rows)
		if err != nil {
			b.Fatal(err)
		}
		return h
	}
	var birth, place, month, subscription [][]string
	for y := 1925; y < 2025; y++ {
		birth = append(birth, []string{fmt.Sprint(y), fmt.Sprint(y / 5 * 5), fmt.Sprint(y/10*10, "s"), fmt.Sprint(y/20*20, "v"), "*"})
	}
	for p := range 4000 {
		p = 1000 + p*9/4
		place = append(place, []string{fmt.Sprint(p), fmt.Sprint(p / 10), fmt.Sprint(p / 100), fmt.Sprint(p / 1000), "*"})
	}
	for m := range 240 {
		month = append(month, []string{fmt.Sprint(m), fmt.Sprint(m/3, "q"), fmt.Sprint(m/12, "y"), "*"})
	}
	for s := range 12 {
		subscription = append(subscription, []string{fmt.Sprint(s), fmt.Sprint(s/2, "s"), fmt.Sprint(s/6, "c"), "*"})
	}
	m := Microdata{Quasi: []*Hierarchy{
		hierarchy("birth", birth), hierarchy("place", place),
		hierarchy("sex", [][]string{{"M", "MF", "*"}, {"F", "MF", "*"}, {"X", "other", "*"}, {"", "other", "*"}}),
		hierarchy("registration", month),
		hierarchy("subscription", subscription),
	}, Values: make([][]int32, 5)}
	at := map[[5]int32]int{}
	for range n {
		key := [5]int32{
			int32(rng.IntN(50) + rng.IntN(51)), int32(rng.IntN(4000) * (1 + rng.IntN(4)) / 4),
			int32(rng.IntN(100) * rng.IntN(100) / 5000), int32(240 * (1 - rng.Float64()*rng.Float64())), int32(rng.IntN(4) * rng.IntN(4)),
		}
		i, seen := at[key]
		if !seen {
			i = len(m.Persons)
			at[key] = i
			m.Persons = append(m.Persons, 0)
			for a, c := range key {
				m.Values[a] = append(m.Values[a], c)
			}
		}
		m.Persons[i]++
	}
	return m
}

func BenchmarkMembers(b *testing.B) {
	for _, n := range []int{500_000, 3_600_000} {
		for _, k := range []int{5, 10} {
			b.Run(fmt.Sprintf("%d/k=%d", n, k), func(b *testing.B) {
				m := members(b, n)
				for b.Loop() {
					got, err := Anonymize(context.Background(), m, Model{K: k, SuppressAtMost: 0.05})
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(got.Evaluated), "evaluated")
					b.ReportMetric(float64(got.Nodes), "nodes")
					b.ReportMetric(float64(len(m.Persons)), "tuples")
				}
			})
		}
	}
}

// national is a table of 7,301 cells: 12 provinces, 130 libraries, 900 branches
// and their total by six age classes and theirs.
func national() Table {
	rng := rand.New(rand.NewPCG(3, 3))
	region := Dimension{Name: "region", Total: "all"}
	var provinces, libraries []Group
	for p := range 12 {
		provinces = append(provinces, Group{Code: fmt.Sprintf("p%02d", p)})
	}
	for l := range 130 {
		library := Group{Code: fmt.Sprintf("l%03d", l)}
		provinces[l%12].Parts = append(provinces[l%12].Parts, library.Code)
		libraries = append(libraries, library)
	}
	t := Table{}
	for b := range 900 {
		code := fmt.Sprintf("b%03d", b)
		libraries[b%130].Parts = append(libraries[b%130].Parts, code)
		size := 2 + rng.ExpFloat64()*10
		for a := range 6 {
			t.Cells = append(t.Cells, Cell{Codes: []string{code, fmt.Sprint("a", a)}, Count: int64(rng.ExpFloat64() * size)})
		}
	}
	region.Groups = append(provinces, libraries...)
	t.Dimensions = []Dimension{region, {Name: "age", Total: "all"}}
	return t
}

func BenchmarkNational(b *testing.B) {
	t := national()
	b.Run("round", func(b *testing.B) {
		for b.Loop() {
			r, err := Round(t, 5)
			if err != nil {
				b.Fatal(err)
			}
			p, err := attack.Join(r.Attack(t, "f"))
			if err != nil {
				b.Fatal(err)
			}
			report, err := attack.Audit(context.Background(), p)
			if err != nil || len(report.Exposed()) > 0 {
				b.Fatal(err, len(report.Exposed()))
			}
			largest, mean := r.Deviation()
			b.ReportMetric(float64(len(r.Cells)), "cells")
			b.ReportMetric(float64(largest), "largest")
			b.ReportMetric(mean, "mean")
		}
	})
	b.Run("suppress", func(b *testing.B) {
		for b.Loop() {
			s, report, err := Suppress(context.Background(), t, Rule{Threshold: 5}, "f")
			if err != nil {
				b.Fatal(err)
			}
			count := map[Status]int{}
			for _, c := range s.Cells {
				count[c.Status]++
			}
			b.ReportMetric(float64(len(s.Cells)), "cells")
			b.ReportMetric(float64(count[Primary]), "primary")
			b.ReportMetric(float64(count[Secondary]), "secondary")
			b.ReportMetric(float64(len(report.Exposed())), "exposed")
		}
	})
}

// BenchmarkThreeDimensions suppresses tables that are no networks: flat ones like new members by
// branch, month and age, with a hierarchy, and of many regions in two groups.
func BenchmarkThreeDimensions(b *testing.B) {
	tables := map[string]func() Table{
		"8x12x8":                  func() Table { return cube(12, 10, [3]int{8, 12, 8}, [3]int{}) },
		"20x12x8":                 func() Table { return cube(2, 8, [3]int{20, 12, 8}, [3]int{}) },
		"24x16x8":                 func() Table { return cube(6, 8, [3]int{24, 16, 8}, [3]int{}) },
		"20x12x6 hierarchies":     func() Table { return cube(4, 8, [3]int{20, 12, 6}, [3]int{5, 4, 0}) },
		"200x6x2 of few parts":    func() Table { return randomTable(rand.New(rand.NewPCG(1, 1)), 200, 6, 3, 8) },
		"30x12x8 hierarchies":     func() Table { return cube(5, 8, [3]int{30, 12, 8}, [3]int{6, 4, 0}) },
		"40x12x8 to be coarsened": func() Table { return cube(5, 8, [3]int{40, 12, 8}, [3]int{8, 4, 0}) },
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		b.Run(name, func(b *testing.B) {
			t := tables[name]()
			for b.Loop() {
				s, report, err := Suppress(context.Background(), t, Rule{Threshold: 5}, "f")
				if err != nil {
					b.Fatal(err)
				}
				count := map[Status]int{}
				for _, c := range s.Cells {
					count[c.Status]++
				}
				levels := 0
				for _, l := range s.Coarsened {
					levels += l
				}
				b.ReportMetric(float64(len(s.Cells)), "cells")
				b.ReportMetric(float64(count[Primary]), "primary")
				b.ReportMetric(float64(count[Secondary]), "secondary")
				b.ReportMetric(float64(len(report.Exposed())), "exposed")
				b.ReportMetric(float64(levels), "levels-lost")
			}
		})
	}
}
