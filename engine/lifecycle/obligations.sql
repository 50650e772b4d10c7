-- Obligations: what the effective tier makes us owe, and whether it is done in time.
--
-- Reads   effective_tiers, hits(… kind = 'entitlement'), night(as_of, previous_night)
--         obligation_policy(pack, rule_id, kind, is_conditional, at_least, at_most, period_start,
--                           period_end, period_before, remind_from, reminders, clock, limit_seconds,
--                           limit_workdays)
--         owing_tiers(pack, tier, rule_id), team_policy(pack, rule_id, role, at_least)
--         cadence_counts, timed_records, team_coverage: what the records say
--         utc_offsets(local_from, utc_from, seconds), working_hours(opens, closes, seconds_before)
--         workday_ends(day, number): workdays in order; reminder_days(due, remind_from, rule…)
--         previous_obligations, set_aside, packs
-- Writes  conditional_entitlements(pack, account_no, rule_id): `hits` of entitlements
--         obligations, the relation that obligations.parquet keeps:
--         (pack, account_no, account_id, rule_id, kind, part, state, owed_since, since, asked_on,
--          starts, limit_at, due_on, done, needed, last_on, asks)
--
-- A response or deadline is kept while it is open or overdue, and on the night on which it was
-- met or late; regular duties and teams as long as they are owed.
CREATE TABLE conditional_entitlements AS
SELECT pack, account_no, rule_id
FROM hits
WHERE kind = 'entitlement';

CREATE TABLE owed AS
SELECT tiers.pack, tiers.account_no, tiers.account_id, owing.rule_id
FROM effective_tiers AS tiers
JOIN owing_tiers AS owing ON owing.pack = tiers.pack AND owing.tier = tiers.tier
UNION ALL
SELECT hits.pack, hits.account_no, tiers.account_id, hits.rule_id
FROM conditional_entitlements AS hits
JOIN effective_tiers AS tiers
    ON tiers.pack = hits.pack AND tiers.account_no = hits.account_no
JOIN obligation_policy AS policy
    ON policy.pack = hits.pack AND policy.rule_id = hits.rule_id;

-- Regular duties: met within the period, or not done in a whole period that they were owed.
CREATE TABLE cadences AS
SELECT
    owed.pack,
    owed.account_no,
    owed.account_id,
    owed.rule_id,
    policy.kind,
    '' AS part,
    CASE
        WHEN counts.done > policy.at_most THEN 'exceeded'
        WHEN coalesce(counts.done, 0) >= policy.at_least THEN 'met'
        WHEN coalesce(previous.owed_since, night.as_of) <= policy.period_before
            AND coalesce(counts.done_before, 0) < policy.at_least THEN 'overdue'
        WHEN night.as_of >= policy.remind_from THEN 'due'
        ELSE 'open'
    END AS state,
    coalesce(previous.owed_since, night.as_of) AS owed_since,
    policy.period_start::TIMESTAMP AS starts,
    NULL::TIMESTAMP AS limit_at,
    policy.period_end AS due_on,
    coalesce(counts.done, 0) AS done,
    policy.at_least AS needed,
    coalesce(counts.last_on, previous.last_on) AS last_on
FROM owed
CROSS JOIN night
JOIN obligation_policy AS policy
    ON policy.pack = owed.pack AND policy.rule_id = owed.rule_id AND policy.kind = 'cadence'
LEFT JOIN cadence_counts AS counts
    ON counts.pack = owed.pack
    AND counts.rule_id = owed.rule_id
    AND counts.account_no = owed.account_no
LEFT JOIN previous_obligations AS previous
    ON previous.pack = owed.pack
    AND previous.rule_id = owed.rule_id
    AND previous.account_id = owed.account_id
    AND previous.kind = 'cadence';

-- Teams: every role filled by as many different people as it needs.
CREATE TABLE teams AS
SELECT
    owed.pack,
    owed.account_no,
    owed.account_id,
    owed.rule_id,
    'team' AS kind,
    policy.role AS part,
    CASE WHEN coalesce(coverage.people, 0) >= policy.at_least THEN 'met' ELSE 'overdue' END
        AS state,
    coalesce(previous.owed_since, night.as_of) AS owed_since,
    NULL::TIMESTAMP AS starts,
    NULL::TIMESTAMP AS limit_at,
    NULL::DATE AS due_on,
    coalesce(coverage.people, 0) AS done,
    policy.at_least AS needed,
    NULL::DATE AS last_on
FROM owed
CROSS JOIN night
JOIN team_policy AS policy ON policy.pack = owed.pack AND policy.rule_id = owed.rule_id
LEFT JOIN team_coverage AS coverage
    ON coverage.pack = owed.pack
    AND coverage.rule_id = owed.rule_id
    AND coverage.role = policy.role
    AND coverage.account_no = owed.account_no
LEFT JOIN previous_obligations AS previous
    ON previous.pack = owed.pack
    AND previous.rule_id = owed.rule_id
    AND previous.account_id = owed.account_id
    AND previous.part = policy.role
    AND previous.kind = 'team';

-- The records that an account is owed something about. Without a key a record is called after its
-- beginning; those that begin alike are numbered, over all of them and not only those that run, as
-- two of one name would find each other's past, and double from night to night.
CREATE TABLE owed_records AS
WITH numbered AS (
    SELECT
        timed.*,
        owed.account_id,
        row_number() OVER (
            PARTITION BY timed.pack, timed.rule_id, timed.account_no, timed.record
            ORDER BY timed.due, timed.stops
        ) AS number
    FROM timed_records AS timed
    JOIN owed
        ON owed.pack = timed.pack
        AND owed.rule_id = timed.rule_id
        AND owed.account_no = timed.account_no
)
SELECT
    * EXCLUDE (record, number),
    CASE number WHEN 1 THEN record ELSE record || '#' || number END AS part
FROM numbered;

-- Records that run: begun, and not stopped before the previous night.
CREATE TABLE running AS
SELECT
    owed.pack,
    owed.account_no,
    owed.account_id,
    owed.rule_id,
    policy.kind,
    owed.part,
    owed.starts,
    CASE WHEN owed.stops::DATE <= night.as_of THEN owed.stops END AS stops,
    owed.due,
    policy.clock,
    policy.limit_seconds,
    policy.limit_workdays
FROM owed_records AS owed
CROSS JOIN night
JOIN obligation_policy AS policy
    ON policy.pack = owed.pack AND policy.rule_id = owed.rule_id
WHERE CASE policy.kind
        WHEN 'response' THEN owed.starts::DATE <= night.as_of
        ELSE owed.due IS NOT NULL
    END
  AND (
      owed.stops IS NULL
      OR owed.stops::DATE > night.as_of
      OR owed.stops::DATE > night.previous_night
  );

-- When the limit of each passes. All clocks run in UTC, so that a change of clocks neither adds
-- nor takes an hour; the working clock adds up the seconds of all workdays before.
CREATE TABLE limits AS
WITH in_utc AS (
    SELECT running.*, running.starts - to_seconds(started.seconds) AS starts_utc
    FROM running
    ASOF LEFT JOIN utc_offsets AS started ON running.starts >= started.local_from
    WHERE running.kind = 'response'
),
placed AS (
    SELECT
        in_utc.*,
        CASE in_utc.clock WHEN 'working' THEN
            coalesce(
                hours.seconds_before + least(
                    epoch(in_utc.starts_utc - hours.opens), epoch(hours.closes - hours.opens)
                ),
                0
            ) + in_utc.limit_seconds
        END AS target,
        days.number AS workday
    FROM in_utc
    ASOF LEFT JOIN working_hours AS hours ON in_utc.starts_utc >= hours.opens
    ASOF LEFT JOIN workday_ends AS days ON in_utc.starts::DATE >= days.day
),
limited AS (
    SELECT
        placed.*,
        CASE
            WHEN placed.limit_workdays IS NOT NULL THEN NULL
            WHEN placed.clock = 'working'
                THEN hours.opens + to_seconds((placed.target - hours.seconds_before)::BIGINT)
            ELSE placed.starts_utc + to_seconds(placed.limit_seconds)
        END AS limit_utc,
        ends.day + INTERVAL 1 DAY AS limit_local
    FROM placed
    ASOF LEFT JOIN working_hours AS hours ON placed.target > hours.seconds_before
    LEFT JOIN workday_ends AS ends
        ON ends.number = coalesce(placed.workday, 0) + placed.limit_workdays
)
SELECT
    limited.* EXCLUDE (limit_utc, limit_local),
    coalesce(limited.limit_local, limited.limit_utc + to_seconds(shown.seconds)) AS limit_at
FROM limited
ASOF LEFT JOIN utc_offsets AS shown
    ON coalesce(limited.limit_utc, limited.starts_utc) >= shown.utc_from;

CREATE TABLE timed AS
SELECT
    limits.pack, limits.account_no, limits.account_id, limits.rule_id, limits.kind, limits.part,
    CASE
        WHEN limits.stops IS NOT NULL
            THEN CASE WHEN limits.stops <= limits.limit_at THEN 'met' ELSE 'late' END
        WHEN limits.limit_at < night.as_of + INTERVAL 1 DAY THEN 'overdue'
        ELSE 'open'
    END AS state,
    limits.starts,
    limits.limit_at,
    limits.limit_at::DATE AS due_on,
    limits.stops::DATE AS last_on
FROM limits
CROSS JOIN night
UNION ALL BY NAME
SELECT
    running.pack, running.account_no, running.account_id, running.rule_id, running.kind,
    running.part,
    CASE
        WHEN running.stops IS NOT NULL
            THEN CASE WHEN running.stops::DATE <= running.due THEN 'met' ELSE 'late' END
        WHEN running.due < night.as_of THEN 'overdue'
        WHEN reminder.remind_from IS NULL AND night.as_of >= running.due THEN 'due'
        WHEN night.as_of >= reminder.remind_from THEN 'due'
        ELSE 'open'
    END AS state,
    running.starts,
    NULL::TIMESTAMP AS limit_at,
    running.due AS due_on,
    running.stops::DATE AS last_on
FROM running
CROSS JOIN night
LEFT JOIN reminder_days AS reminder
    ON reminder.pack = running.pack
    AND reminder.rule_id = running.rule_id
    AND reminder.due = running.due
WHERE running.kind = 'deadline'
UNION ALL BY NAME
-- Done before the previous night, and entered only since: it was still open then.
SELECT
    previous.pack, entered.account_no, previous.account_id, previous.rule_id, previous.kind,
    previous.part,
    CASE WHEN CASE previous.kind
        WHEN 'response' THEN entered.stops <= previous.limit_at
        ELSE entered.stops::DATE <= entered.due
    END THEN 'met' ELSE 'late' END AS state,
    previous.starts,
    previous.limit_at,
    coalesce(entered.due, previous.due_on) AS due_on,
    entered.stops::DATE AS last_on
FROM previous_obligations AS previous
CROSS JOIN night
JOIN owed_records AS entered
    ON entered.pack = previous.pack
    AND entered.rule_id = previous.rule_id
    AND entered.account_id = previous.account_id
    AND entered.part = previous.part
WHERE previous.kind IN ('response', 'deadline')
  AND previous.state NOT IN ('met', 'late')
  AND entered.stops::DATE <= night.previous_night;

-- One lapse asks once: from the night on which it becomes due or overdue until it is done, or
-- until the next period of a regular duty begins.
CREATE TABLE obligations AS
WITH every AS (
    SELECT * FROM cadences
    UNION ALL BY NAME
    SELECT * FROM teams
    UNION ALL BY NAME
    SELECT
        timed.*,
        (timed.last_on IS NOT NULL)::INTEGER AS done,
        1 AS needed,
        night.as_of AS owed_since
    FROM timed
    CROSS JOIN night
),
compared AS (
    SELECT
        every.* REPLACE (
            CASE WHEN every.kind IN ('cadence', 'team') THEN every.owed_since
                ELSE coalesce(previous.owed_since, every.owed_since) END AS owed_since
        ),
        CASE WHEN previous.state = every.state THEN previous.since END AS since_before,
        CASE WHEN every.kind <> 'cadence' OR previous.due_on = every.due_on
            THEN previous.asked_on END AS asked_before
    FROM every
    LEFT JOIN previous_obligations AS previous
        ON previous.pack = every.pack
        AND previous.rule_id = every.rule_id
        AND previous.account_id = every.account_id
        AND previous.part = every.part
        AND previous.kind = every.kind
)
SELECT
    compared.pack,
    compared.account_no,
    compared.account_id,
    compared.rule_id,
    compared.kind,
    compared.part,
    compared.state,
    compared.owed_since,
    coalesce(compared.since_before, night.as_of) AS since,
    CASE WHEN compared.state IN ('due', 'overdue')
        THEN coalesce(compared.asked_before, night.as_of) END AS asked_on,
    compared.starts,
    compared.limit_at,
    compared.due_on,
    compared.done::INTEGER AS done,
    compared.needed::INTEGER AS needed,
    compared.last_on,
    compared.state IN ('due', 'overdue') AND compared.asked_before IS NULL AS asks
FROM compared
CROSS JOIN night

UNION ALL BY NAME
-- What is owed to an account whose row could not be used tonight stays as it was.
SELECT previous.* REPLACE (NULL::INTEGER AS account_no), FALSE AS asks
FROM previous_obligations AS previous
WHERE previous.account_id IN (SELECT account_id FROM set_aside)
  AND previous.pack IN (SELECT pack FROM packs)
  AND NOT (previous.kind IN ('response', 'deadline') AND previous.state IN ('met', 'late'));
