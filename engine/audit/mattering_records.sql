-- Of the records that are answered or done in time, those that can matter to this night.
--
-- Reads   timed_records, facts, night(as_of, previous_night), previous_obligations,
--         previous_records(pack, rule_id, account_id, record, stops)
-- Gives   timed_records with account_id
--
-- A record matters while it runs, and if it ran on the previous night and has been entered as
-- done since: one that the night before had kept, or that was still owed. Of records that are
-- called alike all are kept, for they are numbered among each other. Who is owed anything is not
-- asked: another policy may owe it to others.
WITH every AS (
    SELECT timed.*, facts.account_id
    FROM timed_records AS timed
    JOIN facts USING (account_no)
),
mattering AS (
    SELECT every.pack, every.rule_id, every.account_no, every.record
    FROM every
    CROSS JOIN night
    WHERE every.stops IS NULL
       OR every.stops::DATE > coalesce(night.previous_night, night.as_of)
    UNION
    SELECT every.pack, every.rule_id, every.account_no, every.record
    FROM every
    JOIN previous_records AS previous USING (pack, rule_id, account_id, record)
    CROSS JOIN night
    WHERE previous.stops IS NULL OR previous.stops::DATE > night.previous_night
    UNION
    SELECT every.pack, every.rule_id, every.account_no, every.record
    FROM every
    JOIN previous_obligations AS previous
        ON previous.pack = every.pack
        AND previous.rule_id = every.rule_id
        AND previous.account_id = every.account_id
        AND regexp_replace(previous.part, '#[0-9]+$', '') = regexp_replace(every.record, '#[0-9]+$', '')
    WHERE previous.kind IN ('response', 'deadline') AND previous.state NOT IN ('met', 'late')
)
SELECT every.*
FROM every
SEMI JOIN mattering USING (pack, rule_id, account_no, record)
