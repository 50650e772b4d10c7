-- How often a customer came to the website and used our product, by the month, where that is
-- counted at all: with the large customers and a few others.
CREATE VIEW usage AS
WITH counted AS (
    SELECT
        number,
        key,
        account_id,
        kind,
        unnest(range(
            CASE
                WHEN status <> 'active' THEN 0
                WHEN pool = 'head' THEN 13
                WHEN pool = 'large' AND per_mille(key, 1201) < 150 THEN 7
                WHEN per_mille(key, 1201) < 6 THEN 7
                ELSE 0
            END
        )) AS part
    FROM book
    CROSS JOIN (VALUES ('website_visit'), ('product_use')) AS kinds (kind)
),

written AS (
    SELECT
        number,
        account_id,
        part,
        kind,
        part * 30 + choice(key, 1202, 25) AS days_ago,
        CASE kind
            WHEN 'website_visit' THEN between_numbers(key, stream(1203, part), 0, 8)
            ELSE
                between_numbers(key, 1204, 20, 60)
                + between_numbers(key, stream(1205, part), -4, 4)
        END AS times
    FROM counted
    UNION ALL
    SELECT
        book.number,
        book.account_id,
        1000 + extra.line AS part,
        extra.kind,
        extra.days_ago,
        extra.times
    FROM book
    INNER JOIN story_usage AS extra ON extra.story = book.story
)

SELECT
    account_id,
    as_of - days_ago::INTEGER AS used_on,
    kind,
    times
FROM written
CROSS JOIN settings
ORDER BY used_on, number, kind, part;
