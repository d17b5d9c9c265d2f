package disclosure

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Risk says how easily persons could be found in a release, before and after it
// was made anonymous, and what that cost. It holds no values of any person. The
// risks are chances from 0 to 1 that a person who is searched for is found.
type Risk struct {
	Before Exposure `json:"before"` // every person at level 0 of every hierarchy
	After  Exposure `json:"after"`  // released classes only

	Persons            int64       `json:"persons"`
	SuppressedPersons  int64       `json:"suppressed_persons"`
	SuppressedTuples   int64       `json:"suppressed_tuples"`
	HomogeneousClasses int         `json:"homogeneous_classes"` // released, with one value of some sensitive column
	Attributes         []Attribute `json:"attributes"`
}

// Exposure is the risk in one set of classes.
type Exposure struct {
	Classes int   `json:"classes"`
	Uniques int64 `json:"uniques"` // persons alone in their class
	Below   int64 `json:"below_k"` // persons in classes of fewer than k
	// Prosecutor is the highest chance for a person known to be in the data:
	// 1 / the smallest class.
	Prosecutor float64 `json:"prosecutor"`
	// Journalist is the same for a person who is only known to be in the
	// population that the data are part of. Where no population is given the data
	// are the population, and it equals Prosecutor.
	Journalist float64 `json:"journalist"`
	// Marketer is the mean chance over all persons: classes / persons.
	Marketer float64 `json:"marketer"`
	Sizes    []Size  `json:"sizes"` // ascending
}

// Size counts the classes of AtLeast to AtMost persons.
type Size struct {
	AtLeast int64 `json:"at_least"`
	AtMost  int64 `json:"at_most"`
	Classes int   `json:"classes"`
	Persons int64 `json:"persons"`
}

// Attribute is what happened to one quasi-identifier.
type Attribute struct {
	Name string `json:"name"`
	// Level is that of the global recoding.
	Level int `json:"level"`
	// Loss is the mean share of the hierarchy's values that the value published for
	// a row may stand for, 1 if suppressed, scaled so that 0 is nothing lost.
	Loss float64 `json:"loss"`
}

// Assess measures the risk of what Anonymize made of the data. Population, if not
// nil, are the persons that the data are a part of, with the same hierarchies
// (inhabitants, where the data are members).
func Assess(m Microdata, model Model, a *Anonymized, population *Microdata) (*Risk, error) {
	if _, err := m.tuples(); err != nil {
		return nil, err
	}
	if population != nil {
		if _, err := population.tuples(); err != nil {
			return nil, err
		}
	}
	r := &Risk{}
	everybody, suppressed := newCensus(&m), newCensus(&m)
	for i, class := range a.Of {
		r.Persons += everybody.add(0, i)
		if class < 0 {
			r.SuppressedTuples++
			r.SuppressedPersons += suppressed.add(0, i)
		}
	}
	r.Before = expose(asTheyAre(&m), model.K)
	after := make([]int64, len(a.Classes))
	for i, c := range a.Classes {
		after[i] = c.Persons
	}
	r.After = expose(after, model.K)
	if population != nil {
		r.Before.Journalist = journalist(m.Quasi, classesAsTheyAre(&m), population)
		r.After.Journalist = journalist(m.Quasi, a.Classes, population)
	}
	r.HomogeneousClasses = homogeneous(&m, a)
	for q := range m.Quasi {
		r.Attributes = append(r.Attributes, attribute(&m, a, q))
	}
	return r, nil
}

// census counts the persons of groups of tuples, each once in a group.
type census struct {
	m    *Microdata
	seen map[uint64]bool // group and person
}

func newCensus(m *Microdata) *census { return &census{m, map[uint64]bool{}} }

// add returns how many persons a tuple adds to a group.
func (c *census) add(group, tuple int) int64 {
	if c.m.Person == nil {
		return c.m.persons(tuple)
	}
	key := uint64(group)<<32 | uint64(uint32(c.m.Person[tuple]))
	if c.seen[key] {
		return 0
	}
	c.seen[key] = true
	return 1
}

// asTheyAre are the persons of each class at level 0 of every hierarchy. There may be
// millions of them.
func asTheyAre(m *Microdata) []int64 {
	order := inOrder(m)
	persons := newCensus(m)
	sizes := make([]int64, 0, len(order))
	for at, i := range order {
		if at == 0 || compareTuples(m, order[at-1], i) != 0 {
			sizes = append(sizes, 0)
		}
		sizes[len(sizes)-1] += persons.add(len(sizes)-1, int(i))
	}
	return sizes
}

// classesAsTheyAre are the same as classes.
func classesAsTheyAre(m *Microdata) []Class {
	sizes, order := asTheyAre(m), inOrder(m)
	zero := make([]int, len(m.Quasi))
	var classes []Class
	for at, i := range order {
		if at == 0 || compareTuples(m, order[at-1], i) != 0 {
			classes = append(classes, Class{Levels: zero, Codes: tupleCodes(m, int(i)), Persons: sizes[len(classes)]})
		}
	}
	return classes
}

// inOrder lists the tuples by their codes.
func inOrder(m *Microdata) []int32 {
	order := make([]int32, len(m.Values[0]))
	sorted := true
	for i := range order {
		order[i] = int32(i)
		sorted = sorted && (i == 0 || compareTuples(m, int32(i-1), int32(i)) <= 0)
	}
	if !sorted {
		slices.SortFunc(order, func(a, b int32) int { return cmp.Or(compareTuples(m, a, b), cmp.Compare(a, b)) })
	}
	return order
}

func compareTuples(m *Microdata, a, b int32) int {
	for _, col := range m.Values {
		if c := cmp.Compare(col[a], col[b]); c != 0 {
			return c
		}
	}
	return 0
}

func tupleCodes(m *Microdata, i int) []int32 {
	codes := make([]int32, len(m.Values))
	for a, col := range m.Values {
		codes[a] = col[i]
	}
	return codes
}

// classKey is equal for tuples that read the same at the levels.
func classKey(quasi []*Hierarchy, levels []int, codes []int32) string {
	key := make([]byte, 0, 5*len(codes))
	for a, h := range quasi {
		c := h.up[levels[a]][codes[a]]
		key = binary.LittleEndian.AppendUint32(append(key, byte(levels[a])), uint32(c))
	}
	return string(key)
}

func expose(sizes []int64, k int) Exposure {
	e := Exposure{Classes: len(sizes)}
	if len(sizes) == 0 {
		return e
	}
	persons, smallest := int64(0), sizes[0]
	for _, n := range sizes {
		persons += n
		smallest = min(smallest, n)
		if n == 1 {
			e.Uniques++
		}
		if n < int64(k) {
			e.Below += n
		}
	}
	e.Prosecutor = 1 / float64(smallest)
	e.Journalist = e.Prosecutor
	e.Marketer = float64(len(sizes)) / float64(persons)
	e.Sizes = histogram(sizes)
	return e
}

func journalist(quasi []*Hierarchy, classes []Class, population *Microdata) float64 {
	if len(classes) == 0 {
		return 0
	}
	return 1 / float64(smallestIn(quasi, classes, population))
}

// smallestIn returns how many persons of the population read as the class that
// has fewest of them; never fewer than the class itself holds.
func smallestIn(quasi []*Hierarchy, classes []Class, population *Microdata) int64 {
	// Local recoding makes classes of several combinations of levels.
	sizes := map[string]int64{}
	levels := map[string][]int{}
	for _, c := range classes {
		sizes[classKey(quasi, c.Levels, c.Codes)] = 0
		key := make([]byte, len(c.Levels))
		for a, l := range c.Levels {
			key[a] = byte(l)
		}
		levels[string(key)] = c.Levels
	}
	for _, l := range levels {
		for i := range population.Values[0] {
			key := classKey(quasi, l, tupleCodes(population, i))
			if n, ok := sizes[key]; ok {
				sizes[key] = n + population.persons(i)
			}
		}
	}
	smallest := int64(-1)
	for _, c := range classes {
		n := max(c.Persons, sizes[classKey(quasi, c.Levels, c.Codes)])
		if smallest < 0 || n < smallest {
			smallest = n
		}
	}
	return smallest
}

// histogram counts classes by size, in ranges that double: 1, 2-3, 4-7, ...
func histogram(sizes []int64) []Size {
	var out []Size
	for _, persons := range sizes {
		at := 0
		for n := persons; n > 1; n /= 2 {
			at++
		}
		for len(out) <= at {
			low := int64(1) << len(out)
			out = append(out, Size{AtLeast: low, AtMost: 2*low - 1})
		}
		out[at].Classes++
		out[at].Persons += persons
	}
	return out
}

// homogeneous counts the released classes in which all persons have one value of
// some sensitive column.
func homogeneous(m *Microdata, a *Anonymized) int {
	uniform := make([]bool, len(a.Classes))
	for _, col := range m.Sensitive {
		first := make([]int32, len(a.Classes))
		many := make([]bool, len(a.Classes))
		for c := range first {
			first[c] = -1
		}
		for i, c := range a.Of {
			switch {
			case c < 0:
			case first[c] < 0:
				first[c] = col[i]
			case first[c] != col[i]:
				many[c] = true
			}
		}
		for c := range uniform {
			uniform[c] = uniform[c] || !many[c]
		}
	}
	n := 0
	for _, u := range uniform {
		if u {
			n++
		}
	}
	return n
}

func attribute(m *Microdata, a *Anonymized, q int) Attribute {
	h := m.Quasi[q]
	out := Attribute{Name: h.Name}
	if a.Levels != nil {
		out.Level = a.Levels[q]
	}
	var lost, persons float64
	for i, c := range a.Of {
		p := float64(m.persons(i))
		persons += p
		if c < 0 {
			lost += p
			continue
		}
		level := a.Classes[c].Levels[q]
		lost += p * h.share[level][h.up[level][m.Values[q][i]]]
	}
	if d := float64(len(h.up[0])); d > 1 && persons > 0 {
		out.Loss = (lost - persons/d) / (persons - persons/d)
	}
	return out
}
