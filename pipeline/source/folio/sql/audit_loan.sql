-- Renewals, which have a date only in the versions that FOLIO keeps of each loan. A version
-- that repeats the action, as anonymisation makes them, is no second renewal.
-- needs: {{.Circulation}}.audit_loan jsonb
-- needs: {{.Inventory}}.service_point id jsonb
-- needs: {{.Inventory}}.location id jsonb
-- needs: {{.Inventory}}.item id jsonb
-- needs: {{.Inventory}}.material_type id jsonb
-- group: left(jsonb->'loan'->>'id', 4) of {{.Circulation}}.audit_loan by jsonb->'loan', jsonb->>'createdDate'
-- group: left(id::text, 4) of {{.Inventory}}.item by id, jsonb->>'holdingsRecordId', jsonb->>'materialTypeId'
-- changed: SELECT max(jsonb->>'createdDate') FROM {{.Circulation}}.audit_loan
SELECT
    -- since: left(l.loan->>'id', 4) AS peil_1, left(l.loan->>'itemId', 4) AS peil_2,
    l.loan->>'userId' AS member_id, s.jsonb->>'code' AS branch, o.jsonb->>'code' AS owner_branch,
    i.jsonb->>'holdingsRecordId' AS title_id, coalesce(m.jsonb->>'name', 'other') AS material, 'renewal' AS kind, l.at AS loaned_at
FROM (
    SELECT DISTINCT ON (v.jsonb->'loan'->>'id', v.jsonb->'loan'->>'renewalCount') v.jsonb->'loan' AS loan, v.jsonb->>'createdDate' AS at
    FROM {{.Circulation}}.audit_loan v
    WHERE v.jsonb->'loan'->>'action' IN ('renewed', 'renewedThroughOverride')
    ORDER BY v.jsonb->'loan'->>'id', v.jsonb->'loan'->>'renewalCount', v.jsonb->>'createdDate'
) l
LEFT JOIN {{.Inventory}}.service_point s ON s.id::text = l.loan->>'checkoutServicePointId'
LEFT JOIN {{.Inventory}}.location p ON p.id::text = l.loan->>'itemEffectiveLocationIdAtCheckOut'
LEFT JOIN {{.Inventory}}.service_point o ON o.id::text = p.jsonb->>'primaryServicePoint'
LEFT JOIN {{.Inventory}}.item i ON i.id::text = l.loan->>'itemId'
LEFT JOIN {{.Inventory}}.material_type m ON m.id::text = i.jsonb->>'materialTypeId'
