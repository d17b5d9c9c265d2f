package quality

// Account says what became of every row of one table of the source:
// Rows = Accepted + Rejected + Merged + Past + Away + Unmatched, always.
type Account struct {
	Table     string `json:"table"`
	Rows      int64  `json:"rows"`
	Accepted  int64  `json:"accepted"`
	Rejected  int64  `json:"rejected"`
	Merged    int64  `json:"merged"`    // further records of a person or branch that is counted
	Past      int64  `json:"past"`      // ended longer ago than retention allows to read
	Away      int64  `json:"away"`      // erased or restricted at the member's request
	Unmatched int64  `json:"unmatched"` // memberships of nobody among the members
}

// Closes says whether every row is accounted for.
func (a Account) Closes() bool {
	return a.Rows == a.Accepted+a.Rejected+a.Merged+a.Past+a.Away+a.Unmatched
}
