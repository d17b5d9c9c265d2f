-- outgoing_*: exactly what may cross to the warehouse, under the names and in the order
-- of the allow-list. No member id, no birth date, no full postcode, no house number.

CREATE VIEW outgoing_branches AS
SELECT branch_no, branch, name, isil, type, opened_on, closed_on FROM branches;

CREATE VIEW outgoing_members AS
SELECT mk, kind, sex, pc4, branch_no, subscription, subscription_class, ebook, first_on,
    mk IN (SELECT mk FROM subjects WHERE objected) AS objected
FROM members;

CREATE VIEW outgoing_stays AS
SELECT s.mk, s.branch_no, s.subscription, s.from_on, s.to_on, s.entry, s.exit, s.gap_unknown, s.first_unknown,
    completed_years(m.birth_date, last_day(s.from_on)) AS entry_age
FROM stays s JOIN members m ON m.mk = s.mk;

-- Ages are completed years on the reference date of a figure; the birth date stays.
CREATE VIEW outgoing_ages AS
SELECT m.mk, d.on_date, completed_years(m.birth_date, d.on_date) AS age
FROM members m CROSS JOIN reference_dates d
WHERE m.kind = 'person';

-- borrowers: the member ids that loans refer to, as long as retention lets us know whose
-- they were. Key: member_id. Class: identifying.
CREATE TABLE borrowers AS
SELECT k.member_id, k.mk, k.kind
FROM member_keys k
JOIN retained r ON r.mk = k.mk
CROSS JOIN parameters p
WHERE r.final_on IS NULL OR r.final_on >= p.loans_cutoff;
