package pipeline

import (
	"maps"
	"slices"
	"strings"

	"peil/transforms"
	"peil/transforms/contract"
)

// Steps are what a run does to make what is planned, in order: the models with what they read
// and make, and then what is published from which tables.
func Steps(planned []Planned) []transforms.Traced {
	var outputs []string
	for _, p := range planned {
		if !slices.Contains(outputs, p.Output) {
			outputs = append(outputs, p.Output)
		}
	}
	all := transforms.Trace(outputs)
	for _, p := range planned {
		for _, folder := range p.Folders {
			all = append(all, publishes(p.Output, folder))
		}
	}
	return all
}

// publishes says of the folder of an output from which tables of the contract its columns are
// made, and the most that they reveal.
func publishes(output, folder string) transforms.Traced {
	classes := []contract.Class{contract.Public, contract.Anonymous, contract.Counts, contract.Pseudonymous, contract.Identifying}
	reads, highest := map[string]bool{}, 0
	edition := "public"
	if strings.HasPrefix(folder, "private/") {
		edition = "internal"
	}
	for _, c := range contract.Of(output) {
		if len(c.Editions) > 0 && !slices.Contains(c.Editions, edition) {
			continue
		}
		for _, column := range c.Edition(edition).Columns {
			highest = max(highest, slices.Index(classes, column.Class))
			for _, from := range c.MadeFrom(column.Name) {
				if parts := strings.Split(from, "."); len(parts) == 3 && parts[0] == contract.Core {
					reads[parts[1]] = true
				}
			}
		}
	}
	return transforms.Traced{
		Model: "publish " + output, Where: "publish", Class: classes[highest],
		Reads: slices.Sorted(maps.Keys(reads)), Makes: []string{folder},
	}
}
