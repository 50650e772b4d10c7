-- One row per account and pack: what was decided, and what is open; and one per portfolio or
-- manager that a warning is about.
--
-- Reads   effective_tiers, open_warnings, waiting_warnings, open_milestones, unknowns,
--         conditional_entitlements
--         account_scores(pack, account_no, name, scores)
--         kept_decisions: those of accounts that are set aside
--         tier_policy(pack, tier, is_default, entitlements)
-- Writes  decisions, the relation that decisions.parquet keeps
--
-- Lists are in order of rule id, so equal decisions are equal bytes: `list_sort` goes by the
-- first field of a struct, and sorts a list in half the time that ORDER BY within `list` takes.
CREATE TABLE decisions AS
WITH warning_lists AS (
    SELECT
        pack,
        scope,
        account_id,
        list_sort(list({
            'rule': rule_id,
            'level': level,
            'since': since,
            'raised': raised,
            'clear_since': clear_since,
            'acknowledged': acknowledged,
            'escalated': escalated,
            'silenced_until': silenced_until,
            'is_inhibited': is_inhibited,
            'called': called,
            'evidence': evidence
        })) AS warnings
    FROM open_warnings
    GROUP BY pack, scope, account_id
),
waiting_lists AS (
    SELECT
        pack,
        scope,
        account_id,
        list_sort(list({
            'rule': rule_id,
            'state': state,
            'level': level,
            'since': since,
            'until': until,
            'evidence': evidence
        })) AS waiting
    FROM waiting_warnings
    GROUP BY pack, scope, account_id
),
milestone_lists AS (
    SELECT
        pack,
        account_no,
        list_sort(list({
            'rule': rule_id,
            'effect': effect,
            'since': since,
            'said_on': said_on,
            'evidence': evidence
        })) AS milestones
    FROM open_milestones
    GROUP BY pack, account_no
),
conditional AS (
    SELECT pack, account_no, list_sort(list(rule_id)) AS entitlements
    FROM conditional_entitlements
    GROUP BY pack, account_no
)
SELECT
    tiers.account_no,
    tiers.account_id,
    scores.name,
    tiers.pack,
    'account' AS scope,
    tiers.in_population,
    tiers.candidate,
    tiers.computed,
    tiers.tier,
    tiers.tier_since,
    tiers.worse_reviews,
    tiers.held_reviews,
    tiers.held_until,
    tiers.override_until,
    scores.scores,
    coalesce(warning_lists.warnings, []) AS warnings,
    coalesce(waiting_lists.waiting, []) AS waiting,
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
    ON warning_lists.pack = tiers.pack
    AND warning_lists.account_id = tiers.account_id
    AND warning_lists.scope = 'account'
LEFT JOIN waiting_lists
    ON waiting_lists.pack = tiers.pack
    AND waiting_lists.account_id = tiers.account_id
    AND waiting_lists.scope = 'account'
LEFT JOIN milestone_lists
    ON milestone_lists.pack = tiers.pack AND milestone_lists.account_no = tiers.account_no
LEFT JOIN unknowns
    ON unknowns.pack = tiers.pack AND unknowns.account_no = tiers.account_no

UNION ALL BY NAME
SELECT
    coalesce(firing.account_id, pending.account_id) AS account_id,
    coalesce(firing.account_id, pending.account_id) AS name,
    coalesce(firing.pack, pending.pack) AS pack,
    coalesce(firing.scope, pending.scope) AS scope,
    FALSE AS in_population,
    coalesce(firing.warnings, []) AS warnings,
    coalesce(pending.waiting, []) AS waiting,
    [] AS milestones,
    [] AS entitlements
FROM (FROM warning_lists WHERE scope <> 'account') AS firing
FULL JOIN (FROM waiting_lists WHERE scope <> 'account') AS pending
    ON pending.pack = firing.pack
    AND pending.scope = firing.scope
    AND pending.account_id = firing.account_id

UNION ALL BY NAME
-- An account whose row could not be used tonight keeps what was decided last, and no number.
SELECT * REPLACE (NULL::INTEGER AS account_no)
FROM kept_decisions;
