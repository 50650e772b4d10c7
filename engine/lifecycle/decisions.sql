-- One row per account and pack: what was decided, and what is open.
--
-- Reads   effective_tiers, open_warnings, open_milestones, hits, unknowns
--         account_scores(pack, account_no, name, scores)
--         set_aside(account_id), previous_decisions
--         tier_policy(pack, tier, is_default, entitlements)
-- Writes  decisions, the relation that decisions.parquet keeps
--
-- Lists are in order of rule id, so equal decisions are equal bytes: `list_sort` goes by the
-- first field of a struct, and sorts a list in half the time that ORDER BY within `list` takes.
CREATE TABLE decisions AS
WITH warning_lists AS (
    SELECT
        pack,
        account_no,
        list_sort(list({'rule': rule_id, 'level': level, 'since': since, 'evidence': evidence}))
            AS warnings
    FROM open_warnings
    GROUP BY pack, account_no
),
milestone_lists AS (
    SELECT
        pack,
        account_no,
        list_sort(list({'rule': rule_id, 'since': since, 'evidence': evidence})) AS milestones
    FROM open_milestones
    GROUP BY pack, account_no
),
conditional AS (
    SELECT pack, account_no, list_sort(list(rule_id)) AS entitlements
    FROM hits
    WHERE kind = 'entitlement'
    GROUP BY pack, account_no
)
SELECT
    tiers.account_no,
    tiers.account_id,
    scores.name,
    tiers.pack,
    tiers.in_population,
    tiers.candidate,
    tiers.tier,
    tiers.tier_since,
    scores.scores,
    coalesce(warning_lists.warnings, []) AS warnings,
    coalesce(milestone_lists.milestones, []) AS milestones,
    CASE
        WHEN conditional.entitlements IS NULL THEN coalesce(owed.entitlements, [])
        ELSE list_sort(list_concat(owed.entitlements, conditional.entitlements))
    END AS entitlements,
    coalesce(unknowns.unknowns, tiers.may_be_in::INTEGER) AS unknowns
FROM effective_tiers AS tiers
JOIN account_scores AS scores
    ON scores.pack = tiers.pack AND scores.account_no = tiers.account_no
LEFT JOIN tier_policy AS owed
    ON owed.pack = tiers.pack AND owed.tier = tiers.tier
LEFT JOIN conditional
    ON conditional.pack = tiers.pack AND conditional.account_no = tiers.account_no
LEFT JOIN warning_lists
    ON warning_lists.pack = tiers.pack AND warning_lists.account_no = tiers.account_no
LEFT JOIN milestone_lists
    ON milestone_lists.pack = tiers.pack AND milestone_lists.account_no = tiers.account_no
LEFT JOIN unknowns
    ON unknowns.pack = tiers.pack AND unknowns.account_no = tiers.account_no

UNION ALL BY NAME
-- An account whose row could not be used tonight keeps what was decided last, and no number.
SELECT previous.* REPLACE (NULL::INTEGER AS account_no)
FROM previous_decisions AS previous
WHERE previous.account_id IN (SELECT account_id FROM set_aside)
  AND previous.pack IN (SELECT pack FROM packs);
