package quality

import (
	"fmt"
	"slices"
	"strings"

	"peil/transforms/contract"
)

// Contracts makes the checks that sum up what the rules of contracts found: one a table of
// the input, one for core, one an output. Of the rules that are broken and are no notice
// the text names the first.
func Contracts(results []contract.Result) []Check {
	var checks []Check
	for _, r := range results {
		name := "contract." + r.Contract
		folder, _, _ := strings.Cut(r.Contract, ".")
		if folder != contract.Input {
			name = "contract." + folder
		}
		i := slices.IndexFunc(checks, func(c Check) bool { return c.Name == name })
		if i < 0 {
			i = len(checks)
			checks = append(checks, Check{Name: name, Result: OK, Text: map[string]string{"nl": "", "en": ""}})
		}
		c := &checks[i]
		c.Of++
		if !r.Broken() || r.Severity == contract.Notice {
			continue
		}
		c.Count++
		if c.Count <= 3 {
			c.Text["nl"] += fmt.Sprintf("; %s: %d %s", r.Contract, r.Count, r.NL)
			c.Text["en"] += fmt.Sprintf("; %s: %d %s", r.Contract, r.Count, r.EN)
		}
		if r.Severity == contract.Failure {
			c.Result, c.Withholds = Failed, []string{folder}
			if folder == contract.Input || folder == contract.Core {
				c.Withholds = Figures
			}
		} else if c.Result == OK {
			c.Result = Warned
		}
	}
	for i := range checks {
		c := &checks[i]
		c.Text["nl"] = fmt.Sprintf("%d van %d regels van het contract niet nageleefd%s.", c.Count, c.Of, strings.Replace(c.Text["nl"], ";", ":", 1))
		c.Text["en"] = fmt.Sprintf("%d of %d rules of the contract not kept%s.", c.Count, c.Of, strings.Replace(c.Text["en"], ";", ":", 1))
	}
	return checks
}
