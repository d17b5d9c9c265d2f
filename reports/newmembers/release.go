package newmembers

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"peil/transforms/disclosure"
	"peil/transforms/disclosure/attack"
)

// Release is what a public edition told that no earlier one had: a later edition is rounded
// to agree with it, and attacked together with it. Nobody but the library may see it: the
// edition itself shows sums of these cells.
type Release struct {
	attack.Release
	AgeClasses []int `json:"age_classes"`
	// Sites are the branches, and the branches published together, that counts were
	// rounded for.
	Sites []Site `json:"sites"`
}

// Site is a branch, or several that are rounded as one.
type Site struct {
	Code     string   `json:"code"`
	Branches []string `json:"branches"` // their codes
}

// SiteOf is the code of the site that counts of a branch were rounded in: its own where it was
// in none.
func (r Release) SiteOf(branch string) string {
	for _, s := range r.Sites {
		if slices.Contains(s.Branches, branch) {
			return s.Code
		}
	}
	return branch
}

// SitesOf are those of some branches, in order.
func (r Release) SitesOf(branches []string) []string {
	var sites []string
	for _, b := range branches {
		sites = append(sites, r.SiteOf(b))
	}
	slices.Sort(sites)
	return slices.Compact(sites)
}

// UnknownAge is the class of new members whose age is not known.
const UnknownAge = "-1"

// Year is what all editions together tell of a site in a calendar year; nil where they do not
// tell it. Members are those at its end.
type Year struct {
	Branches             []string // of the site
	Members, New, Lapsed *int64
	// By age when registering, of New. There is none where there is no New.
	NewYouth, NewAdult int64
}

// TellOf adds up what was told last of each count, by site.
func TellOf(releases []Release, year int) []Year {
	if len(releases) == 0 {
		return nil
	}
	sites := releases[len(releases)-1].Sites
	at := map[string]int{}
	for i, s := range sites {
		at[s.Code] = i
	}
	last := map[attack.Place]int64{}
	for _, r := range releases {
		for _, t := range r.Cells {
			last[t.Place] = t.Value
		}
	}
	december := fmt.Sprintf("%d-12", year)
	months := map[string]bool{}
	youth, adult := make([]int64, len(sites)), make([]int64, len(sites))
	members, sums := make([]int64, len(sites)), map[string][]int64{"new": make([]int64, len(sites)), "lapsed": make([]int64, len(sites))}
	for p, n := range last {
		if p.Period[:4] != december[:4] || p.By != "" && p.By != "age" && p.By != "route" {
			continue
		}
		months[p.Figure+p.Period] = true
		site, known := at[p.Site]
		if of := sums[p.Figure]; of != nil && known {
			of[site] += n
			switch age, err := strconv.Atoi(p.Class); {
			case err != nil || p.Class == UnknownAge:
			case age < 18:
				youth[site] += n
			default:
				adult[site] += n
			}
		}
		switch {
		case p.Period != december:
		case p.Figure == "moved":
			if from, to, known := ends(p.Class, at); known {
				members[from] -= n
				members[to] += n
			}
		case !known:
		case p.Figure == "lapsed":
			members[site] -= n
		default: // stand, new, re-registered
			members[site] += n
		}
	}
	complete := func(figure string) bool {
		for m := 1; m <= 12; m++ {
			if !months[fmt.Sprintf("%s%d-%02d", figure, year, m)] {
				return false
			}
		}
		return true
	}
	years := make([]Year, len(sites))
	for i, s := range sites {
		years[i].Branches = s.Branches
		if months["stand"+december] {
			years[i].Members = &members[i]
		}
		if complete("new") {
			years[i].New, years[i].NewYouth, years[i].NewAdult = &sums["new"][i], youth[i], adult[i]
		}
		if complete("lapsed") {
			years[i].Lapsed = &sums["lapsed"][i]
		}
	}
	return years
}

// ends are the sites that members moved between, by the class of a route.
func ends(class string, at map[string]int) (from, to int, known bool) {
	for i := range class {
		if class[i] != '>' {
			continue
		}
		from, known = at[class[:i]]
		if to, also := at[class[i+1:]]; known && also {
			return from, to, true
		}
	}
	return 0, 0, false
}

// A FrozenError says that a setting differs from that of earlier public editions.
type FrozenError struct{ Setting, Before, Now string }

func (e *FrozenError) Error() string {
	return fmt.Sprintf("%s is %s, but public editions in this store were made with %s, and two ways of rounding the same months can be told apart; set it back, or publish into a new store", e.Setting, e.Now, e.Before)
}

// past is what all earlier public editions told, and what this one tells.
type past struct {
	base  int64
	ages  []int
	cells map[attack.Place]attack.Told
	lines map[attack.Place]bool // places without class of which something was told
	sites []Site
	// routesTold are the classes of the moves that were told, by month.
	routesTold map[string][]string
	told       map[attack.Place]attack.Told // by this one
}

func newPast(earlier []Release, base int64, ages []int) (*past, error) {
	p := &past{base: base, ages: ages, cells: map[attack.Place]attack.Told{}, lines: map[attack.Place]bool{}, routesTold: map[string][]string{}, told: map[attack.Place]attack.Told{}}
	for _, r := range earlier {
		if r.Base != base {
			return nil, &FrozenError{"protection.threshold", fmt.Sprint(r.Base), fmt.Sprint(base)}
		}
		if !slices.Equal(r.AgeClasses, ages) {
			return nil, &FrozenError{"counting.age_classes", fmt.Sprint(r.AgeClasses), fmt.Sprint(ages)}
		}
		for _, t := range r.Cells {
			p.remember(t)
		}
		p.sites = r.Sites
	}
	return p, nil
}

func (p *past) remember(t attack.Told) {
	if _, again := p.cells[t.Place]; !again && t.Figure == "moved" && t.By == "route" {
		p.routesTold[t.Period] = append(p.routesTold[t.Period], t.Class)
	}
	p.cells[t.Place] = t
	p.lines[lineOf(t.Place)] = true
}

func lineOf(p attack.Place) attack.Place {
	p.Class = ""
	return p
}

// follow is the value of a count that the past binds: what was told of it, moved by whole
// steps of the base if the count lies a base or more away. What a line did not list was 0.
func (p *past) follow(place attack.Place, n int64) (value int64, bound bool) {
	before, again := p.cells[place]
	if !again && !p.lines[lineOf(place)] {
		return 0, false
	}
	return disclosure.Following(before.Value, n, p.base), true
}

// tell takes down a cell of this edition.
func (p *past) tell(place attack.Place, value int64, loose bool) {
	p.told[place] = attack.Told{Place: place, Value: value, Loose: loose}
}

// release is what this edition tells. The branches at which nobody is any more keep their
// site, in case they come back.
func (p *past) release(period string, sites []Site) Release {
	here := map[string]bool{}
	for _, s := range sites {
		here[s.Code] = true
	}
	for _, s := range p.sites {
		if !here[s.Code] {
			sites = append(sites, s)
		}
	}
	r := Release{attack.Release{Period: period, Base: p.base}, p.ages, sites}
	r.Cells = make([]attack.Told, 0, len(p.told))
	for place, t := range p.told {
		if before, again := p.cells[place]; !again || before != t {
			r.Cells = append(r.Cells, t)
		}
	}
	slices.SortFunc(r.Cells, func(a, b attack.Told) int { return a.Compare(b.Place) })
	return r
}

// siteOf finds the site that a branch was rounded in before.
func (p *past) siteOf(branch string) (Site, bool) {
	i := slices.IndexFunc(p.sites, func(s Site) bool { return slices.Contains(s.Branches, branch) })
	if i < 0 {
		return Site{branch, []string{branch}}, false
	}
	return p.sites[i], true
}

func monthKey(t time.Time) string { return t.Format("2006-01") }
