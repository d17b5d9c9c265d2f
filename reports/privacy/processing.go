package privacy

import (
	"embed"
	"fmt"
	"io"
	"strings"
	"text/template"

	"peil/pipeline/config"
)

//go:embed processing.*.md
var drafts embed.FS

// WriteProcessing writes, from the configuration, a draft of the controller's register of
// processing activities (GDPR art. 30) as Markdown, in nl or en. What only the library
// knows is left open and marked.
func WriteProcessing(w io.Writer, c *config.Config, language string) error {
	name := "processing." + language + ".md"
	has := map[string]bool{}
	for _, o := range c.Outputs.Configured() {
		has[o] = true
	}
	t, err := template.New(name).Funcs(template.FuncMap{
		"has": func(output string) bool { return has[output] },
		"months": func(n config.Months) string {
			return fmt.Sprintf("%d %s", int(n), map[string]string{"nl": "maanden", "en": "months"}[language])
		},
		"to": func(output string) string { return c.Deliver[output].To },
		"or": func(text, open string) string { return orElse(text, open) },
		"system": func() string {
			if c.Source.Type == "file" {
				return ""
			}
			return c.Source.Type
		},
		"recipient": func(output string) config.Recipient { return c.Recipients[output] },
	}).ParseFS(drafts, name)
	if err != nil {
		return fmt.Errorf("write the register of processing: %w", err)
	}
	if err := t.Execute(w, c); err != nil {
		return fmt.Errorf("write the register of processing: %w", err)
	}
	return nil
}

// orElse marks what is left open.
func orElse(text, open string) string {
	if strings.TrimSpace(text) == "" {
		return "**[" + open + "]**"
	}
	return text
}
