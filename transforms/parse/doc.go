// Package parse turns the text that library systems and spreadsheets deliver into
// typed values, as DuckDB macros.
package parse
