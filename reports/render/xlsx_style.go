package render

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// Colours of the workbook, as in the page's light theme.
const (
	inkColour    = "1B2733"
	softColour   = "4D5B69"
	lineColour   = "D8DFE6"
	headColour   = "E6ECF2"
	accentColour = "1D5A9E"
	washColour   = "94BFE0"
	upColour     = "0B6B4F"
	downColour   = "A3380C"
)

// greyColours stand beside an accent, the nearest darkest.
var greyColours = [greys]string{"6E7B88", "9AA5B1", "BDC6CF"}

var seriesColours = [maxSeries]string{"1D5A9E", "C2570C", "0B7A6B", "7548AB", "B3307B", "666D00", "55626F"}

func editionColours(e Edition) (fill, ink string) {
	if e == Internal {
		return "FDF1E4", "7A3A06"
	}
	return "E7F3ED", "14573F"
}

// styleKey is what one style depends on.
type styleKey struct {
	role     role
	kind     Kind
	decimals int
	mark     mark
	wrap     bool
}

type role uint8

const (
	roleCell role = iota
	roleTotal
	roleHead
	roleTitle
	roleSubtitle
	roleBanner
	roleTerm
	roleText
	roleSoft
	roleLink
	roleFigure
	roleLabel
	roleTile
	roleTileHead
)

func (b *book) style(key styleKey) (int, error) {
	if id, ok := b.styles[key]; ok {
		return id, nil
	}
	id, err := b.file.NewStyle(b.styleOf(key))
	if err == nil {
		b.styles[key] = id
	}
	return id, err
}

func (b *book) styleOf(key styleKey) *excelize.Style {
	font := &excelize.Font{Family: "Calibri", Size: 11, Color: inkColour}
	align := &excelize.Alignment{Vertical: "top"}
	s := &excelize.Style{Font: font, Alignment: align}
	switch key.role {
	case roleCell, roleTotal, roleFigure, roleTile:
		b.valueStyle(key, s)
	case roleHead:
		font.Bold = true
		align.WrapText, align.Vertical = true, "bottom"
		s.Fill = solid(headColour)
		s.Border = []excelize.Border{{Type: "bottom", Style: 1, Color: softColour}}
		if key.kind.figure() {
			align.Horizontal = "right"
		} else {
			align.Horizontal, align.Indent = "left", 1
		}
	case roleTileHead:
		font.Bold = true
		align.Horizontal = "center"
	case roleTitle:
		font.Size, font.Bold = 18, true
	case roleSubtitle:
		font.Size, font.Bold = 12, true
	case roleBanner:
		fill, ink := editionColours(b.doc.Edition)
		font.Bold, font.Color = true, ink
		s.Fill = solid(fill)
	case roleTerm:
		font.Bold = true
		align.WrapText = true
	case roleText:
		align.WrapText = true
	case roleSoft:
		font.Color = softColour
		align.WrapText = true
	case roleLink:
		font.Color, font.Underline = accentColour, "single"
	case roleLabel:
		font.Color = softColour
		align.WrapText, align.Vertical = true, "bottom"
	}
	return s
}

func (b *book) valueStyle(key styleKey, s *excelize.Style) {
	format := b.numberFormat(key)
	s.CustomNumFmt = &format
	if key.kind.figure() {
		s.Alignment.Horizontal = "right"
	} else { // so that it stands free of a figure before it
		s.Alignment.Horizontal, s.Alignment.Indent = "left", 1
	}
	s.Alignment.WrapText = key.wrap
	if key.kind == KindText {
		s.NumFmt, s.CustomNumFmt = 49, nil
	}
	s.Border = []excelize.Border{{Type: "bottom", Style: 1, Color: lineColour}}
	switch key.mark {
	case markNotAvailable, markProtected:
		s.Font.Color, s.Font.Italic = softColour, true
	}
	switch key.role {
	case roleTotal:
		s.Font.Bold = true
		s.Fill = solid(headColour)
		s.Border = []excelize.Border{{Type: "top", Style: 1, Color: softColour}}
	case roleFigure:
		s.Font.Bold, s.Font.Size = true, 18
		s.Alignment.Horizontal, s.Alignment.Indent = "left", 0
		s.Border = nil
	case roleTile:
		s.Alignment.Horizontal, s.Alignment.Vertical = "center", "center"
		s.Border = nil
		for _, side := range []string{"left", "right", "top", "bottom"} {
			s.Border = append(s.Border, excelize.Border{Type: side, Style: 2, Color: "FFFFFF"})
		}
	}
}

func (b *book) numberFormat(key styleKey) string {
	locale := "[$-809]"
	if b.doc.Language == Dutch {
		locale = "[$-413]"
	}
	format := "#,##0"
	switch key.kind {
	case KindDecimal:
		format = withDecimals("#,##0", key.decimals)
	case KindPercent:
		format = withDecimals("0", key.decimals) + "%"
	case KindYear:
		format = "0"
	case KindMonth:
		format = locale + "mmm yyyy"
	case KindDate:
		format = locale + "d mmm yyyy"
	}
	if key.mark == markLowerBound {
		format = `"≥ "` + format
	}
	return format
}

func withDecimals(format string, n int) string {
	if n == 0 {
		return format
	}
	return format + "." + strings.Repeat("0", n)
}

func solid(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

// content is what a cell of the workbook holds: a number that Excel can
// compute with, or a text. Months and dates are Excel's day numbers.
func (b *book) content(v Value) any {
	const unixEpoch = 25569 // 1 January 1970 as Excel counts days
	switch {
	case v.form == formNone:
		return b.value(v, KindText, 0)
	case v.form == formText:
		return clean(v.text)
	case v.form == formInt:
		return int64(v.number)
	case v.form == formMonth, v.form == formDate:
		return v.time().Unix()/86400 + unixEpoch
	}
	return v.number
}
