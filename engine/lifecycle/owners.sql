-- Who holds a role for an account: the latest assignment that is current on the as-of date.
--
-- Reads   record_assignments(account_no, assigned_on, ended_on, role, person), night(as_of)
-- Writes  owners(account_no, role, person)
CREATE TABLE owners AS
SELECT account_no, role, max_by(person, (assigned_on, person)) AS person
FROM record_assignments
CROSS JOIN night
WHERE person IS NOT NULL
  AND assigned_on <= night.as_of
  AND (ended_on IS NULL OR ended_on > night.as_of)
GROUP BY account_no, role;
