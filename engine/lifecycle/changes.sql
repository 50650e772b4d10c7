-- The night's changes against the last recorded run: one line per change for the log.
--
-- Reads   standing_tiers, standing_warnings, standing_milestones, kept_decisions: also of accounts
--             that are set aside; tier_evidence, reached_milestones, obligations
--         recorded_decisions, recorded_warnings, recorded_milestones, recorded_obligations
--         effective_tiers, tier_policy, warning_policy, tier_overrides, packs, set_aside
-- Writes  changes(kind_order, pack, account_no, account_id, kind, rule_id, from_value,
--                 to_value, evidence)
--         (the store adds a line for every action that is new or has expired)
--
-- The recorded run is the previous night, or an earlier attempt at this one. An account that
-- did not change stands in no line, and neither does one that is new and gets the default tier,
-- which no rule gave it; decisions.parquet holds their decisions.
CREATE TABLE changed_warnings AS
SELECT
    now.*,
    recorded.level AS level_before,
    recorded.rule_id IS NOT NULL AS was_open,
    recorded.acknowledged AS acknowledged_before,
    recorded.escalated AS escalated_before,
    recorded.silenced_until AS silenced_before,
    CASE WHEN now.scope = 'account' THEN now.evidence
        ELSE add_to_json(now.evidence, json_object('scope', now.scope)) END AS seen
FROM standing_warnings AS now
LEFT JOIN recorded_warnings AS recorded
    ON recorded.pack = now.pack
    AND recorded.scope = now.scope
    AND recorded.account_id = now.account_id
    AND recorded.rule_id = now.rule_id;

CREATE TABLE changes AS
SELECT
    1 AS kind_order,
    tiers.pack,
    tiers.account_no,
    tiers.account_id,
    CASE WHEN recorded.tier IS NULL THEN 'tier_assigned' ELSE 'tier_moved' END AS kind,
    tiers.tier AS rule_id,
    recorded.tier AS from_value,
    tiers.tier AS to_value,
    add_to_json(seen.evidence, json_object('reason', CASE
        WHEN tiers.override_until IS NOT NULL THEN 'override'
        WHEN recorded.override_until IS NOT NULL AND tiers.reason IS NULL THEN 'override_ended'
        WHEN tiers.reason IS NULL THEN 'corrected'
        ELSE tiers.reason
    END)) AS evidence
FROM effective_tiers AS tiers
JOIN tier_policy AS policy
    ON policy.pack = tiers.pack AND policy.tier = tiers.tier
JOIN tier_evidence AS seen
    ON seen.pack = tiers.pack AND seen.account_no = tiers.account_no
LEFT JOIN recorded_decisions AS recorded
    ON recorded.pack = tiers.pack
    AND recorded.account_id = tiers.account_id
    AND recorded.scope = 'account'
    AND recorded.in_population
WHERE tiers.tier IS DISTINCT FROM recorded.tier
  AND NOT (policy.is_default AND recorded.tier IS NULL)

UNION ALL
-- An earlier attempt at this night had moved it; now its row cannot be read, and it stays.
SELECT
    1, kept.pack, NULL, kept.account_id,
    CASE WHEN recorded.tier IS NULL THEN 'tier_assigned' ELSE 'tier_moved' END,
    kept.tier, recorded.tier, kept.tier, json_object('reason', 'corrected')
FROM kept_decisions AS kept
JOIN tier_policy AS policy
    ON policy.pack = kept.pack AND policy.tier = kept.tier
LEFT JOIN recorded_decisions AS recorded
    ON recorded.pack = kept.pack
    AND recorded.account_id = kept.account_id
    AND recorded.scope = 'account'
    AND recorded.in_population
WHERE kept.scope = 'account'
  AND kept.tier IS DISTINCT FROM recorded.tier
  AND NOT (policy.is_default AND recorded.tier IS NULL)

UNION ALL
-- Gone from the sources, or out of the population: the tier ends with the reason. An account
-- that is only set aside tonight has not left, unless it had come with an attempt at this night.
SELECT
    2, recorded.pack, now.account_no, recorded.account_id, 'account_left', recorded.pack,
    recorded.tier,
    NULL,
    json_object('reason', CASE
        WHEN recorded.pack NOT IN (SELECT pack FROM packs) THEN 'pack_removed'
        WHEN recorded.account_id IN (SELECT account_id FROM set_aside) THEN 'corrected'
        WHEN now.account_id IS NULL THEN 'not_in_sources'
        WHEN now.may_be_in THEN 'population_unknown'
        ELSE 'outside_population'
    END)
FROM recorded_decisions AS recorded
LEFT JOIN standing_tiers AS now
    ON now.pack = recorded.pack AND now.account_id = recorded.account_id
WHERE recorded.in_population
  AND NOT coalesce(now.in_population, FALSE)

UNION ALL
SELECT
    3, tiers.pack, tiers.account_no, tiers.account_id, 'override_applied', tiers.tier,
    tiers.computed, tiers.tier,
    json_object('approver', override.approver, 'reason', override.reason,
        'until', strftime(tiers.override_until, '%Y-%m-%d'), 'computed', tiers.computed)
FROM standing_tiers AS tiers
LEFT JOIN tier_overrides AS override
    ON override.pack = tiers.pack AND override.account_id = tiers.account_id
LEFT JOIN recorded_decisions AS recorded
    ON recorded.pack = tiers.pack
    AND recorded.account_id = tiers.account_id
    AND recorded.scope = 'account'
WHERE tiers.override_until IS NOT NULL
  AND tiers.override_until IS DISTINCT FROM recorded.override_until

UNION ALL
SELECT
    3, tiers.pack, tiers.account_no, tiers.account_id, 'override_expired', tiers.tier,
    recorded.tier, tiers.tier,
    json_object('until', strftime(recorded.override_until, '%Y-%m-%d'))
FROM standing_tiers AS tiers
JOIN recorded_decisions AS recorded
    ON recorded.pack = tiers.pack
    AND recorded.account_id = tiers.account_id
    AND recorded.scope = 'account'
WHERE recorded.override_until IS NOT NULL
  AND tiers.override_until IS NULL
  AND tiers.in_population

UNION ALL
SELECT
    4, pack, account_no, account_id,
    CASE WHEN was_open THEN 'warning_level_changed' ELSE 'warning_opened' END,
    rule_id, level_before, level, seen
FROM changed_warnings
WHERE level_before IS DISTINCT FROM level

UNION ALL
SELECT 5, pack, account_no, account_id, 'warning_acknowledged', rule_id, NULL,
    strftime(acknowledged, '%Y-%m-%d'), NULL
FROM changed_warnings
WHERE acknowledged IS NOT NULL AND acknowledged IS DISTINCT FROM acknowledged_before

UNION ALL
SELECT 5, pack, account_no, account_id, 'warning_silenced', rule_id, NULL,
    strftime(silenced_until, '%Y-%m-%d'), NULL
FROM changed_warnings
WHERE silenced_until IS NOT NULL AND silenced_until IS DISTINCT FROM silenced_before

UNION ALL
SELECT 6, changed.pack, changed.account_no, changed.account_id, 'warning_escalated',
    changed.rule_id, changed.level, policy.escalate_to, changed.seen
FROM changed_warnings AS changed
JOIN warning_policy AS policy
    ON policy.pack = changed.pack AND policy.rule_id = changed.rule_id
WHERE changed.escalated IS NOT NULL AND changed.escalated IS DISTINCT FROM changed.escalated_before

UNION ALL
SELECT 7, recorded.pack, NULL, recorded.account_id, 'warning_resolved', recorded.rule_id,
    recorded.level, NULL,
    CASE WHEN recorded.scope <> 'account' THEN json_object('scope', recorded.scope) END
FROM recorded_warnings AS recorded
ANTI JOIN standing_warnings AS now
    ON now.pack = recorded.pack
    AND now.scope = recorded.scope
    AND now.account_id = recorded.account_id
    AND now.rule_id = recorded.rule_id

UNION ALL
SELECT 8, now.pack, now.account_no, now.account_id,
    CASE now.effect WHEN 'propose' THEN 'milestone_proposed' ELSE 'milestone_reached' END,
    now.rule_id, NULL, NULL, now.evidence
FROM standing_milestones AS now
LEFT JOIN recorded_milestones AS recorded
    ON recorded.pack = now.pack
    AND recorded.account_id = now.account_id
    AND recorded.rule_id = now.rule_id
WHERE recorded.rule_id IS NULL OR now.said_on IS DISTINCT FROM recorded.said_on

UNION ALL
SELECT 8, reached.pack, reached.account_no, reached.account_id,
    CASE reached.effect WHEN 'propose' THEN 'milestone_approved' ELSE 'milestone_reached' END,
    reached.rule_id, NULL, reached.approver, reached.evidence
FROM reached_milestones AS reached
JOIN effective_tiers AS tiers
    ON tiers.pack = reached.pack AND tiers.account_no = reached.account_no
LEFT JOIN recorded_decisions AS recorded
    ON recorded.pack = reached.pack
    AND recorded.account_id = reached.account_id
    AND recorded.scope = 'account'
LEFT JOIN recorded_milestones AS proposed
    ON proposed.pack = reached.pack
    AND proposed.account_id = reached.account_id
    AND proposed.rule_id = reached.rule_id
-- Nothing stays open of it: that the last run had moved the tier says that it had said so.
WHERE tiers.computed IS DISTINCT FROM recorded.computed OR proposed.rule_id IS NOT NULL

UNION ALL
SELECT 9, recorded.pack, NULL, recorded.account_id, 'milestone_ended', recorded.rule_id, NULL,
    NULL, NULL
FROM recorded_milestones AS recorded
ANTI JOIN standing_milestones AS now
    ON now.pack = recorded.pack
    AND now.account_id = recorded.account_id
    AND now.rule_id = recorded.rule_id
ANTI JOIN reached_milestones AS approved
    ON approved.pack = recorded.pack
    AND approved.account_id = recorded.account_id
    AND approved.rule_id = recorded.rule_id

UNION ALL
SELECT 10, now.pack, now.account_no, now.account_id,
    'obligation_' || CASE now.state WHEN 'late' THEN 'met' ELSE now.state END,
    now.rule_id, recorded.state, now.state,
    json_object(
        'part', nullif(now.part, ''),
        'due_on', strftime(now.due_on, '%Y-%m-%d'),
        'limit_at', strftime(now.limit_at, '%Y-%m-%dT%H:%M:%S'),
        'done', now.done,
        'needed', now.needed,
        'last_on', strftime(now.last_on, '%Y-%m-%d')
    )
FROM obligations AS now
LEFT JOIN recorded_obligations AS recorded
    ON recorded.pack = now.pack
    AND recorded.rule_id = now.rule_id
    AND recorded.account_id = now.account_id
    AND recorded.part = now.part
    AND recorded.kind = now.kind
WHERE now.state IS DISTINCT FROM recorded.state
  AND CASE now.state
        WHEN 'open' THEN FALSE
        WHEN 'met' THEN recorded.state IS NOT NULL
        ELSE TRUE
    END
;
