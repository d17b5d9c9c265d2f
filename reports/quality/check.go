package quality

import (
	"fmt"
	"slices"

	"peil/pipeline/config"
)

// Check is something that was asked of the data, and the answer.
type Check struct {
	Name string `json:"check"` // such as rejected.loans; stable
	// Result is ok, warning or failed.
	Result string `json:"result"`
	Count  int64  `json:"count"` // of what was found
	Of     int64  `json:"of"`    // among how many; 0 where that means nothing
	// Text says what was found, by language.
	Text map[string]string `json:"text"`
	// Withholds are the outputs that are not published when the check failed.
	Withholds []string `json:"withholds,omitempty"`
	// Output and Period are set where the check is of one period of one output alone.
	Output string `json:"output,omitempty"`
	Period string `json:"period,omitempty"`
	// Accepted is the reason for which somebody accepted a check that had failed.
	Accepted string `json:"accepted,omitempty"`
	// Protects says that the check is of what an output would tell of persons: that it failed
	// says nothing against the data.
	Protects bool `json:"-"`
}

// Results of a check.
const (
	OK     = "ok"
	Warned = "warning"
	Failed = "failed"
)

// Figures are the outputs that hold figures about members and loans.
var Figures = []string{"cbs", "new-members", "kb", "wsob"}

// Bounded makes a check of a share against two limits. warn and fail are shares of of; a
// fail of zero never fails.
func Bounded(name string, n, of int64, b config.Bounds, nl, en string) Check {
	c := Check{Name: name, Result: OK, Count: n, Of: of, Text: map[string]string{
		"nl": fmt.Sprintf(nl, n, of), "en": fmt.Sprintf(en, n, of),
	}}
	switch {
	case n == 0:
	case b.Fail > 0 && float64(n) > b.Fail.Of(of):
		c.Result, c.Withholds = Failed, Figures
	case float64(n) > b.Warn.Of(of):
		c.Result = Warned
	}
	return c
}

// Require makes a check that fails unless n is zero.
func Require(name string, n int64, withholds []string, nl, en string) Check {
	c := Check{Name: name, Result: OK, Count: n, Text: map[string]string{"nl": fmt.Sprintf(nl, n), "en": fmt.Sprintf(en, n)}}
	if n != 0 {
		c.Result, c.Withholds = Failed, withholds
	}
	return c
}

// About says whether the check concerns a period of an output.
func (c Check) About(output, period string) bool {
	return c.Output == "" || c.Output == output && c.Period == period
}

// Withholding lists the failed checks that withhold a period of an output.
func Withholding(checks []Check, output, period string) []string {
	var names []string
	for _, c := range checks {
		if c.Result == Failed && slices.Contains(c.Withholds, output) && c.About(output, period) {
			names = append(names, c.Name)
		}
	}
	return names
}

// Passed lists the checks that a period of an output stands on, for its manifest.
func Passed(checks []Check, output, period string) []string {
	var names []string
	for _, c := range checks {
		if c.Result != Failed && c.About(output, period) {
			result := c.Result
			if c.Accepted != "" {
				result = "accepted: " + c.Accepted
			}
			names = append(names, c.Name+": "+result)
		}
	}
	slices.Sort(names)
	return names
}
