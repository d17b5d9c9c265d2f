-- Service points: where things are lent.
-- needs: {{.Inventory}}.service_point id jsonb
SELECT jsonb->>'code' AS branch, jsonb->>'name' AS name FROM {{.Inventory}}.service_point ORDER BY 1
