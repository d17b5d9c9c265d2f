package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"peil/pipeline"
)

// progress shows what a run is doing on stderr: one live line on a terminal, a log line
// for each part of the source elsewhere.
type progress struct {
	w     io.Writer
	log   *slog.Logger
	live  bool // a line is rewritten in place
	width int
	begun time.Time
	now   func() time.Time
}

func (a *app) progress() *progress {
	p := &progress{w: a.stderr, begun: a.now(), now: a.now}
	p.log = slog.New(a.logHandler())
	if f, ok := a.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) && !a.verbose && !a.quiet {
		p.live = true
		p.width, _, _ = term.GetSize(int(f.Fd()))
	}
	a.live = p
	return p
}

// logHandler writes the log as the results are written, in text or JSON. Quiet are warnings
// and errors, verbose is every step.
func (a *app) logHandler() slog.Handler {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	switch {
	case a.quiet:
		o.Level = slog.LevelWarn
	case a.verbose:
		o.Level = slog.LevelDebug
	}
	if a.json() {
		return slog.NewJSONHandler(a.stderr, o)
	}
	return slog.NewTextHandler(a.stderr, o)
}

// event shows one event of a run.
func (p *progress) event(e pipeline.Event) {
	log := p.log.With("run", e.Run)
	switch {
	case e.Kind == pipeline.Failure:
		p.clear()
		log.Error(e.Text, "step", e.Name, "made", e.Made, "not_made", e.NotMade, "next", e.Next)
	case e.Kind == pipeline.Warning:
		p.clear()
		log.Warn(e.Text, "check", e.Name)
	case e.Kind == pipeline.ReadRows:
		p.reading(log, e)
	case p.live:
		p.line(e.Text + p.left(e))
	case strings.HasPrefix(e.Text, "read "):
		log.Info(e.Text)
	default:
		log.Debug(e.Text)
	}
}

// reading shows how far the reading of a table has come; in a log only how it ended.
func (p *progress) reading(log *slog.Logger, e pipeline.Event) {
	r := e.Reading
	if p.live {
		text := fmt.Sprintf("%s: %s rows, %s a second", e.Text, thousands(r.Rows), thousands(int64(r.Rate())))
		if left := r.Left(); left > time.Second {
			text += fmt.Sprintf(", about %s left", left.Round(time.Second))
		}
		p.line(text)
		return
	}
	level := slog.LevelDebug
	if r.Ended {
		level = slog.LevelInfo
	}
	log.Log(context.Background(), level, e.Text, "rows", r.Rows, "rows_per_second", int64(r.Rate()))
}

// left tells the time left, from the bytes of the source that were read so far.
func (p *progress) left(e pipeline.Event) string {
	spent := p.now().Sub(p.begun)
	if e.Done == 0 || e.Total == 0 || e.Done >= e.Total || spent < 2*time.Second {
		return ""
	}
	rest := time.Duration(float64(spent) * float64(e.Total-e.Done) / float64(e.Done))
	return fmt.Sprintf(" (%d%% of the source read, about %s left to read)", 100*e.Done/e.Total, rest.Round(time.Second))
}

func (p *progress) line(text string) {
	if p.width > 1 && len(text) >= p.width {
		text = text[:p.width-1]
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s", text)
}

// clear takes the live line away, so that something else can be printed. It may be called
// on nil.
func (p *progress) clear() {
	if p != nil && p.live {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
