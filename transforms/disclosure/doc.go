// Package disclosure makes data safe to publish, and says how safe it became.
//
// Three functions do the work:
//
//   - [Round] protects a table of counts by rounding its small inner cells, so
//     that every published cell stays the sum of its parts. This is the default.
//   - [Suppress] protects a table of counts by hiding cells: first those that
//     are disclosive themselves, then those from which they could be computed.
//     What it cannot prove safe it tries again with coarser codes.
//   - [Anonymize] generalises and suppresses microdata until every group holds
//     at least k persons and enough distinct values of each sensitive column;
//     [Assess] measures what risk is left.
//
// Before a table is published it is handed to the sub-package attack, which
// shares no code with this one: the Attack methods of [Rounded] and [Suppressed]
// describe it as a reader sees it, attack.Join puts it beside earlier releases and
// linked tables, attack.Audit says which cells are exposed.
//
// Everything here is a pure function of its arguments: the same input, in any
// order of rows, gives the same output.
package disclosure
