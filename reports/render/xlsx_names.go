package render

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// sheetNames are the names taken so far, in lower case: Excel does not tell
// names apart by case.
type sheetNames map[string]bool

// maxSheetName is Excel's limit, in UTF-16 units.
const maxSheetName = 31

// take returns a name that Excel allows and that no other sheet has.
func (s sheetNames) take(title string) string {
	full := strings.TrimSuffix(safeSheetName(title), "…")
	name := safeSheetName(title)
	for n := 2; s[strings.ToLower(name)]; n++ {
		suffix := " (" + strconv.Itoa(n) + ")"
		name = full + suffix
		if cutUTF16(name, maxSheetName) != name {
			name = cutUTF16(full, maxSheetName-1-len(suffix)) + "…" + suffix
		}
	}
	s[strings.ToLower(name)] = true
	return name
}

// safeSheetName drops what Excel forbids: : \ / ? * [ ], an apostrophe at
// either end, more than 31 characters, the name "History", no name at all.
func safeSheetName(title string) string {
	name := strings.Map(func(r rune) rune {
		switch r {
		case ':', '\\', '/', '?', '*', '[', ']', '\t', '\n', '\r':
			return ' '
		}
		return r
	}, clean(title))
	name = strings.Join(strings.Fields(name), " ")
	name = strings.Trim(name, "' ")
	if cutUTF16(name, maxSheetName) != name {
		name = cutUTF16(name, maxSheetName-1) + "…"
	}
	if name == "" || strings.EqualFold(name, "History") {
		name = "Sheet " + name
	}
	return strings.TrimSpace(name)
}

func cutUTF16(s string, n int) string {
	length := 0
	for i, r := range s {
		length += utf16.RuneLen(r)
		if length > n {
			return strings.TrimSpace(s[:i])
		}
	}
	return s
}

func quoteSheet(name string) string {
	return "'" + strings.ReplaceAll(name, "'", "''") + "'"
}
