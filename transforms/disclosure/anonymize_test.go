package disclosure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var adultNarrow = []string{"sex", "age", "race", "marital-status", "education"}
var adultWide = append(append([]string{}, adultNarrow...), "native-country", "workclass", "occupation", "salary-class")

func adult(t testing.TB, names []string) Microdata {
	t.Helper()
	rows := readCSV(t, sharedData(t, "adult", "adult.csv"), ';')
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	var quasi []*Hierarchy
	for _, name := range names {
		h, err := NewHierarchy(name, readCSV(t, sharedData(t, "adult", "hier", name+".csv"), ';'))
		if err != nil {
			t.Fatal(err)
		}
		quasi = append(quasi, h)
	}
	var records [][]string
	for _, row := range rows[1:] {
		var record []string
		for _, name := range names {
			record = append(record, row[column[name]])
		}
		records = append(records, record)
	}
	m, err := FromRows(quasi, 0, records)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestAdultOptima compares with the optimum that ARX 3.9.2 finds on the same data.
func TestAdultOptima(t *testing.T) {
	tests := []struct {
		columns    []string
		model      Model
		nodes      int
		loss       float64
		suppressed int64
	}{
		{adultNarrow, Model{K: 5}, 240, 0.48663218618, 0},
		{adultNarrow, Model{K: 5, SuppressAtMost: 0.02}, 240, 0.12390086122, 407},
		{adultNarrow, Model{K: 5, SuppressAtMost: 0.05}, 240, 0.08254000780, 1385},
		{adultNarrow, Model{K: 5, SuppressAtMost: 0.02, Metric: Precision}, 240, 0.26168689078973545, 470},
		{adultWide, Model{K: 5, SuppressAtMost: 0.02}, 12960, 0.35748248986666664, 506},
		{adultWide, Model{K: 10, SuppressAtMost: 0.05}, 12960, 0.3178416058111111, 1437},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d columns, %+v", len(tt.columns), tt.model), func(t *testing.T) {
			got, err := Anonymize(context.Background(), adult(t, tt.columns), tt.model)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("levels %v, %d of %d nodes evaluated", got.Levels, got.Evaluated, got.Nodes)
			if got.Nodes != tt.nodes || got.Suppressed != tt.suppressed || math.Abs(got.Loss-tt.loss) > 1e-9 {
				t.Errorf("got %d nodes, %d suppressed, loss %.12f; want %d, %d, %.12f",
					got.Nodes, got.Suppressed, got.Loss, tt.nodes, tt.suppressed, tt.loss)
			}
		})
	}
}

func BenchmarkAdultWide(b *testing.B) {
	m := adult(b, adultWide)
	for b.Loop() {
		if _, err := Anonymize(context.Background(), m, Model{K: 5, SuppressAtMost: 0.02}); err != nil {
			b.Fatal(err)
		}
	}
}

// randomMicrodata has three quasi-identifiers, two sensitive columns and, if
// loans is true, persons with several tuples.
func randomMicrodata(t testing.TB, rng *rand.Rand, tuples int, loans bool) Microdata {
	t.Helper()
	sizes := []int{3 + rng.IntN(6), 2, 4 + rng.IntN(12)}
	m := Microdata{Values: make([][]int32, len(sizes)), Sensitive: make([][]int32, 2)}
	for a, size := range sizes {
		var rows [][]string
		for v := range size {
			rows = append(rows, []string{fmt.Sprint(v), fmt.Sprint(v / 2 * 2), fmt.Sprint(v / 4 * 4), "*"}[:4-a])
			rows[v][3-a] = "*"
		}
		h, err := NewHierarchy(fmt.Sprintf("q%d", a), rows)
		if err != nil {
			t.Fatal(err)
		}
		m.Quasi = append(m.Quasi, h)
	}
	for range tuples {
		for a, size := range sizes {
			m.Values[a] = append(m.Values[a], int32(rng.IntN(size)*rng.IntN(size)/size))
		}
		m.Sensitive[0] = append(m.Sensitive[0], int32(rng.IntN(3)))
		m.Sensitive[1] = append(m.Sensitive[1], int32(rng.ExpFloat64()))
		m.Persons = append(m.Persons, 1+int64(rng.IntN(3)))
		if loans {
			m.Person = append(m.Person, int32(rng.IntN(1+tuples/2)))
		}
	}
	return m
}

// bruteForce tries every node with maps, and returns the least loss and the
// fewest persons that a node of that loss suppresses; false if none is anonymous.
func bruteForce(m Microdata, model Model) (loss float64, ok bool) {
	loss = math.Inf(1)
	levels := make([]int, len(m.Quasi))
	for {
		if l, fits := bruteForceNode(m, model, levels); fits {
			loss, ok = min(loss, l), true
		}
		a := 0
		for ; a < len(levels); a++ {
			if levels[a]++; levels[a] < m.Quasi[a].Levels() {
				break
			}
			levels[a] = 0
		}
		if a == len(levels) {
			return loss, ok
		}
	}
}

func bruteForceNode(m Microdata, model Model, levels []int) (loss float64, ok bool) {
	groups := map[string][]int{}
	n := 0.0
	for i, persons := range m.Persons {
		var labels []string
		for a, h := range m.Quasi {
			labels = append(labels, h.Label(levels[a], m.Values[a][i]))
		}
		groups[strings.Join(labels, "|")] = append(groups[strings.Join(labels, "|")], i)
		n += float64(persons)
	}
	suppressed := 0.0
	sums := make([]float64, len(m.Quasi))
	for _, tuples := range groups {
		safe := bruteForceSafe(m, model, tuples)
		for _, i := range tuples {
			p := float64(m.Persons[i])
			if !safe {
				suppressed += p
			}
			for a, h := range m.Quasi {
				share := 0.0
				for v := range int32(len(h.code)) {
					if h.Label(levels[a], v) == h.Label(levels[a], m.Values[a][i]) {
						share += 1 / float64(len(h.code))
					}
				}
				if !safe {
					share = 1
				}
				sums[a] += p * share
			}
		}
	}
	weights := 0.0
	for a, h := range m.Quasi {
		w := 1.0
		if model.Weights != nil {
			w = model.Weights[a]
		}
		weights += w
		d, top := float64(len(h.code)), float64(h.Levels()-1)
		if model.Metric == Precision {
			loss += w * ((n-suppressed)*float64(levels[a])/top + suppressed) / n
		} else {
			loss += w * (sums[a] - n/d) / (n - n/d)
		}
	}
	return loss / weights, suppressed <= math.Floor(model.SuppressAtMost*n+1e-9)
}

func bruteForceSafe(m Microdata, model Model, tuples []int) bool {
	size, who := int64(0), map[int32]bool{}
	for _, i := range tuples {
		size += m.Persons[i]
		if m.Person != nil {
			who[m.Person[i]] = true
		}
	}
	if size < int64(model.K) || m.Person != nil && len(who) < model.K {
		return false
	}
	for s, d := range model.Diversity {
		values, all, seen := map[int32]float64{}, 0.0, map[string]bool{}
		for _, i := range tuples {
			weight := float64(m.Persons[i])
			if m.Person != nil { // a person counts once for a value
				key := fmt.Sprint(m.Sensitive[s][i], m.Person[i])
				if weight = 1; seen[key] {
					weight = 0
				}
				seen[key] = true
			}
			values[m.Sensitive[s][i]] += weight
			all += weight
		}
		for v := range values {
			values[v] /= all
		}
		effective := float64(len(values))
		if d.Entropy {
			e := 0.0
			for _, share := range values {
				e -= share * math.Log(share)
			}
			effective = math.Exp(e)
		}
		if effective < d.L-1e-9 {
			return false
		}
	}
	return true
}

func randomModel(rng *rand.Rand) Model {
	model := Model{K: 2 + rng.IntN(5), Metric: Metric(rng.IntN(2)), SuppressAtMost: float64(rng.IntN(4)) / 10}
	if rng.IntN(2) == 0 {
		model.Weights = []float64{1, 2, 0.5}
	}
	switch rng.IntN(3) {
	case 0:
		model.Diversity = []Diversity{{L: 2}, {L: 2}}
	case 1:
		model.Diversity = []Diversity{{L: 1.8, Entropy: true}}
	}
	return model
}

func TestAnonymizeFindsTheOptimum(t *testing.T) {
	found := 0
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 2))
		m := randomMicrodata(t, rng, 10+rng.IntN(120), rng.IntN(3) == 0)
		model := randomModel(rng)
		want, ok := bruteForce(m, model)
		got, err := Anonymize(context.Background(), m, model)
		if !ok {
			if !errors.Is(err, ErrNotAnonymous) {
				t.Errorf("seed %d: got %v, want ErrNotAnonymous", seed, err)
			}
			continue
		}
		found++
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if math.Abs(got.Loss-want) > 1e-9 {
			t.Errorf("seed %d: loss %v, brute force %v", seed, got.Loss, want)
		}
		if l, fits := bruteForceNode(m, model, got.Levels); !fits || math.Abs(l-got.Loss) > 1e-9 {
			t.Errorf("seed %d: levels %v lose %v, said %v", seed, got.Levels, l, got.Loss)
		}
	}
	if found < 50 {
		t.Errorf("only %d of the random cases can be made anonymous", found)
	}
}

// checkClasses asserts that what reads the same meets the model, whatever class
// it was put in.
func checkClasses(t *testing.T, m Microdata, model Model, got *Anonymized) {
	t.Helper()
	groups := map[string][]int{}
	remaining := int64(0)
	for i, c := range got.Of {
		if c < 0 {
			remaining += m.persons(i)
			continue
		}
		class := got.Classes[c]
		for a, h := range m.Quasi {
			if h.Label(class.Levels[a], m.Values[a][i]) != class.Labels(m.Quasi)[a] {
				t.Fatalf("tuple %d does not read as its class", i)
			}
		}
		key := fmt.Sprint(c)
		groups[key] = append(groups[key], i)
	}
	for key, tuples := range groups {
		if !bruteForceSafe(m, model, tuples) {
			t.Errorf("class %s does not meet the model", key)
		}
	}
	if remaining != got.Remaining {
		t.Errorf("%d persons are suppressed, said %d", remaining, got.Remaining)
	}
}

func TestLocalRecoding(t *testing.T) {
	fewer := 0
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 3))
		m := randomMicrodata(t, rng, 20+rng.IntN(200), rng.IntN(3) == 0)
		model := randomModel(rng)
		model.Local = true
		got, err := Anonymize(context.Background(), m, model)
		if errors.Is(err, ErrNotAnonymous) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		checkClasses(t, m, model, got)
		if got.Remaining < got.Suppressed {
			fewer++
		}
	}
	if fewer < 20 {
		t.Errorf("only %d cases suppress fewer persons with local recoding", fewer)
	}
}

func TestRows(t *testing.T) {
	h, err := NewHierarchy("age", [][]string{{"1", "child"}, {"2", "child"}, {"30", "adult"}, {"40", "adult"}})
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]string{{"1", "x"}, {"30", "y"}, {"2", "z"}, {"2", "x"}}
	m, err := FromRows([]*Hierarchy{h}, 1, rows)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Anonymize(context.Background(), m, Model{K: 2, SuppressAtMost: 0.25, Scheme: []int{1}})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"child", "x"}, {"*", ""}, {"child", "z"}, {"child", "x"}}
	if diff := cmp.Diff(want, a.Rows(m, rows)); diff != "" {
		t.Error(diff)
	}
	if _, err := Anonymize(context.Background(), m, Model{K: 2, SuppressAtMost: 0.25, Scheme: []int{0}}); !errors.Is(err, ErrNotAnonymous) {
		t.Errorf("a scheme that suppresses too much gives %v", err)
	}
}

func TestAnonymizeRefuses(t *testing.T) {
	m := randomMicrodata(t, rand.New(rand.NewPCG(1, 1)), 30, false)
	broken := m
	broken.Values = [][]int32{m.Values[0], m.Values[1][:3], m.Values[2]}
	foreign := m
	foreign.Values = [][]int32{{99}, {0}, {0}}
	tests := []struct {
		name  string
		data  Microdata
		model Model
		want  string
	}{
		{"k of 1", m, Model{K: 1}, "k is 1"},
		{"cap", m, Model{K: 2, SuppressAtMost: 2}, "a share from 0 to 1"},
		{"weights", m, Model{K: 2, Weights: []float64{1}}, "1 weights for 3"},
		{"no weight", m, Model{K: 2, Weights: []float64{1, 0, 1}}, "not positive"},
		{"scheme", m, Model{K: 2, Scheme: []int{9, 0, 0}}, "level 9 of q0"},
		{"diversity", m, Model{K: 2, Diversity: make([]Diversity, 3)}, "there are 2 sensitive"},
		{"columns", broken, Model{K: 2}, "has 3 tuples"},
		{"code", foreign, Model{K: 2}, "code 99"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Anonymize(context.Background(), tt.data, tt.model); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestAdultLocalRecoding: what the global recoding suppresses can be kept, coarser.
func TestAdultLocalRecoding(t *testing.T) {
	m := adult(t, adultNarrow)
	model := Model{K: 5, SuppressAtMost: 0.05, Local: true}
	got, err := Anonymize(context.Background(), m, model)
	if err != nil {
		t.Fatal(err)
	}
	checkClasses(t, m, model, got)
	t.Logf("%d persons suppressed globally, %d in the end; %d nodes evaluated", got.Suppressed, got.Remaining, got.Evaluated)
	if got.Remaining >= int64(model.K) {
		t.Errorf("%d persons stay suppressed", got.Remaining)
	}
}
