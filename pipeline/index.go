package pipeline

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"peil/pipeline/config"
	"peil/pipeline/store"
)

//go:embed index.html
var indexHTML string

var indexPage = template.Must(template.New("index").Parse(indexHTML))

// indexOutput is one output on the page, newest period first.
type indexOutput struct {
	Title   string
	Periods []indexPeriod
}

type indexPeriod struct {
	Period string
	Folder string // relative to the page
	Page   bool   // there is an index.html in it
	Files  []File
}

var indexTitles = map[string]map[string]string{
	"nl": {"new-members": "Nieuwe leden", "kb": "Weekbestanden voor de KB", "wsob": "Jaaropgave Wsob", "page": "Openbare cijfers", "read": "Bekijken"},
	"en": {"new-members": "New members", "kb": "Weekly files for KB", "wsob": "Yearly return (Wsob)", "page": "Public figures", "read": "Open"},
}

// writeIndex writes the page that lists what is public, for people. It links nothing
// private and works from a folder or from static hosting of the public prefix alone.
func writeIndex(ctx context.Context, s store.Store, c *config.Config) error {
	_, manifests, err := publications(ctx, s, "public")
	if err != nil {
		return err
	}
	words := indexTitles[c.Library.Language]
	var outputs []indexOutput
	for _, name := range config.OutputNames {
		out := indexOutput{Title: words[name]}
		for i := len(manifests) - 1; i >= 0; i-- {
			if m := manifests[i]; m.Output == name {
				p := indexPeriod{Period: m.Period, Folder: m.Output + "/" + m.Period, Files: m.Files}
				for _, f := range m.Files {
					p.Page = p.Page || f.Name == "index.html"
				}
				out.Periods = append(out.Periods, p)
			}
		}
		if len(out.Periods) > 0 {
			outputs = append(outputs, out)
		}
	}
	var page bytes.Buffer
	if err := indexPage.Execute(&page, map[string]any{
		"Language": c.Library.Language, "Library": c.Library.Name, "Words": words, "Outputs": outputs,
	}); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	text := strings.TrimSpace(page.String()) + "\n"
	if err := store.WriteFile(ctx, s, "public/index.html", []byte(text)); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	return nil
}
