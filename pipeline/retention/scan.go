package retention

import (
	"context"
	"fmt"
	"strings"
)

// Scan is a look at everything that the store holds, after a purge.
type Scan struct {
	Objects  int   `json:"objects"`  // in the store
	Holdings int   `json:"holdings"` // of them about persons: folders and files
	Rows     int64 `json:"rows"`     // of sealed files that were opened and looked at
	// Where these are empty the promise is kept.
	Older   []string `json:"older"`   // what is past retention all the same
	Unknown []string `json:"unknown"` // what nobody can say anything of
}

// Clean says whether the promise is kept.
func (s *Scan) Clean() bool { return len(s.Older) == 0 && len(s.Unknown) == 0 }

func (s *Scan) fault() error {
	if s.Clean() {
		return nil
	}
	var parts []string
	if len(s.Older) > 0 {
		parts = append(parts, "past retention: "+strings.Join(s.Older, ", "))
	}
	if len(s.Unknown) > 0 {
		parts = append(parts, "of unknown content: "+strings.Join(s.Unknown, ", ")+" (look at it, and take it out of the store)")
	}
	return fmt.Errorf("scan the store: it holds what it should not: %s", strings.Join(parts, "; "))
}

// proof scans the store from its list of objects on, and opens what is sealed. It trusts
// nothing that the purge before it has found out.
func (p *Purger) proof(ctx context.Context) (*Scan, error) {
	h, err := holdingsOf(ctx, p.Store, p.on, p.Config.Retention)
	if err != nil {
		return nil, err
	}
	s := &Scan{Objects: h.objects, Holdings: len(h.all), Older: []string{}, Unknown: append([]string{}, h.unknown...)}
	for _, one := range h.all {
		switch {
		case one.past && one.goes():
			s.Older = append(s.Older, one.Name)
		case one.Kind == MemberState || one.Kind == FirstLoans || one.past:
			r, err := p.reduce(ctx, one, "")
			if err != nil {
				return nil, err
			}
			s.Rows += r.Rows + r.Left
			if r.Rows > 0 {
				s.Older = append(s.Older, fmt.Sprintf("%d rows of %s", r.Rows, one.Name))
			}
		}
	}
	return s, nil
}
