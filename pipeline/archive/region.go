package archive

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/store"
)

// regionsInEU are AWS's regions in the EU and EEA, of 2026. London (eu-west-2) and Zurich
// (eu-central-2) lie outside of both.
var regionsInEU = []string{"eu-central-1", "eu-west-1", "eu-west-3", "eu-north-1", "eu-south-1", "eu-south-2", "eusc-de-east-1"}

// amazon is the address of AWS's own servers.
var amazon = regexp.MustCompile(`(?i)(^|\.)(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|api\.aws)$`)

// withinEU refuses a bucket outside the EU and EEA, and one that may be there for all that
// its address says, unless the configuration says why it is not.
func withinEU(place store.Place, s config.S3) error {
	region := place.Region
	if place.Endpoint != "" {
		host := hostOf(place.Endpoint)
		if loopback(host) {
			return nil // the bytes stay on this machine
		}
		if !amazon.MatchString(host) {
			if strings.TrimSpace(s.WithinEU) == "" {
				return exit.Usagef("the bucket %s is at %s, and nobody can tell from that where it lies: personal data stay within the EU; if it does, write the reason as within_eu: in the s3: section that names it", place.Bucket, host)
			}
			return nil
		}
		// an address of AWS that names a region says more than the setting beside it
		for _, label := range strings.Split(host, ".") {
			if isRegion.MatchString(label) {
				region = label
			}
		}
	}
	if !slices.Contains(regionsInEU, region) {
		return exit.Usagef("the bucket %s is in region %s, outside the EU and EEA: personal data stay within the EU; use a bucket in one of %s", place.Bucket, region, strings.Join(regionsInEU, ", "))
	}
	return nil
}

var isRegion = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)

func hostOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" {
		return endpoint
	}
	return u.Hostname()
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// locationCheck is the check that a reason of the configuration accepts.
const locationCheck = "location.eu"

// RecordReasons writes into the ledger, once, on what reason a server counts as within the
// EU.
func RecordReasons(ctx context.Context, l *delivery.Ledger, run string, sections ...config.S3) error {
	reasons := map[string]string{}
	for _, s := range sections {
		if s.WithinEU != "" {
			reasons[s.WithinEU] = s.Endpoint
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	entries, _, err := l.Entries(ctx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Check == locationCheck && reasons[e.Reason] == e.To {
			delete(reasons, e.Reason)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		if _, err := l.Append(ctx, delivery.Entry{Kind: delivery.Acceptance, Run: run, Check: locationCheck, To: reasons[reason], Reason: reason}); err != nil {
			return fmt.Errorf("record where a server lies: %w", err)
		}
	}
	return nil
}

// Sections are the sections of the configuration that say how buckets are reached.
func Sections(c *config.Config) []config.S3 {
	all := []config.S3{c.S3}
	for _, d := range c.Deliver {
		if d.S3 != nil {
			all = append(all, *d.S3)
		}
	}
	return all
}
