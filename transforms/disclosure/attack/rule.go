package attack

// Rounded returns the counts that small-count rounding to a base may have
// published as value: counts below the base become 0 or the base, others stay.
func Rounded(value, base int64) (low, high int64) {
	switch value {
	case 0:
		return 0, base - 1
	case base:
		return 1, base
	}
	return value, value
}

// RoundedSum returns the counts that may lie behind a sum of parts of which each was rounded
// to a base like that.
func RoundedSum(value, base, parts int64) (low, high int64) {
	// As many parts as can be the base, and as many as can be 0.
	bases, zeros := value/base, parts
	if value%base > 0 {
		bases-- // the rest is in a part that stayed as it was, and so was larger
	}
	if bases >= parts && value != base*parts {
		bases = parts - 1
	}
	if value > 0 {
		zeros--
	}
	return value - max(bases, 0)*(base-1), value + zeros*(base-1)
}

// Followed returns the counts that may lie behind a value that follows an earlier
// one for the same cell. The rule moves by whole steps of the base, only when the
// count is a base or more away, and never back to 0.
func Followed(before, value, base int64) (low, high int64) {
	low, high = value, value
	switch {
	case value > before:
		high += base - 1
	case value < before:
		low -= base - 1
	default:
		low, high = low-base+1, high+base-1
	}
	if 0 < value && value < 2*base && value <= before {
		low = 0 // the last step before 0 is never taken
	}
	return max(low, 0), high
}
