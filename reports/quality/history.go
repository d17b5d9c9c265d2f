package quality

// History is what the quality report of a day keeps for later ones. It names nobody.
type History struct {
	On       string           `json:"on"`   // the day that the run spoke of
	Rows     map[string]int64 `json:"rows"` // by table
	Rejected map[string]int64 `json:"rejected"`
	Persons  int64            `json:"persons"`  // valid on the peildatum
	Missing  map[string]int64 `json:"missing"`  // of them, by field of CBS's
	Doubtful int64            `json:"doubtful"` // of them, whom CBS will probably not find
}
