-- Actions that tonight calls for, and the causes that have ended.
--
-- Reads   open_warnings, open_milestones, reached_milestones,
--         previous_warnings, previous_milestones, obligations, previous_obligations,
--         recorded_decisions, recorded_obligations, obligation_evidence(pack, account_no,
--         evidence), night(as_of), set_aside, packs, previous_decisions, effective_tiers
--         rule_actions(pack, kind, rule_id, level, template, owner_role, pack_owner, due_on,
--                      priority), milestone_policy
--         owners(account_no, role, person), people(role, person)
-- Writes  emitted_actions(action_id, cause_id, pack, scope, account_no, account_id, kind,
--                         rule_id, level, template, owner_role, owner, due_on, priority,
--                         opened_on, evidence)
--         recorded_warnings, recorded_milestones: what the last run left open
--         kept_decisions: what was decided last about accounts that are set aside tonight
--         standing_tiers, standing_warnings, standing_milestones: tonight's with those that are
--             kept, which after an earlier attempt at the night may differ from what it recorded
--         ended_causes(cause_id, opened_before): their open actions have expired; where a day
--             stands in opened_before, those alone that were opened before it
--
-- A warning calls for its action when it fires and when its level changes to one that has not
-- called yet, and for that of its level again when it escalates; a milestone when it is reached
-- or proposed; an obligation once per lapse. The id is a hash of what the action is about, so
-- the same cause never makes a second one. The owner is who holds the role for the account;
-- else who holds it for the company; else the same for the role that owns the pack; else that
-- role itself.
CREATE TABLE emitted_actions AS
WITH causes AS (
    SELECT pack, scope, account_no, account_id, 'warning' AS kind, 'warning' AS asked_as, rule_id,
        level, '' AS part, since, since AS opened, evidence
    FROM open_warnings
    WHERE calls
    UNION ALL
    SELECT pack, scope, account_no, account_id, 'warning', 'escalation', rule_id,
        level, '', since, raised, evidence
    FROM open_warnings
    WHERE escalates
    UNION ALL
    SELECT pack, 'account', account_no, account_id, 'milestone', 'milestone', rule_id,
        '', '', since, CASE WHEN effect = 'propose' THEN said_on ELSE since END, evidence
    FROM open_milestones
    WHERE says
    UNION ALL
    SELECT pack, 'account', account_no, account_id, 'milestone', 'milestone', rule_id,
        '', '', since, as_of, evidence
    FROM reached_milestones
    WHERE effect = 'promote'
    UNION ALL
    SELECT obligations.pack, 'account', obligations.account_no, obligations.account_id,
        'entitlement', 'entitlement', obligations.rule_id, '', obligations.part,
        obligations.asked_on, obligations.asked_on, seen.evidence
    FROM obligations
    JOIN obligation_evidence AS seen
        ON seen.pack = obligations.pack AND seen.account_no = obligations.account_no
    WHERE obligations.asks
)
SELECT
    action_id(
        causes.pack,
        scoped_id(causes.scope, causes.account_id),
        causes.rule_id,
        CASE causes.kind WHEN 'entitlement' THEN causes.part ELSE causes.level END,
        CASE causes.asked_as WHEN 'escalation' THEN action.template || '@' || action.owner_role
            ELSE action.template END,
        causes.opened
    ) AS action_id,
    cause_id(
        causes.pack, scoped_id(causes.scope, causes.account_id), causes.kind, causes.rule_id,
        causes.part, causes.since
    ) AS cause_id,
    causes.pack,
    causes.scope,
    causes.account_no,
    causes.account_id,
    causes.kind,
    causes.asked_as,
    causes.rule_id,
    causes.level,
    action.template,
    action.owner_role,
    coalesce(
        CASE WHEN causes.scope = 'customer_manager' AND action.owner_role = 'customer_manager'
            THEN causes.account_id END,
        owners.person, company.person, deputies.person, company_deputies.person, action.pack_owner
    ) AS owner,
    action.due_on,
    action.priority,
    night.as_of AS opened_on,
    causes.evidence
FROM causes
CROSS JOIN night
JOIN rule_actions AS action
    ON action.pack = causes.pack
    AND action.kind = causes.asked_as
    AND action.rule_id = causes.rule_id
    AND action.level = causes.level
LEFT JOIN owners
    ON owners.account_no = causes.account_no
    AND owners.role = action.owner_role
LEFT JOIN people AS company
    ON company.role = action.owner_role
LEFT JOIN owners AS deputies
    ON deputies.account_no = causes.account_no
    AND deputies.role = action.pack_owner
LEFT JOIN people AS company_deputies
    ON company_deputies.role = action.pack_owner;

-- What the last run left open. On a night that is run again that is the first attempt: what it
-- asked for and a correction takes back ends too.
CREATE TABLE recorded_warnings AS
SELECT
    pack, scope, account_id, warning.rule AS rule_id, warning.level AS level,
    warning.since AS since, warning.acknowledged AS acknowledged,
    warning.escalated AS escalated, warning.silenced_until AS silenced_until
FROM (SELECT pack, scope, account_id, unnest(warnings) AS warning FROM recorded_decisions);

CREATE TABLE recorded_milestones AS
SELECT
    pack, account_id, milestone.rule AS rule_id, milestone.effect AS effect,
    milestone.since AS since, milestone.said_on AS said_on
FROM (SELECT pack, account_id, unnest(milestones) AS milestone FROM recorded_decisions);

CREATE TABLE kept_decisions AS
SELECT *
FROM previous_decisions
WHERE account_id IN (SELECT account_id FROM set_aside)
  AND pack IN (SELECT pack FROM packs);

CREATE VIEW standing_tiers AS
SELECT pack, account_no, account_id, in_population, may_be_in, computed, tier, override_until
FROM effective_tiers
UNION ALL BY NAME
SELECT pack, account_id, in_population, computed, tier, override_until
FROM kept_decisions
WHERE scope = 'account';

CREATE VIEW standing_warnings AS
SELECT pack, scope, account_no, account_id, rule_id, level, since, acknowledged, escalated,
    silenced_until, evidence
FROM open_warnings
UNION ALL BY NAME
SELECT
    pack, scope, account_id, warning.rule AS rule_id, warning.level AS level,
    warning.since AS since, warning.acknowledged AS acknowledged,
    warning.escalated AS escalated, warning.silenced_until AS silenced_until,
    warning.evidence AS evidence
FROM (SELECT pack, scope, account_id, unnest(warnings) AS warning FROM kept_decisions);

CREATE VIEW standing_milestones AS
SELECT pack, account_no, account_id, rule_id, effect, since, said_on, says, evidence
FROM open_milestones
UNION ALL BY NAME
SELECT
    pack, account_id, milestone.rule AS rule_id, milestone.effect AS effect,
    milestone.since AS since, milestone.said_on AS said_on, FALSE AS says,
    milestone.evidence AS evidence
FROM (SELECT pack, account_id, unnest(milestones) AS milestone FROM kept_decisions);

CREATE TABLE ended_causes AS
WITH firing AS (
    SELECT pack, scope, account_id, rule_id, since FROM previous_warnings WHERE state = 'firing'
    UNION
    SELECT pack, scope, account_id, rule_id, since FROM recorded_warnings
),
proposals AS (
    SELECT pack, account_id, rule_id, since FROM previous_milestones WHERE effect = 'propose'
    UNION
    SELECT pack, account_id, rule_id, since FROM recorded_milestones WHERE effect = 'propose'
),
lapses AS (
    SELECT pack, account_id, rule_id, kind, part, asked_on FROM previous_obligations
    WHERE asked_on IS NOT NULL
    UNION
    SELECT pack, account_id, rule_id, kind, part, asked_on FROM recorded_obligations
    WHERE asked_on IS NOT NULL
)
SELECT
    cause_id(pack, scoped_id(scope, account_id), 'warning', rule_id, '', since) AS cause_id,
    NULL::VARCHAR AS opened_before
FROM firing
ANTI JOIN standing_warnings AS now
    ON now.pack = firing.pack
    AND now.scope = firing.scope
    AND now.account_id = firing.account_id
    AND now.rule_id = firing.rule_id
    AND now.since = firing.since
UNION ALL
-- A proposal that is decided or no longer holds; one that speaks again replaces what it said.
SELECT
    cause_id(proposals.pack, proposals.account_id, 'milestone', proposals.rule_id, '',
        proposals.since),
    CASE WHEN now.since = proposals.since THEN strftime(now.said_on, '%Y-%m-%d') END
FROM proposals
LEFT JOIN standing_milestones AS now
    ON now.pack = proposals.pack
    AND now.account_id = proposals.account_id
    AND now.rule_id = proposals.rule_id
WHERE now.rule_id IS NULL OR now.since <> proposals.since OR now.says
UNION ALL
SELECT
    cause_id(
        lapses.pack, lapses.account_id, 'entitlement', lapses.rule_id, lapses.part,
        lapses.asked_on
    ),
    NULL
FROM lapses
ANTI JOIN obligations AS now
    ON now.pack = lapses.pack
    AND now.account_id = lapses.account_id
    AND now.rule_id = lapses.rule_id
    AND now.part = lapses.part
    AND now.kind = lapses.kind
    AND now.asked_on = lapses.asked_on;
