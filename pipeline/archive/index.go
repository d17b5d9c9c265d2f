package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/store"
)

//go:embed index.html
var indexHTML string

//go:embed index.css
var indexCSS string

var indexPage = template.Must(template.New("index").Parse(indexHTML))

// indexNewest is how many periods of an output are shown at once.
const indexNewest = 3

// indexOutput is one output on the page, newest period first.
type indexOutput struct {
	Title, About  string
	Newest, Older []indexPeriod
}

type indexPeriod struct {
	Output, Title     string
	Read, Sheet, Data string // words
	Folder            string // relative to the page
	Page              bool   // there is an index.html in it
	Workbook          string // name of its workbook, if any
	Files             []File
}

var indexWords = map[string]map[string]string{
	"nl": {
		"new-members": "Nieuwe leden", "new-members.about": "Hoeveel leden elke vestiging won en verloor, en wie de nieuwe leden zijn.",
		"kb": "Weekbestanden voor de KB", "kb.about": "Groepen leden en uitleningen, zonder personen.",
		"wsob": "Jaaropgave Wsob", "wsob.about": "De jaarlijkse gegevenslevering die de wet vraagt.",
		"page": "Openbare cijfers", "edition": "Publieke editie: kleine aantallen zijn beschermd", "read": "Bekijken", "sheet": "Werkmap", "data": "Gegevensbestanden",
		"older": "Eerdere perioden", "nothing": "Er is nog niets gepubliceerd.", "week": "week %s van %s",
	},
	"en": {
		"new-members": "New members", "new-members.about": "How many members each branch won and lost, and who the new members are.",
		"kb": "Weekly files for KB", "kb.about": "Groups of members and loans, without persons.",
		"wsob": "Yearly return (Wsob)", "wsob.about": "The yearly return that the Dutch library act asks.",
		"page": "Public figures", "edition": "Public edition: small counts are protected", "read": "Open", "sheet": "Workbook", "data": "Data files",
		"older": "Earlier periods", "nothing": "Nothing has been published yet.", "week": "week %s of %s",
	},
}

var dutchMonths = [...]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}

// periodTitle is a period in words: december 2024, week 52 of 2024, 2024.
func periodTitle(period, language string) string {
	if year, week, ok := strings.Cut(period, "-W"); ok {
		return fmt.Sprintf(indexWords[language]["week"], strings.TrimPrefix(week, "0"), year)
	}
	month, err := time.Parse("2006-01", period)
	switch {
	case err != nil:
		return period
	case language == "nl":
		return dutchMonths[month.Month()-1] + month.Format(" 2006")
	}
	return month.Format("January 2006")
}

// WriteIndex writes the page that lists what is public, for people. It links nothing
// private and works from a folder or from static hosting of the public prefix alone.
func WriteIndex(ctx context.Context, s store.Store, c *config.Config) error {
	folders, manifests, err := Publications(ctx, s, "public")
	if err != nil {
		return err
	}
	words := indexWords[c.Library.Language]
	var outputs []indexOutput
	for _, name := range config.OutputNames {
		out := indexOutput{Title: words[name], About: words[name+".about"]}
		for i := len(manifests) - 1; i >= 0; i-- {
			if manifests[i].Output != name {
				continue
			}
			p := newIndexPeriod(folders[i], manifests[i], c.Library.Language)
			if len(out.Newest) < indexNewest {
				out.Newest = append(out.Newest, p)
			} else {
				out.Older = append(out.Older, p)
			}
		}
		if len(out.Newest) > 0 {
			outputs = append(outputs, out)
		}
	}
	style := sha256.Sum256([]byte(indexCSS))
	var page bytes.Buffer
	if err := indexPage.Execute(&page, map[string]any{
		"Language": c.Library.Language, "Library": c.Library.Name, "Words": words, "Outputs": outputs, "Style": template.CSS(indexCSS),
		"Policy": "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(style[:]) + "'; img-src data:; base-uri 'none'; form-action 'none'",
	}); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	text := strings.TrimSpace(page.String()) + "\n"
	if err := store.WriteFile(ctx, s, "public/index.html", []byte(text)); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	return nil
}

func newIndexPeriod(folder string, m *Manifest, language string) indexPeriod {
	words := indexWords[language]
	p := indexPeriod{Output: words[m.Output], Title: periodTitle(m.Period, language), Folder: strings.TrimPrefix(folder, "public/"),
		Read: words["read"], Sheet: words["sheet"], Data: words["data"], Files: slices.Clone(m.Files)}
	for _, f := range m.Files {
		p.Page = p.Page || f.Name == "index.html"
		if strings.HasSuffix(f.Name, ".xlsx") {
			p.Workbook = f.Name
		}
	}
	return p
}
