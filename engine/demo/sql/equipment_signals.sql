-- What the monitoring of connected equipment reports; all dealt with, but for what is planted.
CREATE VIEW equipment_signals AS
WITH counted AS (
    SELECT
        book.number,
        book.account_id,
        book.key,
        unnest(range(CASE book.pool WHEN 'head' THEN 6 ELSE 1 END)) AS part
    FROM book
    INNER JOIN ratings ON ratings.number = book.number
    WHERE book.status = 'active' AND ratings.equipment_online
),

drawn AS (
    SELECT
        *,
        draw(key, stream(1401, part)) AS signal_key
    FROM counted
),

written AS (
    SELECT
        number,
        account_id,
        part,
        between_numbers(signal_key, 1, 20, 500) AS days_ago,
        ['deviation', 'deviation', 'deviation', 'maintenance_due', 'alarm'][
            choice(signal_key, 2, 5) + 1
        ] AS kind,
        between_numbers(signal_key, 3, 0, 9) AS handled_after
    FROM drawn
    UNION ALL
    SELECT
        book.number,
        book.account_id,
        1000 + extra.line AS part,
        extra.days_ago,
        extra.kind,
        NULL AS handled_after
    FROM book
    INNER JOIN story_equipment_signals AS extra ON extra.story = book.story
)

SELECT
    account_id,
    as_of - days_ago::INTEGER AS observed_on,
    'SB' || padded(number + 1, 7) || '-' || (part % 4 + 1) AS equipment,
    kind,
    as_of - (days_ago - handled_after)::INTEGER AS handled_on
FROM written
CROSS JOIN settings
ORDER BY observed_on, number, part;
