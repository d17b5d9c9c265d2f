package transforms

import (
	"context"
	"fmt"

	"peil/pipeline/engine"
)

// periodSchema holds the tables of the period that is being counted. It comes before the
// warehouse's own tables, and is emptied for every period.
const periodSchema = "period"

// Closed stands for an output in [Count]: the figures of closed months, to be frozen.
const Closed = "closed"

// Count runs the models of one output for one period in the warehouse, after those of
// [Warehouse]. What an earlier call counted is gone. before is called with each step.
func Count(ctx context.Context, warehouse *engine.DB, output string, p Parameters, before func(Step)) error {
	for _, s := range []string{"DROP SCHEMA IF EXISTS " + periodSchema + " CASCADE", "CREATE SCHEMA " + periodSchema, "USE " + periodSchema} {
		if err := warehouse.Exec(ctx, s); err != nil {
			return fmt.Errorf("begin a period: %w", err)
		}
	}
	if err := p.Install(ctx, warehouse); err != nil {
		return err
	}
	ms := models("period")
	if output == "wsob" || output == Closed {
		ms = append(ms, models("period/months")...)
	}
	if output != Closed {
		ms = append(ms, models("period/"+output)...)
	}
	_, err := Run(ctx, warehouse, ms, nil, before)
	return err
}
