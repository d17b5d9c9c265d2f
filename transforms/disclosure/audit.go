package disclosure

import "peil/transforms/disclosure/attack"

// Attack returns the table as a reader of the suppressed edition sees it, to be
// audited: hidden cells are unknown, and the primary ones have to stay uncertain
// by Threshold − 1. Figure is that of [attack.Table]. A cell that is not there is
// known to count nobody.
func (s *Suppressed) Attack(t Table, figure string) attack.Table {
	out := published(t, figure)
	for _, c := range s.Cells {
		p := attack.Published{Codes: c.Codes, Low: c.Count, High: c.Count}
		if c.Status != Shown {
			p.Low, p.High = 0, attack.Unbounded
		}
		if c.Status == Primary {
			p.Width = s.Rule.Threshold - 1
		}
		out.Cells = append(out.Cells, p)
	}
	return out
}

// Attack returns the table as a reader of the rounded edition sees it, to be
// audited: rounded inner cells are uncertain by the rule that rounded them, and
// those of 1 to base − 1 persons have to stay so by base − 1. Sums are unknown to
// a reader except by what they are made of; where an exact total is printed beside
// them, it must be appended to the cells. Cells with a value published before are
// known as the rule of [Following] tells.
func (r *Rounded) Attack(t Table, figure string) attack.Table {
	out := published(t, figure)
	for i, c := range t.Cells {
		p := attack.Published{Codes: c.Codes}
		if c.Before != nil {
			p.Low, p.High = attack.Followed(*c.Before, r.Inner[i], r.Base)
		} else {
			p.Low, p.High = attack.Rounded(r.Inner[i], r.Base)
		}
		if c.Count > 0 && c.Count < r.Base {
			p.Width = r.Base - 1
		}
		out.Cells = append(out.Cells, p)
	}
	return out
}

func published(t Table, figure string) attack.Table {
	out := attack.Table{Figure: figure}
	for _, d := range t.Dimensions {
		dim := attack.Dimension{Name: d.Name, Total: d.Total}
		for _, g := range d.Groups {
			dim.Sums = append(dim.Sums, attack.Sum{Code: g.Code, Parts: g.Parts})
		}
		out.Dimensions = append(out.Dimensions, dim)
	}
	return out
}
