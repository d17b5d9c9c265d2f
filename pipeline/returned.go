package pipeline

import (
	"context"
	"strconv"
	"time"

	"peil/pipeline/archive"
	"peil/reports/newmembers"
	"peil/reports/wsob"
	"peil/transforms/disclosure/attack"
)

// returned is what a public return tells of persons.
type returned struct {
	folder string
	known  []wsob.Known
}

// knownByReturns is what all public returns tell.
func (r *run) knownByReturns(ctx context.Context) ([]returned, error) {
	folders, _, err := archive.Publications(ctx, r.store, "public/wsob")
	if err != nil {
		return nil, err
	}
	var all []returned
	for _, folder := range folders {
		made, err := r.readReturn(ctx, folder)
		if err != nil {
			return nil, err
		}
		all = append(all, returned{folder, made.Known()})
	}
	return all, nil
}

// exact has the counts of a return by the sites that editions were rounded for. The stand of a
// branch needs none: a return repeats what editions tell of it.
//
// Who was under 18 when registering and is not on 31 December counts as an adult in a return.
// So of new members no more are youth there than were when they registered, no fewer adult.
// Where youth follows what is told of them, it does by whole steps of the base.
func (ret returned) exact(edition newmembers.Release) []attack.Exact {
	type place struct {
		year       int
		item, site string
	}
	type group struct {
		attack.Part
		value   int64
		follows bool
	}
	groups := map[place]map[string]group{}
	var places []place
	for _, k := range ret.known {
		if k.Item == "members" {
			continue
		}
		at := place{k.Year, k.Item, edition.SiteOf(k.Branch)}
		if groups[at] == nil {
			groups[at] = map[string]group{}
			places = append(places, at)
		}
		g := groups[at][k.Group]
		g.Low, g.High, g.value, g.follows = add(g.Low, k.Low), add(g.High, k.High), g.value+k.Value, g.follows || k.Follows
		groups[at][k.Group] = g
	}
	var all []attack.Exact
	for _, at := range places {
		e := attack.Exact{Where: ret.folder, Figure: at.item, Site: at.site}
		for m := time.January; m <= time.December; m++ {
			e.Periods = append(e.Periods, time.Date(at.year, m, 1, 0, 0, 0, 0, time.UTC).Format("2006-01"))
		}
		if youth := groups[at]["youth"]; at.item == "new" && youth.follows {
			if youth.High = youth.value + edition.Base - 1; youth.value >= 2*edition.Base { // the last step to 0 is never taken
				youth.Low = max(youth.Low, youth.value-edition.Base+1)
			}
			groups[at]["youth"] = youth
		}
		for _, part := range groups[at] {
			e.Low, e.High = add(e.Low, part.Low), add(e.High, part.High)
		}
		if at.item == "new" {
			youth, adult, unknown := groups[at]["youth"].Part, groups[at]["adult"].Part, groups[at]["unknown"].Part
			youth.High, adult.Low, unknown.Classes = attack.Unbounded, 0, []string{newmembers.UnknownAge}
			for _, age := range edition.AgeClasses {
				to := &youth
				if age >= 18 {
					to = &adult
				}
				to.Classes = append(to.Classes, strconv.Itoa(age))
			}
			e.Parts = []attack.Part{youth, adult, unknown}
		}
		all = append(all, e)
	}
	return all
}

// add adds bounds of counts.
func add(a, b int64) int64 {
	if a == attack.Unbounded || b == attack.Unbounded {
		return attack.Unbounded
	}
	return a + b
}
