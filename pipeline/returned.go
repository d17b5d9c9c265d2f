package pipeline

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/reports/newmembers"
	"peil/reports/quality"
	"peil/reports/wsob"
	"peil/transforms/disclosure/attack"
)

// returned is what a public return tells of persons.
type returned struct {
	folder string
	known  []wsob.Known
}

// knownByReturns is what all public returns tell. Those from a year on that do not say which
// branches they tell of count as unsafe.
func (r *run) knownByReturns(ctx context.Context, p *planned, from int) ([]returned, error) {
	folders, _, err := archive.Publications(ctx, r.store, "public/wsob")
	if err != nil {
		return nil, err
	}
	var all []returned
	unknown := int64(0)
	for _, folder := range folders {
		made, err := r.readReturn(ctx, folder)
		if err != nil {
			return nil, err
		}
		known := made.Known()
		if slices.ContainsFunc(known, func(k wsob.Known) bool { return k.Year >= from && slices.Contains(k.Branches, "") }) {
			unknown++
			continue
		}
		all = append(all, returned{folder, known})
	}
	r.protects(p, quality.Require(p.Output+".returns", unknown, []string{p.Output},
		"Openbare jaaropgaven die niet zeggen van welke vestiging hun aantallen zijn: %d.", "Public returns that do not say which branch their counts are of: %d."))
	return all, nil
}

// rounds is how often a return is attacked and single sites are protected before all are.
const rounds = 4

// protectReturn has the attacker hold the persons of a return, and those of all returns before
// it, against the editions of new-members that hold their months. What exposes a count leaves the
// return, until nothing does; it starts from what the edition before it left out.
func (r *run) protectReturn(ctx context.Context, p *planned, releases []newmembers.Release, ret *wsob.Return) error {
	if len(releases) == 0 {
		return nil
	}
	known, err := r.knownByReturns(ctx, p, ret.Year-1)
	if err != nil {
		return err
	}
	before, _, err := r.lastReturn(ctx, ret.Year)
	if err != nil {
		return err
	}
	if before != nil {
		ret.ProtectAs(before)
	}
	for round := 1; ; round++ {
		learnt, err := attackEditions(ctx, releases, append(slices.Clip(known), returned{p.folders[0], ret.Known()}))
		if err != nil {
			return err
		}
		if !protect(ret, releases[len(releases)-1], learnt.Exposed, round >= rounds) {
			r.checkLearnt(p, learnt)
			return nil
		}
	}
}

// protect leaves out of a return what exposes counts, and reports false if there is nothing more
// to leave out: the age groups at the sites of those counts, or at all, then the organisation's.
func protect(ret *wsob.Return, edition newmembers.Release, exposed []attack.Exposure, everywhere bool) bool {
	type line struct {
		year int
		item string
	}
	at := map[line][]string{} // sites
	for _, e := range exposed {
		if year, err := strconv.Atoi(e.Period[:4]); err == nil {
			at[line{year, e.Figure}] = append(at[line{year, e.Figure}], e.Site)
		}
	}
	more := false
	for l, sites := range at {
		more = protectLine(ret, l.year, l.item, edition, sites, everywhere) || more
	}
	return more
}

// protectLine protects an item in a year. One site alone is what the others leave of the
// organisation's figure, so that a second is protected with it: the smallest at which anybody
// is counted, and again where two do not suffice.
func protectLine(ret *wsob.Return, year int, item string, edition newmembers.Release, exposed []string, everywhere bool) bool {
	type site struct {
		branches []string
		persons  int64
	}
	shown, hidden := map[string]site{}, map[string]bool{}
	branches, all := ret.Protected(year, item)
	if all {
		return false
	}
	for _, code := range edition.SitesOf(branches) {
		hidden[code] = true
	}
	for _, k := range ret.Known() {
		if code := edition.SiteOf(k.Branches[0]); k.Year == year && k.Item == item && !hidden[code] {
			shown[code] = site{append(shown[code].branches, k.Branches...), shown[code].persons + k.Value}
		}
	}
	if len(shown) == 0 {
		if len(hidden) > 0 {
			ret.ProtectAll(year, item)
		}
		return len(hidden) > 0
	}
	var out []string
	for code := range shown {
		if everywhere || slices.Contains(exposed, code) {
			out = append(out, code)
		}
	}
	if !everywhere && (len(out) == 0 || len(out)+len(hidden) == 1) {
		smallest := ""
		for _, s := range edition.Sites {
			other, is := shown[s.Code]
			if best := shown[smallest]; is && other.persons > 0 && !slices.Contains(out, s.Code) &&
				(smallest == "" || other.persons < best.persons || other.persons == best.persons && s.Code < smallest) {
				smallest = s.Code
			}
		}
		if smallest == "" {
			return protectLine(ret, year, item, edition, exposed, true)
		}
		out = append(out, smallest)
	}
	for _, code := range out {
		ret.Protect(year, item, shown[code].branches)
	}
	return true
}

// exact has the counts of a return by the sites that editions were rounded for, and those of
// the sites that the return protects together. The stand of a branch has none: a return repeats
// what editions tell of it, or moves it by whole steps as they do. A stand is not held against the
// months that led to it.
//
// Who was under 18 when registering and is not on 31 December counts as an adult in a return.
// So of new members no more are youth there than were when they registered, no fewer adult.
// Where youth follows what is told of them, it does by whole steps of the base; what else
// follows lies near.
func (ret returned) exact(edition newmembers.Release) []attack.Exact {
	type place struct {
		year        int
		item, sites string
	}
	type groups struct {
		sites []string
		of    map[string]wsob.Known // youth, adult and unknown
	}
	found := map[place]groups{}
	var places []place
	for _, k := range ret.known {
		if k.Item == "members" {
			continue
		}
		sites := edition.SitesOf(k.Branches)
		at := place{k.Year, k.Item, strings.Join(sites, "\n")}
		if found[at].of == nil {
			found[at] = groups{sites, map[string]wsob.Known{}}
			places = append(places, at)
		}
		found[at].of[k.Group] = together(found[at].of[k.Group], k)
	}
	var all []attack.Exact
	for _, at := range places {
		sites, of := found[at].sites, found[at].of
		var whole wsob.Known
		for _, g := range of {
			whole = together(whole, g) // each branch was rounded in each group
		}
		near := func(k wsob.Known) attack.Part {
			if k.Follows {
				off := wsob.Near(k.Value, edition.Base, int64(len(sites))) + (edition.Base-1)*int64(len(k.Branches))
				return attack.Part{Low: max(k.Value-off, 0), High: k.Value + off}
			}
			return attack.Part{Low: k.Low, High: k.High}
		}
		e := attack.Exact{Where: ret.folder, Figure: at.item, Sites: sites, Low: near(whole).Low, High: near(whole).High}
		for m := time.January; m <= time.December; m++ {
			e.Periods = append(e.Periods, time.Date(at.year, m, 1, 0, 0, 0, 0, time.UTC).Format("2006-01"))
		}
		if at.item == "new" {
			youth, adult, unknown := near(of["youth"]), near(of["adult"]), near(of["unknown"])
			if of["youth"].Follows {
				youth.Low = stepsBelow(of["youth"].Value, edition.Base, int64(len(sites)))
			}
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

// stepsBelow is the least that may lie behind a value that follows by whole steps of the base at
// each of some sites. The last step to 0 is never taken.
func stepsBelow(value, base, sites int64) int64 {
	if sites == 1 && value >= 2*base {
		return value - base + 1
	}
	return max(value-(2*base-1)*sites, 0)
}

// together is what is known of the sum of two counts, as of each part that was rounded.
func together(a, b wsob.Known) wsob.Known {
	return wsob.Known{
		Branches: slices.Concat(a.Branches, b.Branches), Value: a.Value + b.Value, Follows: a.Follows || b.Follows,
		Low: add(a.Low, b.Low), High: add(a.High, b.High),
	}
}

// add adds bounds of counts.
func add(a, b int64) int64 {
	if a == attack.Unbounded || b == attack.Unbounded {
		return attack.Unbounded
	}
	return a + b
}
