package render

import (
	"math"
	"strconv"
	"time"
)

// Value is what one cell holds. The zero Value is *not available*, so that a
// cell that was forgotten never reads as zero.
type Value struct {
	text   string
	number float64 // counts, decimals; months since year 0; days since 1970
	form   form
	mark   mark
}

type form uint8

const (
	formNone form = iota
	formText
	formInt
	formFloat
	formMonth
	formDate
)

type mark uint8

const (
	markNotAvailable mark = iota
	markPlain
	markProtected
	markLowerBound
)

// Text is a text, which may be empty.
func Text(s string) Value { return Value{text: s, form: formText, mark: markPlain} }

// Int is a whole number up to 2^53; also a year.
func Int(n int64) Value { return Value{number: float64(n), form: formInt, mark: markPlain} }

// Float is a number, or a fraction in a column of percentages. What is not
// finite (a share of nothing) is not available.
func Float(f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}
	}
	return Value{number: f + 0, form: formFloat, mark: markPlain} // + 0 turns -0 into 0
}

// Month is a calendar month.
func Month(year int, month time.Month) Value {
	return Value{number: float64(year*12 + int(month) - 1), form: formMonth, mark: markPlain}
}

// Date is the calendar day that t has in its own location.
func Date(t time.Time) Value {
	y, m, d := t.Date()
	days := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
	return Value{number: float64(days), form: formDate, mark: markPlain}
}

// NotAvailable is what the source cannot tell.
func NotAvailable() Value { return Value{} }

// Protected is a figure withheld to protect persons.
func Protected() Value { return Value{mark: markProtected} }

// AtLeast is a count that is known to be n or more.
func AtLeast(n int64) Value {
	return Value{number: float64(n), form: formInt, mark: markLowerBound}
}

// Equal reports whether two values show the same; it serves go-cmp.
func (v Value) Equal(w Value) bool { return v == w }

// String is the value in a fixed notation, for messages and tests.
func (v Value) String() string {
	switch v.mark {
	case markNotAvailable:
		return "n/a"
	case markProtected:
		return "protected"
	case markLowerBound:
		return "≥" + v.machine()
	}
	return v.machine()
}

// machine is the bare value as CSV has it; empty when there is none.
func (v Value) machine() string {
	switch v.form {
	case formText:
		return v.text
	case formInt:
		return strconv.FormatInt(int64(v.number), 10)
	case formFloat:
		return strconv.FormatFloat(v.number, 'f', -1, 64)
	case formMonth:
		return v.time().Format("2006-01")
	case formDate:
		return v.time().Format(time.DateOnly)
	}
	return ""
}

// known reports whether there is a number (or month, or day) to draw or sort by.
func (v Value) known() bool { return v.form >= formInt }

// time is midnight UTC of a date, or of the first day of a month.
func (v Value) time() time.Time {
	if v.form == formMonth {
		return time.Date(int(v.number)/12, time.Month(int(v.number)%12+1), 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Unix(int64(v.number)*86400, 0).UTC()
}

// fits reports whether a value may stand in a column of the kind.
func (v Value) fits(kind Kind) bool {
	switch v.form {
	case formNone:
		return true
	case formText:
		return kind == KindText
	case formInt:
		return kind == KindCount || kind == KindYear || kind == KindDecimal || kind == KindPercent
	case formFloat:
		return kind == KindDecimal || kind == KindPercent
	case formMonth:
		return kind == KindMonth
	case formDate:
		return kind == KindDate
	}
	return false
}
