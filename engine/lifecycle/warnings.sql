-- Warnings that fire tonight, and those that no longer do.
--
-- Reads   hits(pack, account_no, kind, rule_id, level, evidence)
--         effective_tiers, previous_decisions(… warnings), night(as_of)
-- Writes  open_warnings(pack, account_no, account_id, rule_id, level, since,
--                       previous_level, evidence)
--         resolved_warnings(pack, account_id, rule_id, level, since)
--
-- A warning whose condition holds fires; it keeps its opening date until it resolves, and
-- one that resolved opens anew.
CREATE TABLE previous_warnings AS
SELECT pack, account_id, warning.rule AS rule_id, warning.level AS level, warning.since AS since
FROM (SELECT pack, account_id, unnest(warnings) AS warning FROM previous_decisions);

CREATE TABLE open_warnings AS
SELECT
    hits.pack,
    hits.account_no,
    tiers.account_id,
    hits.rule_id,
    hits.level,
    coalesce(previous.since, night.as_of) AS since,
    previous.level AS previous_level,
    hits.evidence
FROM hits
CROSS JOIN night
JOIN effective_tiers AS tiers
    ON tiers.pack = hits.pack
    AND tiers.account_no = hits.account_no
LEFT JOIN previous_warnings AS previous
    ON previous.pack = hits.pack
    AND previous.account_id = tiers.account_id
    AND previous.rule_id = hits.rule_id
WHERE hits.kind = 'warning';

CREATE TABLE resolved_warnings AS
SELECT previous.*
FROM previous_warnings AS previous
ANTI JOIN open_warnings AS now
    ON now.pack = previous.pack
    AND now.account_id = previous.account_id
    AND now.rule_id = previous.rule_id
WHERE previous.account_id NOT IN (SELECT account_id FROM set_aside);
