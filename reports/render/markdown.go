package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes the document's texts and tables as Markdown, every row and column;
// charts are left out, as they show nothing that the tables do not.
func WriteMarkdown(w io.Writer, d *Document) error {
	if err := d.Validate(); err != nil {
		return err
	}
	f := d.formatter()
	out := bufio.NewWriter(w)
	line := func(format string, args ...any) { fmt.Fprintf(out, format+"\n\n", args...) }
	line("# %s", clean(d.Title))
	if d.Subtitle != "" {
		line("%s", clean(d.Subtitle))
	}
	line("**%s**", f.banner(d.Edition))
	f.markdownPairs(out, "", f.meta(d))
	for _, s := range d.Sections {
		line("## %s", clean(s.Title))
		if s.Intro != "" {
			line("%s", clean(s.Intro))
		}
		for i := range s.Tables {
			f.markdownTable(out, &s.Tables[i])
		}
	}
	f.markdownPairs(out, "## "+f.definitions, cleanDefinitions(d.Definitions))
	if len(d.Notes) > 0 {
		line("## %s", f.notes)
		for _, n := range d.Notes {
			fmt.Fprintf(out, "- %s\n", clean(n))
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write %q as Markdown: %w", d.Title, err)
	}
	return nil
}

func (f formatter) markdownPairs(out io.Writer, heading string, pairs []Definition) {
	if len(pairs) == 0 {
		return
	}
	if heading != "" {
		fmt.Fprintf(out, "%s\n\n", heading)
	}
	for _, p := range pairs {
		fmt.Fprintf(out, "- **%s**: %s\n", p.Term, p.Text)
	}
	fmt.Fprintln(out)
}

func (f formatter) markdownTable(out io.Writer, t *Table) {
	fmt.Fprintf(out, "### %s\n\n", clean(t.Title))
	if t.Definition != "" {
		fmt.Fprintf(out, "%s\n\n", clean(t.Definition))
	}
	row := func(cells []string) { fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | ")) }
	head, rule := make([]string, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i], rule[i] = markdownCell(clean(c.Title)), "---"
		if c.Kind.figure() {
			rule[i] = "---:"
		}
	}
	row(head)
	row(rule)
	rows := t.Rows
	if t.Total != nil {
		rows = append(rows[:len(rows):len(rows)], t.Total)
	}
	for _, values := range rows {
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = markdownCell(f.value(v, t.Columns[i].Kind, t.Columns[i].Decimals))
		}
		row(cells)
	}
	fmt.Fprintln(out)
	for _, n := range t.Notes {
		fmt.Fprintf(out, "%s\n\n", clean(n))
	}
}

var markdownSigns = strings.NewReplacer("\\", "\\\\", "|", "\\|", "<", "&lt;", "*", "\\*", "`", "\\`", "\n", " ")

// markdownCell is text that no sign of Markdown changes.
func markdownCell(s string) string { return markdownSigns.Replace(s) }
