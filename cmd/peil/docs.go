package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/reports/dictionary"
	"peil/reports/render"
	"peil/transforms/contract"
)

func (a *app) docsCommand() *cobra.Command {
	var language string
	var html bool
	cmd := &cobra.Command{
		Use:   "docs [OUTPUT ...]",
		Short: "Print the tables and columns of all outputs: meaning, privacy class, lineage",
		Long: `Prints the data dictionary as Markdown, or with --html as a page to search: every table
and column of what Peil reads (input), what it makes of it during a run (core), and each output, with
type, privacy class, meaning and the columns of the source that it goes back to.

peil docs cbs prints the record description of the member file, for its recipient: that of the
configured layout, or of the default one where there is no configuration.`,
		ValidArgs: dictionary.Folders,
		Args:      cobra.OnlyValidArgs,
		RunE: func(cmd *cobra.Command, outputs []string) error {
			if language != "nl" && language != "en" {
				return exit.Usagef("--language %s: write nl or en", language)
			}
			if slices.Equal(outputs, []string{"cbs"}) && !html && !a.json() {
				return a.describeLayout(cmd.Context(), language)
			}
			if len(outputs) == 0 {
				outputs = dictionary.Folders
			}
			if a.json() {
				return a.columns(outputs)
			}
			d := dictionary.Document(render.Language(language), outputs, time.Now())
			if html {
				return render.WriteHTML(a.stdout, d)
			}
			return render.WriteMarkdown(a.stdout, d)
		},
	}
	cmd.AddCommand(a.docsJSONCommand())
	cmd.Flags().StringVar(&language, "language", "nl", "nl or en")
	cmd.Flags().BoolVar(&html, "html", false, "one page, in place of Markdown")
	cmd.AddCommand(a.processingCommand(), a.threatsCommand())
	return cmd
}

// describeLayout prints the record description of the member file.
func (a *app) describeLayout(ctx context.Context, language string) error {
	c, err := a.load()
	var bad *config.Error
	if errors.As(err, &bad) && errors.Is(bad, fs.ErrNotExist) && a.config == "" {
		c, err = nil, nil
	}
	if err != nil {
		return err
	}
	layout, err := pipeline.CBSLayout(c)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "peil-docs-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return layout.Describe(ctx, a.stdout, language, dir)
}

// columns prints a message a column.
func (a *app) columns(folders []string) error {
	n := 0
	for _, folder := range folders {
		for _, t := range contract.Of(folder) {
			for _, c := range t.Columns {
				n++
				err := a.message("column", struct {
					Folder   string            `json:"folder"`
					Table    string            `json:"table"`
					Column   string            `json:"column"`
					Type     string            `json:"type"`
					Class    contract.Class    `json:"class"`
					Category int               `json:"category,omitempty"`
					Editions []string          `json:"editions,omitempty"`
					Meaning  map[string]string `json:"meaning"`
					Sources  []string          `json:"sources,omitempty"`
					MadeFrom []string          `json:"made_from,omitempty"`
				}{t.Folder, t.Table, c.Name, c.Type, c.Class, c.Category, slices.Concat(t.Editions, c.Editions),
					map[string]string{"nl": c.NL, "en": c.EN}, t.Sources(c.Name), t.MadeFrom(c.Name)})
				if err != nil {
					return err
				}
			}
		}
	}
	return a.message("summary", struct {
		Columns int `json:"columns"`
	}{n})
}
