-- Delivery milestones of projects: mostly met, some ahead.
CREATE VIEW deliveries AS
WITH counted AS (
    SELECT
        number,
        key,
        account_id,
        unnest(range(
            CASE
                WHEN status <> 'active' THEN 0
                WHEN pool = 'head' THEN 12
                WHEN pool = 'large' THEN 2
                WHEN per_mille(key, 501) < 140 THEN 1
                ELSE 0
            END
        )) AS part
    FROM book
),

drawn AS (
    SELECT
        number,
        account_id,
        part,
        draw(key, stream(502, part)) AS delivery_key
    FROM counted
),

written AS (
    SELECT
        number,
        account_id,
        part,
        between_numbers(delivery_key, 1, 5, 900) AS days_ago,
        choice(delivery_key, 2, 5) AS milestone,
        -- Days from the record to the due day, to the forecast and to the delivery.
        between_numbers(delivery_key, 3, 40, 150) AS due_in,
        between_numbers(delivery_key, 4, -12, 0) AS forecast_before,
        between_numbers(delivery_key, 5, -15, 0) AS delivered_before
    FROM drawn
),

planned AS (
    SELECT
        number,
        account_id,
        part,
        days_ago,
        milestone,
        due_in,
        due_in + forecast_before AS forecast_in,
        CASE WHEN due_in + delivered_before <= days_ago THEN due_in + delivered_before END
            AS delivered_in,
        TRUE AS planned
    FROM written
    UNION ALL
    SELECT
        book.number,
        book.account_id,
        1000 + extra.line AS part,
        extra.days_ago,
        extra.milestone,
        extra.due_in,
        extra.forecast_in,
        extra.delivered_in,
        coalesce(extra.planned, TRUE) AS planned
    FROM book
    INNER JOIN story_deliveries AS extra ON extra.story = book.story
),

wrong AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY part < 1000 ORDER BY mix(number::UBIGINT), number, part
        ) AS turn
    FROM planned
)

SELECT
    'J' || padded(row_number() OVER (ORDER BY days_ago DESC, number, part), 8) AS delivery_id,
    account_id,
    as_of - days_ago::INTEGER AS recorded_on,
    'XM' || padded(number + 1, 7) || '-' || (part % 1000 + 1) AS project,
    delivery_milestone(milestone) AS milestone,
    -- A day that no calendar has, typed by hand.
    CASE
        WHEN part < 1000 AND turn <= wrong_rows(accounts, 1, 2000)
            THEN strftime(as_of, '%Y') || '-02-30'
        ELSE (as_of - (days_ago - due_in)::INTEGER)::VARCHAR
    END AS due_on,
    as_of - (days_ago - forecast_in)::INTEGER AS forecast_on,
    as_of - (days_ago - delivered_in)::INTEGER AS delivered_on,
    as_of - (days_ago - 5 - number % 9)::INTEGER AS started_on,
    CASE WHEN planned THEN acceptance((number + part) % 4) END AS acceptance_criteria,
    CASE WHEN planned THEN person((number * 7 + part) % (47 * 43)) END AS owner
FROM wrong
CROSS JOIN settings
ORDER BY recorded_on, number, part;
