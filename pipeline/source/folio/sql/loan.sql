-- Loans; anonymisation takes the user out.
-- needs: {{.Circulation}}.loan id jsonb
-- needs: {{.Inventory}}.service_point id jsonb
-- needs: {{.Inventory}}.location id jsonb
-- needs: {{.Inventory}}.item id jsonb
-- needs: {{.Inventory}}.material_type id jsonb
-- group: left(jsonb->>'loanDate', 10) of {{.Circulation}}.loan by id, jsonb->>'userId', jsonb->>'checkoutServicePointId', jsonb->>'itemEffectiveLocationIdAtCheckOut', jsonb->>'itemId', jsonb->>'loanDate', jsonb->>'systemReturnDate', jsonb->>'returnDate'
-- group: left(id::text, 4) of {{.Inventory}}.item by id, jsonb->>'holdingsRecordId', jsonb->>'materialTypeId'
-- changed: SELECT max(coalesce(jsonb->'metadata'->>'updatedDate', jsonb->>'loanDate')) FROM {{.Circulation}}.loan
-- codes material: SELECT DISTINCT jsonb->>'name' FROM {{.Inventory}}.material_type
SELECT
    -- since: left(l.jsonb->>'loanDate', 10) AS peil_1, left(l.jsonb->>'itemId', 4) AS peil_2,
    l.jsonb->>'userId' AS member_id, s.jsonb->>'code' AS branch, o.jsonb->>'code' AS owner_branch,
    i.jsonb->>'holdingsRecordId' AS title_id, coalesce(m.jsonb->>'name', 'other') AS material, 'loan' AS kind,
    l.jsonb->>'loanDate' AS loaned_at, coalesce(l.jsonb->>'systemReturnDate', l.jsonb->>'returnDate') AS returned_at
FROM {{.Circulation}}.loan l
LEFT JOIN {{.Inventory}}.service_point s ON s.id::text = l.jsonb->>'checkoutServicePointId'
LEFT JOIN {{.Inventory}}.location p ON p.id::text = l.jsonb->>'itemEffectiveLocationIdAtCheckOut'
LEFT JOIN {{.Inventory}}.service_point o ON o.id::text = p.jsonb->>'primaryServicePoint'
LEFT JOIN {{.Inventory}}.item i ON i.id::text = l.jsonb->>'itemId'
LEFT JOIN {{.Inventory}}.material_type m ON m.id::text = i.jsonb->>'materialTypeId'
