package rights

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ReadList reads the column of a CSV file that isID names by its heading. Separators are
// ; , tab and |, whichever the heading has most of. Empty values are left out. An error
// names lines, never a value.
func ReadList(r io.Reader, isID func(heading string) bool) ([]string, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if bytes.ContainsRune(text, 0) {
		return nil, errors.New("it is not plain text: save it as CSV, in UTF-8")
	}
	head, _, _ := bytes.Cut(text, []byte("\n"))
	rows := csv.NewReader(bytes.NewReader(text))
	rows.Comma, rows.FieldsPerRecord, rows.LazyQuotes = separator(head), -1, true
	column := -1
	var ids []string
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := rows.FieldPos(0)
		if err != nil {
			return nil, fmt.Errorf("line %d cannot be read as CSV", line)
		}
		if column < 0 {
			if column, err = findColumn(row, isID); err != nil {
				return nil, err
			}
			continue
		}
		if column >= len(row) {
			return nil, fmt.Errorf("line %d has %d columns, and the member's id is in column %d", line, len(row), column+1)
		}
		if id := strings.TrimSpace(row[column]); id != "" {
			ids = append(ids, id)
		}
	}
	if column < 0 {
		return nil, errors.New("it is empty")
	}
	return ids, nil
}

func findColumn(headings []string, isID func(string) bool) (int, error) {
	found := -1
	for i, h := range headings {
		switch {
		case !isID(h):
		case found >= 0:
			return -1, fmt.Errorf("columns %d and %d may both hold the member's id: say which with --column", found+1, i+1)
		default:
			found = i
		}
	}
	if found < 0 {
		return -1, errors.New("no heading says where the member's id stands: name it with --column")
	}
	return found, nil
}

func separator(head []byte) rune {
	best, most := ',', 0
	for _, c := range []rune{';', ',', '\t', '|'} {
		if n := bytes.Count(head, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}
