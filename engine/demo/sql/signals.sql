-- What is heard about a customer. By chance only mild public sentiment; the rest is planted.
CREATE VIEW signals AS
WITH written AS (
    SELECT
        number,
        account_id,
        0 AS part,
        5 + choice(key, 802, 1000) AS days_ago,
        'public_sentiment' AS kind,
        1 AS severity,
        '媒体一般性报道' AS note
    FROM book
    WHERE per_mille(key, 801) < 100
    UNION ALL
    SELECT
        book.number,
        book.account_id,
        1000 + extra.line AS part,
        extra.days_ago,
        extra.kind,
        extra.severity,
        extra.note
    FROM book
    INNER JOIN story_signals AS extra ON extra.story = book.story
    UNION ALL
    SELECT
        accounts + lost AS number,
        'X' || padded(lost + 1, 7) AS account_id,
        0 AS part,
        30 AS days_ago,
        'public_sentiment' AS kind,
        1 AS severity,
        '客户编号不存在' AS note
    FROM settings
    CROSS JOIN LATERAL (SELECT unnest(range(wrong_rows(accounts, 1, 5000))) AS lost)
)

SELECT
    account_id,
    as_of - days_ago::INTEGER AS observed_on,
    kind,
    severity,
    note
FROM written
CROSS JOIN settings
ORDER BY observed_on, number, part;
