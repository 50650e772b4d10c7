-- Answers to satisfaction surveys.
CREATE VIEW surveys AS
WITH counted AS (
    SELECT
        number,
        key,
        account_id,
        pool,
        story,
        satisfaction,
        recommendation,
        unnest(range(
            CASE
                WHEN status <> 'active' OR without_surveys THEN 0
                WHEN pool = 'head' THEN 6
                WHEN pool = 'large' THEN 3
                WHEN per_mille(key, 601) < 240 THEN 1
                ELSE 0
            END
        )) AS part
    FROM book
),

written AS (
    SELECT
        number,
        account_id,
        story,
        part,
        10 + part * 100 + choice(key, stream(602, part), 90) AS days_ago,
        satisfaction + between_numbers(key, stream(603, part), -2, 2) AS satisfaction,
        least(recommendation + choice(key, stream(604, part), 2), 10) AS recommendation,
        NULL AS delivery_satisfaction
    FROM counted
    UNION ALL
    SELECT
        book.number,
        book.account_id,
        NULL AS story,
        1000 + extra.line AS part,
        extra.days_ago,
        extra.satisfaction,
        extra.recommendation,
        extra.delivery_satisfaction
    FROM book
    INNER JOIN story_surveys AS extra ON extra.story = book.story
),

wrong AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY part < 1000 AND story IS NULL ORDER BY mix(number::UBIGINT), number, part
        ) AS turn
    FROM written
)

SELECT
    account_id,
    as_of - days_ago::INTEGER AS surveyed_on,
    -- A score in words, and one past the end of its scale.
    CASE
        WHEN part >= 1000 OR story IS NOT NULL OR turn > wrong_rows(accounts, 2, 2000)
            THEN satisfaction::VARCHAR
        WHEN turn % 2 = 0 THEN '九十五'
        ELSE '985'
    END AS satisfaction,
    recommendation,
    -- Each part is near the whole; a department may well not have served this customer.
    CASE WHEN (number + part) % 4 > 0 THEN least(satisfaction + number % 5 - 2, 100) END
        AS sales_satisfaction,
    CASE WHEN (number + part) % 5 > 0 THEN least(satisfaction + number % 6 - 2, 100) END
        AS technical_satisfaction,
    coalesce(
        delivery_satisfaction,
        CASE WHEN (number + part) % 6 > 0 THEN least(satisfaction + number % 7 - 3, 100) END
    ) AS delivery_satisfaction,
    CASE WHEN (number + part) % 7 > 0 THEN least(satisfaction + number % 4 - 1, 100) END
        AS after_sales_satisfaction
FROM wrong
CROSS JOIN settings
ORDER BY surveyed_on, number, part;
