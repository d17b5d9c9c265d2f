package render

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"

	"github.com/xuri/excelize/v2"
)

const contentTypes = "[Content_Types].xml"

// writeSorted writes the workbook with its parts in a fixed order. excelize
// leaves the order of streamed sheets and of the content types to chance; the
// parts themselves are the same every time and carry no times.
func writeSorted(w io.Writer, f *excelize.File) error {
	buf, err := f.WriteToBuffer()
	if err != nil {
		return err
	}
	in, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		return err
	}
	// The content types come first, as in files that Excel itself writes.
	slices.SortFunc(in.File, func(a, b *zip.File) int {
		return cmp.Or(cmp.Compare(order(a.Name), order(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	out := zip.NewWriter(w)
	for _, part := range in.File {
		if part.Name == contentTypes {
			err = copyContentTypes(out, part)
		} else {
			err = out.Copy(part)
		}
		if err != nil {
			return fmt.Errorf("part %q: %w", part.Name, err)
		}
	}
	return out.Close()
}

func order(name string) int {
	if name == contentTypes {
		return 0
	}
	return 1
}

type typeList struct {
	XMLName  xml.Name       `xml:"http://schemas.openxmlformats.org/package/2006/content-types Types"`
	Default  []typeDefault  `xml:"Default"`
	Override []typeOverride `xml:"Override"`
}

type typeDefault struct {
	Extension   string `xml:",attr"`
	ContentType string `xml:",attr"`
}

type typeOverride struct {
	PartName    string `xml:",attr"`
	ContentType string `xml:",attr"`
}

func copyContentTypes(out *zip.Writer, part *zip.File) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	var list typeList
	if err := xml.NewDecoder(r).Decode(&list); err != nil {
		return err
	}
	slices.SortFunc(list.Default, func(a, b typeDefault) int { return cmp.Compare(a.Extension, b.Extension) })
	slices.SortFunc(list.Override, func(a, b typeOverride) int { return cmp.Compare(a.PartName, b.PartName) })
	w, err := out.Create(contentTypes)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	return xml.NewEncoder(w).Encode(list)
}
