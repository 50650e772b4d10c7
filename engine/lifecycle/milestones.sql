-- Milestones that hold tonight.
--
-- Reads   hits, effective_tiers, previous_decisions(… milestones), night(as_of)
-- Writes  open_milestones(pack, account_no, account_id, rule_id, since, is_new, evidence)
--         ended_milestones(pack, account_id, rule_id, since)
CREATE TABLE previous_milestones AS
SELECT pack, account_id, milestone.rule AS rule_id, milestone.since AS since
FROM (SELECT pack, account_id, unnest(milestones) AS milestone FROM previous_decisions);

CREATE TABLE open_milestones AS
SELECT
    hits.pack,
    hits.account_no,
    tiers.account_id,
    hits.rule_id,
    coalesce(previous.since, night.as_of) AS since,
    previous.since IS NULL AS is_new,
    hits.evidence
FROM hits
CROSS JOIN night
JOIN effective_tiers AS tiers
    ON tiers.pack = hits.pack
    AND tiers.account_no = hits.account_no
LEFT JOIN previous_milestones AS previous
    ON previous.pack = hits.pack
    AND previous.account_id = tiers.account_id
    AND previous.rule_id = hits.rule_id
WHERE hits.kind = 'milestone';

CREATE TABLE ended_milestones AS
SELECT previous.*
FROM previous_milestones AS previous
ANTI JOIN open_milestones AS now
    ON now.pack = previous.pack
    AND now.account_id = previous.account_id
    AND now.rule_id = previous.rule_id
WHERE previous.account_id NOT IN (SELECT account_id FROM set_aside);
