package intake

import (
	"time"

	"peil/pipeline/config"
	"peil/pipeline/source"
	"peil/transforms"
)

// Parameters are what the models must know of the configuration and of the source, to speak
// of a day.
func Parameters(c *config.Config, s source.Source, asOf time.Time) transforms.Parameters {
	p := transforms.Parameters{
		AsOf: asOf, SnapshotOn: asOf, RenewalGrace: c.Counting.RenewalGrace, AgeClasses: c.Counting.AgeClasses,
		Retention: transforms.Retention{Contact: int(c.Retention.Contact), Loans: int(c.Retention.Loans)},
		K:         c.Protection.K, L: c.Protection.L, LeaveOut: leaveOut(c),
	}
	if on := snapshotOn(c, s); !on.IsZero() {
		p.SnapshotOn = on
	}
	p.Peildatum = p.SnapshotOn
	if holdsValidity(s) && asOf.Before(p.SnapshotOn) {
		p.Peildatum = asOf // the population of an earlier day can be told from the dates
	}
	return p
}

func leaveOut(c *config.Config) []transforms.LeaveOut {
	if c.Outputs.CBS == nil {
		return nil
	}
	l := c.Outputs.CBS.LeaveOut
	return []transforms.LeaveOut{
		{Why: "staff", Codes: l.Staff}, {Why: "test", Codes: l.Test}, {Why: "interlibrary", Codes: l.Interlibrary},
		{Why: "online_only", Codes: l.OnlineOnly}, {Why: "trial", Codes: l.Trial},
	}
}
