package render

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// parquetRows is the size of a row group: DuckDB reads row groups in parallel.
const parquetRows = 122_880

// WriteParquet writes the rows of a table, without its total, as Parquet compressed with
// zstd. Columns have the names that [WriteCSV] gives them, cell_status included, and a type
// by their kind: text is a string, counts and years are 64-bit integers, decimals and
// percentages doubles, dates and months dates (a month is its first day). A cell that is
// not available or protected is null; a lower bound is the bare number.
func WriteParquet(w io.Writer, t *Table) error {
	if err := t.validate(); err != nil {
		return err
	}
	if err := t.writeParquet(w); err != nil {
		return fmt.Errorf("write parquet of table %q: %w", t.ID, err)
	}
	return nil
}

func (t *Table) writeParquet(w io.Writer) error {
	schema := t.arrowSchema()
	// the writer would close whatever can be closed; w is the caller's
	out, err := pqarrow.NewFileWriter(schema, struct{ io.Writer }{w},
		parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithMaxRowGroupLength(parquetRows)),
		pqarrow.DefaultWriterProps())
	if err != nil {
		return err
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for from := 0; err == nil && from < len(t.Rows); from += parquetRows {
		for _, row := range t.Rows[from:min(from+parquetRows, len(t.Rows))] {
			for i, v := range row {
				appendValue(b.Field(i), v)
			}
			b.Field(len(row)).(*array.StringBuilder).Append(rowStatus(t.Columns, row))
		}
		batch := b.NewRecordBatch()
		err = out.Write(batch)
		batch.Release()
	}
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	return err
}

func (t *Table) arrowSchema() *arrow.Schema {
	types := map[Kind]arrow.DataType{
		KindText: arrow.BinaryTypes.String, KindCount: arrow.PrimitiveTypes.Int64, KindYear: arrow.PrimitiveTypes.Int64,
		KindDecimal: arrow.PrimitiveTypes.Float64, KindPercent: arrow.PrimitiveTypes.Float64,
		KindMonth: arrow.FixedWidthTypes.Date32, KindDate: arrow.FixedWidthTypes.Date32,
	}
	var fields []arrow.Field
	for _, c := range t.Columns {
		fields = append(fields, arrow.Field{Name: c.Key, Type: types[c.Kind], Nullable: true})
	}
	fields = append(fields, arrow.Field{Name: statusKey, Type: arrow.BinaryTypes.String})
	return arrow.NewSchema(fields, nil)
}

func appendValue(to array.Builder, v Value) {
	if v.form == formNone {
		to.AppendNull()
		return
	}
	switch to := to.(type) {
	case *array.StringBuilder:
		to.Append(clean(v.text))
	case *array.Int64Builder:
		to.Append(int64(v.number))
	case *array.Float64Builder:
		to.Append(v.number)
	case *array.Date32Builder:
		to.Append(arrow.Date32FromTime(v.time()))
	}
}
