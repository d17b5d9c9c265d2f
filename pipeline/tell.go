package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"peil/pipeline/exit"
	"peil/pipeline/store"
)

// tells puts the run's name on every event, and remembers the step that it is at.
func (r *run) tells() {
	tell := r.o.Events
	r.o.Events = func(e Event) {
		e.Run = r.id
		if e.Kind == StepBegun {
			r.at = e.Name
		}
		tell(e)
	}
}

// failedAt tells of a run that failed: at which step, what it had made by then, what not,
// and the command that goes on.
func (r *run) failedAt(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, store.ErrLockLost) {
		err = exit.With(exit.Held, fmt.Errorf("%w; it will do what this one could not", cause))
	}
	e := Event{Kind: Failure, Name: r.at, Text: err.Error()}
	made := func(p *planned) bool {
		return p.done != nil || slices.ContainsFunc(r.summary.Outputs, func(o Output) bool { return o.Name == p.Output && o.Period == p.Name })
	}
	for _, p := range r.plan.periods {
		name := p.Output + " " + p.Name
		if made(p) {
			e.Made = append(e.Made, name)
		} else {
			e.NotMade = append(e.NotMade, name)
		}
	}
	e.Next = "the same command again"
	if len(r.summary.Outputs) > 0 {
		e.Next = "peil run --resume " + r.id
		err = fmt.Errorf("%w; what was made before stays (%s): go on with %s", err, strings.Join(e.Made, ", "), e.Next)
	}
	r.o.Events(e)
	return err
}
