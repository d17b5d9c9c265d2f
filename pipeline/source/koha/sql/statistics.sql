-- Loans and other events as they happened, under the branch of then. The table has no key
-- and no foreign keys: codes of branches and items that are gone stay, and all rows count.
-- Times are the library's wall-clock time.
-- needs: statistics datetime branch type itemnumber itemtype borrowernumber ccode
-- needs: items itemnumber biblionumber biblioitemnumber homebranch itype ccode
-- needs: deleteditems itemnumber biblionumber biblioitemnumber homebranch itype ccode
-- needs: systempreferences variable value
-- group: DATE(datetime) of statistics
-- group: itemnumber DIV 16 of items deleteditems
{{- if not .ItemLevel}}
-- group: biblioitemnumber DIV 16 of biblioitems deletedbiblioitems
{{- end}}
-- changed: SELECT CAST(MAX(datetime) AS CHAR) FROM statistics
-- codes branch: SELECT DISTINCT branch FROM statistics
-- codes material: SELECT DISTINCT {{if .ItemLevel}}itype FROM items{{else}}itemtype FROM biblioitems{{end}}
-- codes audience: SELECT DISTINCT ccode FROM items
-- codes genre: SELECT DISTINCT ccode FROM items
{{- if not .ItemLevel}}
-- needs: biblioitems biblioitemnumber itemtype
-- needs: deletedbiblioitems biblioitemnumber itemtype
{{- end}}
SELECT
    -- since: DATE(e.datetime) AS peil_1,
    -- since: e.itemnumber DIV 16 AS peil_2,
{{- if not .ItemLevel}}
    -- since: COALESCE(i.biblioitemnumber, d.biblioitemnumber) DIV 16 AS peil_3,
{{- end}}
    IF(e.borrowernumber = {{.AnonymousPatron}}, NULL, e.borrowernumber) AS member_id, e.branch AS branch,
    COALESCE(i.homebranch, d.homebranch) AS owner_branch, COALESCE(i.biblionumber, d.biblionumber) AS title_id,
    COALESCE(NULLIF(e.itemtype, ''), {{if .ItemLevel}}i.itype, d.itype{{else}}t.itemtype, u.itemtype{{end}}) AS material,
    COALESCE(NULLIF(e.ccode, ''), i.ccode, d.ccode) AS audience, COALESCE(NULLIF(e.ccode, ''), i.ccode, d.ccode) AS genre,
    e.type AS kind, CAST(e.datetime AS CHAR) AS loaned_at
FROM statistics e
LEFT JOIN items i ON i.itemnumber = e.itemnumber
LEFT JOIN deleteditems d ON d.itemnumber = e.itemnumber
{{- if not .ItemLevel}}
LEFT JOIN biblioitems t ON t.biblioitemnumber = COALESCE(i.biblioitemnumber, d.biblioitemnumber)
LEFT JOIN deletedbiblioitems u ON u.biblioitemnumber = COALESCE(i.biblioitemnumber, d.biblioitemnumber)
{{- end}}
WHERE e.type IN ('issue', 'renew', 'return', 'localuse', 'onsite_checkout')
