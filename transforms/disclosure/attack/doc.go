// Package attack works out what a reader of published tables can learn about the
// cells that were protected, and says of each whether it is safe.
//
// It shares no code with the package that protects. It knows what a reader
// knows: which published cells add up to which others, their values, that counts
// are whole numbers, the rule by which small ones were rounded or hidden, and
// every earlier release. From that it derives the lowest and the highest count
// each protected cell can have.
//
// [Join] turns published tables into a [Problem]; [Audit] solves it, and an
// [Auditor] one problem after another as more is hidden. A cell is safe only if two
// possible sets of whole-number counts were found that lie far enough apart in it,
// and each was held against all that is published. The true counts may be given for
// the search to begin with: they are possible too, and prove no more than others.
// What could be neither proven safe nor unsafe must be treated as unsafe.
package attack
