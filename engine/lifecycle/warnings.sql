-- Warnings: pending, firing, resolved, cooling; acknowledged, escalated, silenced, inhibited.
--
-- Reads   seen_hits(… kind = 'warning'), scope_hits, scope_entities, unknown_warnings,
--         scope_unknowns, effective_tiers, previous_decisions(… warnings, waiting), set_aside,
--         night(as_of)
--         warning_policy(pack, rule_id, pending_days, keep_days, cool_days, escalate_before)
--         warning_marks(mark_no, kind, pack, account_id, rule_id, day, until)
-- Writes  open_warnings(pack, scope, account_no, account_id, rule_id, level, since, raised,
--                       clear_since, acknowledged, escalated, silenced_until, is_inhibited,
--                       called, calls, escalates, evidence)
--         waiting_warnings(pack, scope, account_id, rule_id, state, level, since, until, …)
--         resolved_warnings(pack, scope, account_id, rule_id, level, since)
--
-- The states and every boundary are those of docs/lifecycle.md. Days are counted by date,
-- so a missed night changes nothing but the days on which something is said.
CREATE TABLE previous_warnings AS
SELECT
    pack,
    scope,
    account_id,
    warning.rule AS rule_id,
    'firing' AS state,
    warning.level AS level,
    warning.since AS since,
    warning.raised AS raised,
    warning.clear_since AS clear_since,
    warning.escalated AS escalated,
    warning.called AS called,
    NULL::DATE AS until,
    warning.evidence AS evidence
FROM (SELECT pack, scope, account_id, unnest(warnings) AS warning FROM previous_decisions)
UNION ALL BY NAME
SELECT
    pack,
    scope,
    account_id,
    waiting.rule AS rule_id,
    waiting.state AS state,
    waiting.level AS level,
    waiting.since AS since,
    waiting.until AS until,
    waiting.evidence AS evidence
FROM (SELECT pack, scope, account_id, unnest(waiting) AS waiting FROM previous_decisions);

-- What the rules say tonight, about accounts and about what accounts make up together.
CREATE TABLE tonight_warnings AS
SELECT
    hits.pack,
    'account' AS scope,
    hits.account_no,
    tiers.account_id,
    hits.rule_id,
    hits.level,
    hits.evidence
FROM seen_hits AS hits
JOIN effective_tiers AS tiers
    ON tiers.pack = hits.pack AND tiers.account_no = hits.account_no
WHERE hits.kind = 'warning'
UNION ALL
SELECT pack, scope, NULL, entity_id, rule_id, level, evidence
FROM scope_hits;

-- What was said before, with whether the rules still speak of it tonight; a warning about
-- anybody else, or of a rule that is gone, is over.
CREATE TABLE kept_warnings AS
WITH present AS (
    SELECT pack, 'account' AS scope, account_id, account_no FROM effective_tiers
    WHERE in_population AND account_id IN (SELECT account_id FROM previous_warnings)
    UNION ALL
    SELECT pack, scope, entity_id, NULL FROM scope_entities
)
SELECT
    previous.*,
    present.account_no,
    policy.rule_id IS NOT NULL AND present.pack IS NOT NULL AS is_about,
    CASE
        WHEN previous.scope = 'account' THEN unknown.rule_id IS NOT NULL
        ELSE scope_unknown.rule_id IS NOT NULL
    END AS is_unknown
FROM previous_warnings AS previous
LEFT JOIN present
    ON present.pack = previous.pack
    AND present.scope = previous.scope
    AND present.account_id = previous.account_id
LEFT JOIN warning_policy AS policy
    ON policy.pack = previous.pack AND policy.rule_id = previous.rule_id
LEFT JOIN unknown_warnings AS unknown
    ON unknown.pack = previous.pack
    AND unknown.account_no = present.account_no
    AND unknown.rule_id = previous.rule_id
LEFT JOIN scope_unknowns AS scope_unknown
    ON scope_unknown.pack = previous.pack
    AND scope_unknown.scope = previous.scope
    AND scope_unknown.entity_id = previous.account_id
    AND scope_unknown.rule_id = previous.rule_id
WHERE previous.account_id NOT IN (SELECT account_id FROM set_aside);

CREATE TABLE judged_warnings AS
WITH paired AS (
    SELECT
        coalesce(now.pack, kept.pack) AS pack,
        coalesce(now.scope, kept.scope) AS scope,
        coalesce(now.account_no, kept.account_no) AS account_no,
        coalesce(now.account_id, kept.account_id) AS account_id,
        coalesce(now.rule_id, kept.rule_id) AS rule_id,
        now.level AS level_now,
        now.level IS NOT NULL OR coalesce(kept.is_about, FALSE) AS is_about,
        coalesce(kept.is_unknown, FALSE) AND now.level IS NULL AS is_unknown,
        coalesce(now.evidence, kept.evidence) AS evidence,
        kept.level AS level_before,
        kept.since,
        kept.raised,
        kept.clear_since,
        kept.escalated,
        kept.called,
        kept.until,
        -- A cool-down that is over is as if the warning had never been.
        CASE WHEN kept.state = 'cooling' AND night.as_of >= kept.until THEN NULL
            ELSE kept.state END AS state,
        night.as_of
    FROM tonight_warnings AS now
    FULL JOIN kept_warnings AS kept
        ON kept.pack = now.pack
        AND kept.scope = now.scope
        AND kept.account_id = now.account_id
        AND kept.rule_id = now.rule_id
    CROSS JOIN night
),
ranked AS (
    SELECT
        paired.* REPLACE (CASE
            WHEN state = 'firing' AND NOT is_unknown
                AND coalesce(warning_rank(level_now), 0) < warning_rank(level_before)
                THEN coalesce(clear_since, as_of)
            WHEN state = 'firing' AND is_unknown THEN clear_since
        END AS clear_since),
        policy.pending_days,
        policy.keep_days,
        policy.cool_days,
        policy.escalate_before
    FROM paired
    LEFT JOIN warning_policy AS policy
        ON policy.pack = paired.pack AND policy.rule_id = paired.rule_id
)
SELECT
    *,
    clear_since IS NOT NULL AND NOT is_unknown AND as_of >= clear_since + keep_days AS is_clear,
    CASE
        WHEN NOT is_about THEN CASE WHEN state = 'firing' THEN 'resolved' END
        WHEN state = 'firing' THEN
            CASE WHEN level_now IS NULL AND NOT is_unknown AND as_of >= clear_since + keep_days
                THEN 'resolved' ELSE 'firing' END
        WHEN state = 'cooling' THEN 'cooling'
        WHEN state = 'pending' AND is_unknown THEN 'pending'
        WHEN level_now IS NULL THEN NULL
        WHEN state = 'pending' AND as_of >= since + pending_days THEN 'fires'
        WHEN state = 'pending' THEN 'pending'
        WHEN pending_days = 0 THEN 'fires'
        ELSE 'pending'
    END AS next
FROM ranked;

CREATE TABLE firing_warnings AS
SELECT
    pack,
    scope,
    account_no,
    account_id,
    rule_id,
    CASE
        WHEN next = 'fires' THEN level_now
        WHEN warning_rank(level_now) >= warning_rank(level_before) THEN level_now
        WHEN is_clear THEN level_now
        ELSE level_before
    END AS level,
    CASE WHEN next = 'fires' THEN as_of ELSE since END AS since,
    CASE
        WHEN next = 'fires' OR warning_rank(level_now) > warning_rank(level_before) THEN as_of
        ELSE raised
    END AS raised,
    CASE WHEN next = 'firing' AND NOT is_clear THEN clear_since END AS clear_since,
    CASE WHEN next = 'firing' THEN escalated END AS escalated,
    CASE WHEN next = 'firing' THEN coalesce(called, []) ELSE [] END AS called,
    escalate_before,
    evidence,
    as_of
FROM judged_warnings
WHERE next IN ('fires', 'firing');

CREATE TABLE open_warnings AS
WITH acknowledgements AS (
    SELECT pack, account_id, rule_id, list(day) AS days
    FROM warning_marks
    WHERE kind = 'ack'
    GROUP BY pack, account_id, rule_id
),
silences AS (
    SELECT pack, account_id, rule_id, arg_max(until, mark_no) AS until
    FROM warning_marks
    CROSS JOIN night
    WHERE kind = 'silence' AND day <= night.as_of
    GROUP BY pack, account_id, rule_id
),
marked AS (
    SELECT
        firing.*,
        list_min(list_filter(
            acknowledged.days, lambda day: day BETWEEN firing.raised AND firing.as_of
        )) AS acknowledged,
        silence.until AS silenced_until,
        coalesce(silence.until >= firing.as_of, FALSE) AS is_silenced
    FROM firing_warnings AS firing
    LEFT JOIN acknowledgements AS acknowledged
        ON acknowledged.pack = firing.pack
        AND acknowledged.account_id = firing.account_id
        AND acknowledged.rule_id = firing.rule_id
    LEFT JOIN silences AS silence
        ON silence.pack = firing.pack
        AND silence.account_id = firing.account_id
        AND silence.rule_id = firing.rule_id
),
red AS (
    SELECT DISTINCT scope, account_id FROM marked WHERE level = 'red' AND NOT is_silenced
),
quietened AS (
    SELECT
        marked.*,
        red.account_id IS NOT NULL AND marked.level IN ('yellow', 'blue') AS is_inhibited
    FROM marked
    LEFT JOIN red ON red.scope = marked.scope AND red.account_id = marked.account_id
),
asked AS (
    SELECT
        *,
        NOT is_silenced AND NOT is_inhibited AND NOT list_contains(called, level) AS calls,
        NOT is_silenced
            AND NOT is_inhibited
            AND acknowledged IS NULL
            AND coalesce(raised <= escalate_before, FALSE)
            AND (escalated IS NULL OR escalated < raised) AS escalates
    FROM quietened
)
SELECT
    pack, scope, account_no, account_id, rule_id, level, since, raised, clear_since, acknowledged,
    CASE WHEN escalates THEN as_of ELSE escalated END AS escalated,
    CASE WHEN is_silenced THEN silenced_until END AS silenced_until,
    is_inhibited,
    CASE WHEN calls THEN list_append(called, level) ELSE called END AS called,
    calls,
    escalates,
    evidence
FROM asked;

CREATE TABLE waiting_warnings AS
SELECT
    pack,
    scope,
    account_no,
    account_id,
    rule_id,
    CASE next WHEN 'resolved' THEN 'cooling' ELSE next END AS state,
    CASE WHEN next = 'pending' THEN coalesce(level_now, level_before) ELSE level_before END AS level,
    CASE WHEN next = 'pending' AND state = 'pending' THEN since
        WHEN next = 'cooling' THEN since
        ELSE as_of END AS since,
    CASE next WHEN 'resolved' THEN as_of + cool_days WHEN 'cooling' THEN until END AS until,
    evidence
FROM judged_warnings
WHERE next IN ('pending', 'cooling')
   OR (next = 'resolved' AND is_about AND cool_days > 0);

CREATE TABLE resolved_warnings AS
SELECT pack, scope, account_id, rule_id, level_before AS level, since
FROM judged_warnings
WHERE next = 'resolved';
