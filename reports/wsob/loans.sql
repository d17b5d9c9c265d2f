-- Events by item of category c, year and branch. Loans are those of kind loan: a renewal is
-- another kind. The code unknown counts events of which nobody knows the kind.
SELECT year, branch_no, code, CAST(sum(events) AS BIGINT) AS events
FROM (
    SELECT year, branch_no, events, CASE
        WHEN kind = 'loan' AND material = 'book' THEN CASE
            WHEN audience = 'youth' AND school THEN CASE genre WHEN 'fiction' THEN 'c3' WHEN 'nonfiction' THEN 'c4' ELSE 'c0b' END
            WHEN audience = 'youth' THEN CASE genre WHEN 'fiction' THEN 'c1' WHEN 'nonfiction' THEN 'c2' ELSE 'c0a' END
            WHEN audience = 'adult' THEN CASE genre WHEN 'fiction' THEN 'c5' WHEN 'nonfiction' THEN 'c6' ELSE 'c0c' END
            ELSE 'c0d' END
        WHEN kind = 'loan' THEN CASE material WHEN 'audiovisual' THEN 'c7a' WHEN 'sheetmusic' THEN 'c7b' WHEN 'magazine' THEN 'c7c' WHEN 'game' THEN 'c7d' ELSE 'c7e' END
        WHEN kind = 'reservation' THEN 'c8'
        WHEN kind = 'ill_in' THEN 'c9'
        WHEN kind = 'ill_out' THEN 'c10'
        WHEN kind = 'unknown' THEN 'unknown'
        END AS code
    FROM wsob_loans
)
WHERE code IS NOT NULL
GROUP BY ALL
ORDER BY ALL
