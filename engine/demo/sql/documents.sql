-- Reports and minutes, handed in at regular intervals for the large accounts.
CREATE VIEW documents AS
WITH regular AS (
    SELECT
        book.number,
        book.account_id,
        book.story,
        book.manager,
        cadence.kind,
        part,
        part * cadence.every_days
        + choice(book.key, stream(901, cadence.every_days), cadence.every_days // 2 + 1) AS days_ago
    FROM book
    INNER JOIN cadence ON cadence.pool = book.pool AND cadence.record = 'documents'
    CROSS JOIN LATERAL (SELECT unnest(range(400 // cadence.every_days + 1)) AS part)
    WHERE book.status = 'active'
),

written AS (
    SELECT number, account_id, manager, kind, part, days_ago
    FROM regular
    ANTI JOIN gap
        ON gap.story = regular.story AND gap.record = 'documents' AND gap.kind = regular.kind
        AND regular.days_ago < gap.days
    UNION ALL
    SELECT
        book.number,
        book.account_id,
        book.manager,
        extra.kind,
        1000 + extra.line AS part,
        extra.days_ago
    FROM book
    INNER JOIN story_documents AS extra ON extra.story = book.story
)

SELECT
    account_id,
    as_of - days_ago::INTEGER AS submitted_on,
    kind,
    person(manager) AS author
FROM written
CROSS JOIN settings
ORDER BY submitted_on, number, kind, part;
