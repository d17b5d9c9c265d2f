package protect

import (
	"fmt"
	"math"
	"strings"
)

// digits number the codes of some keys as one whole number, each code a digit, the first the
// highest.
type digits struct {
	first    int     // key
	unit     []int64 // of each digit
	size     []int64 // codes that each digit has
	overflow bool    // the number does not fit
}

func newDigits(sizes []int64, first int) digits {
	d := digits{first: first, unit: make([]int64, len(sizes)), size: sizes}
	unit := int64(1)
	for i := len(sizes) - 1; i >= 0; i-- {
		d.unit[i] = unit
		if d.overflow = d.overflow || unit > math.MaxInt64/max(1, sizes[i]); !d.overflow {
			unit *= max(1, sizes[i])
		}
	}
	return d
}

// number is an SQL expression for the number; code is that of one key's code, # its number.
func (d digits) number(code string) string {
	terms := []string{"0::BIGINT"}
	for i, unit := range d.unit {
		terms = append(terms, fmt.Sprintf("%s::BIGINT * %d", strings.ReplaceAll(code, "#", fmt.Sprint(d.first+i)), unit))
	}
	return strings.Join(terms, " + ")
}

// digit is an SQL expression for the code of a key.
func (d digits) digit(number string, key int) string {
	return fmt.Sprintf("(%s // %d %% %d)", number, d.unit[key-d.first], max(1, d.size[key-d.first]))
}

// split adds the codes in a number to the columns of their keys.
func (d digits) split(number int64, columns [][]int32) {
	for i, unit := range d.unit {
		columns[d.first+i] = append(columns[d.first+i], int32(number/unit))
		number %= unit
	}
}

// join makes the number of a tuple; columns are those of its keys.
func (d digits) join(columns [][]int32, tuple int) (number int64) {
	for i, unit := range d.unit {
		number += int64(columns[i][tuple]) * unit
	}
	return number
}
