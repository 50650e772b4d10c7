-- The night's changes: one line per change for the decision log.
--
-- Reads   effective_tiers, tier_evidence, previous_decisions, open_warnings,
--         resolved_warnings, open_milestones, ended_milestones, tier_policy
-- Writes  changes(kind_order, pack, account_no, account_id, kind, rule_id, from_value,
--                 to_value, evidence)
--         (the store adds a line for every action that is new)
--
-- An account that did not change stands in no line, and neither does one that is new and
-- gets the default tier, which no rule gave it; decisions.parquet holds their decisions.
CREATE TABLE changes AS
SELECT
    1 AS kind_order,
    tiers.pack,
    tiers.account_no,
    tiers.account_id,
    CASE WHEN tiers.previous_tier IS NULL THEN 'tier_assigned' ELSE 'tier_moved' END AS kind,
    tiers.tier AS rule_id,
    tiers.previous_tier AS from_value,
    tiers.tier AS to_value,
    seen.evidence
FROM effective_tiers AS tiers
JOIN tier_policy AS policy
    ON policy.pack = tiers.pack AND policy.tier = tiers.tier
JOIN tier_evidence AS seen
    ON seen.pack = tiers.pack AND seen.account_no = tiers.account_no
WHERE tiers.tier IS DISTINCT FROM tiers.previous_tier
  AND NOT (policy.is_default AND tiers.previous_tier IS NULL)

UNION ALL
-- Gone from the sources, or out of the population: the tier ends with the reason. An account
-- that is only set aside tonight has not left.
SELECT
    2, previous.pack, now.account_no, previous.account_id, 'account_left', previous.pack,
    previous.tier,
    NULL,
    json_object('reason', CASE
        WHEN previous.pack NOT IN (SELECT pack FROM packs) THEN 'pack_removed'
        WHEN now.account_id IS NULL THEN 'not_in_sources'
        WHEN now.may_be_in THEN 'population_unknown'
        ELSE 'outside_population'
    END)
FROM previous_decisions AS previous
LEFT JOIN effective_tiers AS now
    ON now.pack = previous.pack AND now.account_id = previous.account_id
WHERE previous.in_population
  AND NOT coalesce(now.in_population, FALSE)
  AND previous.account_id NOT IN (SELECT account_id FROM set_aside)

UNION ALL
SELECT
    3, pack, account_no, account_id,
    CASE WHEN previous_level IS NULL THEN 'warning_opened' ELSE 'warning_level_changed' END,
    rule_id, previous_level, level, evidence
FROM open_warnings
WHERE previous_level IS DISTINCT FROM level

UNION ALL
SELECT 4, pack, NULL, account_id, 'warning_resolved', rule_id, level, NULL, NULL
FROM resolved_warnings

UNION ALL
SELECT 5, pack, account_no, account_id, 'milestone_reached', rule_id, NULL, NULL, evidence
FROM open_milestones
WHERE is_new

UNION ALL
SELECT 6, pack, NULL, account_id, 'milestone_ended', rule_id, NULL, NULL, NULL
FROM ended_milestones
;
