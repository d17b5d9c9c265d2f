package attack

import (
	"context"
	"fmt"
	"slices"
)

const (
	exchangeSteps = 5000 // cells that may be moved in search of one exchange
	maxFree       = 6    // choices in one exchange, beside those that are forced
	maxMoved      = 64   // cells in one exchange
)

// exchanger looks for solutions near one that is known. It moves one cell by some amount, and
// mends each equation that is missed then by moving another cell by as much, until none is:
// in a table, persons change places around a box.
type exchanger struct {
	part     *part
	solution []int64
	by       []int64 // unknown → by how much it is moved
	off      []int64 // row → by how much it is missed
	moved    []int32 // unknowns, in order
	touched  []int32 // rows with them, in order
	steps    int
	effort   *float64
}

func newExchanger(c *part, effort *float64) *exchanger {
	return &exchanger{part: c, solution: make([]int64, len(c.cells)), by: make([]int64, len(c.cells)), off: make([]int64, len(c.rows)), effort: effort}
}

// prove takes every target from the solution that is known to where it is safe, as far as
// exchanges lead.
func (s *exchanger) prove(ctx context.Context) error {
	for _, x := range s.part.targets {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("search exchanges: %w", err)
		}
		for _, up := range []bool{false, true} {
			// Large exchanges are fewer, but can take the room of those that small ones find.
			for _, most := range []int64{farthest, 1} {
				if !s.part.enough(x, up) {
					s.climb(x, s.part.goal(x, up), most)
				}
			}
		}
	}
	return nil
}

// climb takes x from the solution that is known towards a goal, by exchanges of as
// many as possible, at most so many.
func (s *exchanger) climb(x int32, goal, most int64) {
	copy(s.solution, s.part.solution)
	for amount := max(-most, min(goal-s.solution[x], most)); amount != 0 && *s.effort > 0; {
		if !s.exchange(x, amount) {
			if amount > 8 || amount < -8 {
				amount /= 2
			} else {
				amount -= sign(amount)
			}
			continue
		}
		for _, j := range s.moved {
			s.solution[j] += s.by[j]
		}
		s.part.witness(s.solution)
		left := goal - s.solution[x]
		amount = sign(amount) * min(max(amount, -amount), max(left, -left))
	}
}

func sign(amount int64) int64 {
	if amount < 0 {
		return -1
	}
	return 1
}

// exchange looks for an exchange that moves x by an amount, those with few choices first.
func (s *exchanger) exchange(x int32, amount int64) bool {
	s.steps = exchangeSteps
	clear(s.by)
	clear(s.off)
	s.moved, s.touched = s.moved[:0], s.touched[:0]
	*s.effort -= float64(len(s.by) + len(s.off))
	if !s.room(x, amount) {
		return false
	}
	s.move(x, amount)
	for free := 1; free <= maxFree; free++ {
		if s.mend(free) {
			return true
		}
	}
	return false
}

// room says whether x can be moved.
func (s *exchanger) room(x int32, by int64) bool {
	v := s.solution[x] + by
	return s.by[x] == 0 && v >= s.part.low[x] && v <= s.part.high[x]
}

func (s *exchanger) move(x int32, by int64) {
	s.by[x] = by
	s.moved = append(s.moved, x)
	for _, e := range s.part.with[x] {
		s.off[e] += by * s.part.rows[e].factor(x)
		s.touched = append(s.touched, e)
	}
}

// undo takes back the last move.
func (s *exchanger) undo() {
	x := s.moved[len(s.moved)-1]
	s.moved = s.moved[:len(s.moved)-1]
	for _, e := range s.part.with[x] {
		s.off[e] -= s.by[x] * s.part.rows[e].factor(x)
	}
	s.touched = s.touched[:len(s.touched)-len(s.part.with[x])]
	s.by[x] = 0
}

// mend moves cells until no equation is missed, with so many choices at most. A cell that
// mends two equations at once is no choice: it closes a box.
func (s *exchanger) mend(free int) bool {
	e, ways := s.narrowest()
	switch {
	case e < 0:
		return ways > 0
	case len(s.moved) >= maxMoved:
		return false
	}
	for mends := 3; mends > 0; mends-- {
		if mends == 1 && ways > 1 {
			if free--; free < 0 {
				return false
			}
		}
		for _, t := range s.part.rows[e].terms {
			by := -s.off[e] * t.factor
			if !s.room(t.x, by) || s.mends(t.x, by) != mends {
				continue
			}
			if s.steps--; s.steps < 0 {
				return false
			}
			s.move(t.x, by)
			if s.mend(free) {
				return true
			}
			s.undo()
		}
	}
	return false
}

// narrowest returns the equation that is missed and that fewest cells can mend, −1 if none is
// missed, or with 0 ways if one cannot be mended.
func (s *exchanger) narrowest() (row int32, ways int) {
	row, ways = -1, 1<<30
	for _, e := range slices.Backward(s.touched) {
		if s.off[e] == 0 {
			continue
		}
		n := 0
		for _, t := range s.part.rows[e].terms {
			if s.room(t.x, -s.off[e]*t.factor) {
				n++
			}
		}
		*s.effort -= float64(len(s.part.rows[e].terms))
		if n == 0 {
			return -1, 0
		}
		if n < ways {
			row, ways = e, n
		}
	}
	return row, ways
}

// mends is how many equations hold after a move that did not before, 3 if more.
func (s *exchanger) mends(x int32, by int64) int {
	n := 0
	for _, e := range s.part.with[x] {
		if s.off[e] != 0 && s.off[e]+by*s.part.rows[e].factor(x) == 0 {
			n++
		}
	}
	return min(n, 3)
}
