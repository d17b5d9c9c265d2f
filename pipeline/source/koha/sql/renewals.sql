-- Renewals of checkouts. From 22.11 on each has a row of its own, in UTC. Before that only
-- the last one of a loan has a date: the others cannot be counted in any period.
{{- if .EachRenewal}}
-- needs: checkout_renewals checkout_id timestamp
-- needs: {{.Table}} issue_id borrowernumber itemnumber branchcode
-- group: DATE(timestamp) of checkout_renewals
-- group: issue_id DIV 250 of {{.Table}}
-- changed: SELECT CONCAT(MAX(timestamp), ' UTC') FROM checkout_renewals
{{- else}}
-- needs: {{.Table}} borrowernumber itemnumber branchcode lastreneweddate
-- group: DATE(lastreneweddate) of {{.Table}}
-- changed: SELECT CAST(MAX(lastreneweddate) AS CHAR) FROM {{.Table}}
{{- end}}
-- group: itemnumber DIV 16 of items deleteditems
-- needs: items itemnumber biblionumber biblioitemnumber homebranch itype ccode
-- needs: deleteditems itemnumber biblionumber biblioitemnumber homebranch itype ccode
{{- if not .ItemLevel}}
-- group: biblioitemnumber DIV 16 of biblioitems deletedbiblioitems
-- needs: biblioitems biblioitemnumber itemtype
-- needs: deletedbiblioitems biblioitemnumber itemtype
{{- end}}
SELECT
{{- if .EachRenewal}}
    -- since: DATE(r.timestamp) AS peil_1, r.checkout_id DIV 250 AS peil_2, e.itemnumber DIV 16 AS peil_3,
{{- else}}
    -- since: DATE(e.lastreneweddate) AS peil_1, e.itemnumber DIV 16 AS peil_2,
{{- end}}
{{- if not .ItemLevel}}
    -- since: COALESCE(i.biblioitemnumber, d.biblioitemnumber) DIV 16 AS peil_{{if .EachRenewal}}4{{else}}3{{end}},
{{- end}}
    IF(e.borrowernumber = {{.AnonymousPatron}}, NULL, e.borrowernumber) AS member_id, e.branchcode AS branch,
    COALESCE(i.homebranch, d.homebranch) AS owner_branch, COALESCE(i.biblionumber, d.biblionumber) AS title_id,
    COALESCE({{if .ItemLevel}}i.itype, d.itype{{else}}t.itemtype, u.itemtype{{end}}) AS material,
    COALESCE(i.ccode, d.ccode) AS audience, COALESCE(i.ccode, d.ccode) AS genre, 'renew' AS kind,
{{- if .EachRenewal}}
    CONCAT(CAST(r.timestamp AS CHAR), 'Z') AS loaned_at
FROM checkout_renewals r
JOIN {{.Table}} e ON e.issue_id = r.checkout_id
{{- else}}
    CAST(e.lastreneweddate AS CHAR) AS loaned_at
FROM {{.Table}} e
{{- end}}
LEFT JOIN items i ON i.itemnumber = e.itemnumber
LEFT JOIN deleteditems d ON d.itemnumber = e.itemnumber
{{- if not .ItemLevel}}
LEFT JOIN biblioitems t ON t.biblioitemnumber = COALESCE(i.biblioitemnumber, d.biblioitemnumber)
LEFT JOIN deletedbiblioitems u ON u.biblioitemnumber = COALESCE(i.biblioitemnumber, d.biblioitemnumber)
{{- end}}
{{- if not .EachRenewal}}
WHERE e.lastreneweddate IS NOT NULL
{{- end}}
