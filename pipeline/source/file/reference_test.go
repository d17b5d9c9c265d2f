package file

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/source"
)

// read is what the rules of the scanner make of a text, worked out character by
// character and with no regard for speed.
type read struct {
	Rows    [][]string
	Lines   []int64
	Rejects []source.Reject
}

func readSlowly(part, text string, comma byte, needed []bool, limit int) read {
	columns := len(needed)
	var out read
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	line := int64(1)
	for header := true; text != ""; {
		if strings.HasPrefix(text, "\n") || strings.HasPrefix(text, "\r\n") {
			text = text[strings.Index(text, "\n")+1:]
			line++
			continue
		}
		first := text[:strings.Index(text, "\n")+1]
		values, length, code := recordSlowly(text[:min(len(text), limit)], comma, columns)
		consumed := first
		if code == "" {
			consumed = text[:length]
		}
		switch {
		case code != "":
		case len(values) < columns:
			code = tooFewColumns
		case len(values) > columns:
			code = tooManyColumns
		default:
			for i, v := range values {
				if needed[i] && code == "" && !utf8.ValidString(v) {
					code = invalidBytes
				}
				if needed[i] && code == "" && strings.Contains(v, "\x00") {
					code = nulByte
				}
			}
		}
		switch {
		case header:
		case code != "":
			out.Rejects = append(out.Rejects, source.Reject{Part: part, Line: line, Code: code})
		default:
			var row []string
			for i, v := range values {
				if needed[i] {
					if strings.Trim(v, " \t\n\v\f\r\u00a0") == "" {
						v = "∅"
					}
					row = append(row, v)
				}
			}
			out.Rows = append(out.Rows, row)
			out.Lines = append(out.Lines, line)
		}
		header = false
		text = text[len(consumed):]
		line += int64(strings.Count(consumed, "\n"))
	}
	return out
}

// recordSlowly reads the record at the start of text.
func recordSlowly(text string, comma byte, columns int) (values []string, length int, code string) {
	var value strings.Builder
	quoted, newlines := false, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '"' && strings.HasPrefix(text[i+1:], `"`):
			value.WriteByte('"')
			i++
		case quoted && c == '"':
			quoted = false
			rest := text[i+1:]
			if rest == "" || rest == "\r" {
				break
			}
			if rest[0] != comma && rest[0] != '\n' && !strings.HasPrefix(rest, "\r\n") {
				if newlines > 0 {
					return nil, 0, unterminatedQuote
				}
				return nil, 0, textAfterQuote
			}
		case quoted:
			if c == '\n' {
				newlines++
			}
			value.WriteByte(c)
		case c == '"' && (i == 0 || text[i-1] == comma):
			quoted = true
		case c == comma:
			values = append(values, value.String())
			value.Reset()
			if len(values) > columns+100 && newlines > 0 {
				return nil, 0, unterminatedQuote
			}
		case c == '\n':
			v := value.String()
			if i > 0 && text[i-1] == '\r' {
				v = strings.TrimSuffix(v, "\r")
			}
			return append(values, v), i + 1, ""
		default:
			value.WriteByte(c)
		}
	}
	if !strings.Contains(text, "\n") {
		return nil, 0, lineTooLong
	}
	return nil, 0, unterminatedQuote
}

// dirty makes a file of three columns, mostly well-formed.
func dirty(r *rand.Rand, comma string) string {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	var b strings.Builder
	b.WriteString("branch" + comma + "name" + comma + "other" + pick("\n", "\r\n"))
	mess := r.IntN(4) // none, little, more
	for range r.IntN(40) {
		for i := range 3 {
			if i > 0 {
				b.WriteString(comma)
			}
			switch r.IntN(8) {
			case 0:
				b.WriteString(`"` + pick("", "a", "a\nb", "é,;", `""`, `x""y`, "\r\n", "l\r") + `"`)
			case 1:
				b.WriteString(pick("", " ", "\t ", "\u00a0", "NULL", "é", `\`, `\N`, "#", "'"))
			default:
				b.WriteString(pick("1", "23", "abc", "Forum", "2024-01-01"))
			}
			if mess > 0 && r.IntN(60/mess) == 0 {
				b.WriteString(pick(`"`, `""`, comma, "\n", "\r", "\x00", "\xff", `5" disk`, " ", "\xc3", "\r\n\r\n", `","`, "\n\"\n"))
			}
		}
		b.WriteString(pick("\n", "\n", "\r\n"))
	}
	text := b.String()
	if r.IntN(4) == 0 {
		text = strings.TrimRight(text, "\r\n")
	}
	return text
}

func TestRowsAndRejectsAreAllThatTheFileHolds(t *testing.T) {
	dir := t.TempDir()
	db := vault(t, dir, nil)
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 4))
		comma := []string{",", ";", "\t", "|"}[r.IntN(4)]
		text := dirty(r, comma)
		f := &csvFile{layout: layout{encoding: utf8Marked, comma: comma[0], head: []string{"branch", "name", "other"}, plainHead: true},
			stamp: stamped(t, write(t, dir, fmt.Sprintf("%d.csv", seed), "\xEF\xBB\xBF"+text)), compression: uncompressed,
			needed: []bool{true, true, false}}
		f.shown = "b.csv"
		p := &filePart{f, dir, source.Branches, map[string]int{"branch": 0, "name": 1, "type": -1, "isil": -1, "admin_isil": -1, "opened_on": -1, "closed_on": -1, "merged_into": -1}}

		var got read
		all, rejects := rows(t, db, p)
		for _, row := range all {
			got.Rows = append(got.Rows, row[:2])
		}
		got.Rejects = rejects
		positions := make([]int64, len(all))
		for i := range positions {
			positions[i] = int64(i)
		}
		var err error
		if got.Lines, err = p.Lines(t.Context(), positions); err != nil {
			t.Fatal(err)
		}
		if len(got.Lines) == 0 {
			got.Lines = nil
		}
		want := readSlowly("b.csv", text, comma[0], f.needed, maxRecord)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d, direct %v: %s\n%q", seed, f.surveyed.direct, diff, text)
		}
	}
}
