package intake

import (
	"context"

	"peil/pipeline/config"
	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/transforms/parse"
)

// ReadIDs reads ids as those of the source are read, so that both are keyed alike.
func ReadIDs(ctx context.Context, c *config.Config, given []string) ([]string, error) {
	db, err := engine.Open(ctx, engine.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := parse.Install(ctx, db, c.Library.Timezone); err != nil {
		return nil, err
	}
	var ids []string
	seen := map[string]bool{}
	for i, text := range given {
		var id *string
		if err := db.Get(ctx, []any{&id}, "SELECT parse_id(?)", text); err != nil {
			return nil, err
		}
		if id == nil {
			return nil, exit.Usagef("member %d of %d: this is no member's id", i+1, len(given)) // it is not repeated
		}
		if !seen[*id] {
			seen[*id] = true
			ids = append(ids, *id)
		}
	}
	if len(ids) == 0 {
		return nil, exit.Usagef("no member's id was given")
	}
	return ids, nil
}
