-- Tickets: opened, answered, solved, confirmed, filed in the knowledge base.
CREATE TABLE issue_rows AS
WITH counted AS (
    SELECT
        number,
        key,
        account_id,
        unnest(range(
            CASE
                WHEN status <> 'active' THEN 0
                WHEN pool = 'head' THEN 20
                WHEN pool = 'large' THEN 3
                WHEN per_mille(key, 401) < 300 THEN 1
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
        draw(key, stream(402, part)) AS issue_key
    FROM counted
),

-- What a customer asks for, beside what goes wrong.
requests AS (
    SELECT
        number,
        account_id,
        part,
        draw(key, stream(404, part)) AS request_key
    FROM (
        SELECT
            number,
            key,
            account_id,
            unnest(range(
                CASE
                    WHEN status <> 'active' THEN 0
                    WHEN pool = 'head' THEN 8
                    WHEN pool = 'large' THEN 1
                    WHEN per_mille(key, 405) < 25 THEN 1
                    ELSE 0
                END
            )) AS part
        FROM book
    )
),

ordinary AS (
    SELECT
        *,
        CASE
            WHEN per_mille(issue_key, 1) < 560 THEN 'routine'
            WHEN per_mille(issue_key, 1) < 860 THEN 'technical'
            WHEN per_mille(issue_key, 1) < 920 THEN 'urgent'
            ELSE 'complaint'
        END AS class,
        5 + choice(issue_key, 2, 1000) AS days_ago
    FROM drawn
),

written AS (
    SELECT
        number,
        account_id,
        part,
        issue_key,
        class,
        -- A complaint of the statistical book is old enough to be no news.
        CASE WHEN class = 'complaint' THEN 200 + days_ago * 4 // 5 ELSE days_ago END AS days_ago,
        between_numbers(issue_key, 3, 1, 3) AS severity,
        TRUE AS owned,
        between_numbers(issue_key, 4, 4, 50) AS reply_minutes,
        between_numbers(issue_key, 5, 55, 110) AS solution_minutes,
        CASE class WHEN 'urgent' THEN between_numbers(issue_key, 6, 120, 1200) END
            AS onsite_minutes,
        between_numbers(issue_key, 7, 120, 1200) AS progress_minutes,
        between_numbers(issue_key, 8, 21, 70) AS close_hours,
        TRUE AS confirmed,
        TRUE AS referenced,
        TRUE AS explained
    FROM ordinary
    UNION ALL
    SELECT
        number,
        account_id,
        500 + part AS part,
        request_key AS issue_key,
        'request' AS class,
        5 + choice(request_key, 2, 700) AS days_ago,
        between_numbers(request_key, 3, 1, 3) AS severity,
        TRUE AS owned,
        between_numbers(request_key, 4, 15, 180) AS reply_minutes,
        between_numbers(request_key, 5, 200, 900) AS solution_minutes,
        NULL AS onsite_minutes,
        between_numbers(request_key, 7, 60, 300) AS progress_minutes,
        between_numbers(request_key, 8, 21, 60) AS close_hours,
        TRUE AS confirmed,
        TRUE AS referenced,
        TRUE AS explained
    FROM requests
    UNION ALL
    SELECT
        book.number,
        book.account_id,
        1000 + extra.line AS part,
        draw(book.key, stream(403, extra.days_ago + 1000)) AS issue_key,
        extra.class,
        extra.days_ago,
        extra.severity,
        extra.owned,
        extra.reply_minutes,
        extra.solution_minutes,
        extra.onsite_minutes,
        extra.progress_minutes,
        extra.close_hours,
        extra.confirmed,
        extra.referenced,
        coalesce(extra.explained, TRUE) AS explained
    FROM book
    INNER JOIN story_issues AS extra ON extra.story = book.story
),

opened AS (
    SELECT
        *,
        (as_of - days_ago::INTEGER)::TIMESTAMP
        + to_minutes(between_numbers(issue_key, 9, 480, 1060)) AS opened_at
    FROM written
    CROSS JOIN settings
)

SELECT
    'T' || padded(row_number() OVER (ORDER BY opened_at, number, part), 8) AS issue_id,
    account_id,
    strftime(opened_at, '%Y-%m-%d %H:%M:%S') AS opened_at,
    class,
    severity,
    CASE WHEN owned THEN person(choice(issue_key, 10, 47 * 43)) END AS owner,
    opened_at + to_minutes(reply_minutes) AS replied_at,
    opened_at + to_minutes(onsite_minutes) AS onsite_at,
    opened_at + to_minutes(progress_minutes) AS progress_at,
    opened_at + to_minutes(solution_minutes) AS solution_at,
    opened_at + to_hours(close_hours) AS closed_at,
    CASE WHEN close_hours IS NOT NULL THEN confirmed END AS confirmed,
    CASE
        WHEN close_hours IS NOT NULL AND referenced
            THEN 'KB-' || padded(choice(issue_key, 11, 4000), 4)
    END AS knowledge_reference,
    CASE
        WHEN close_hours IS NOT NULL AND explained THEN root_cause(choice(issue_key, 12, 8))
    END AS root_cause
FROM opened;

-- Sent twice by the ticket system, and a moment that no clock shows.
INSERT INTO issue_rows
SELECT *
FROM issue_rows
WHERE class = 'routine'
ORDER BY issue_id
LIMIT (SELECT wrong_rows(accounts, 1, 2000) FROM settings);

INSERT INTO issue_rows
SELECT issue_rows.* REPLACE (issue_id || '-1' AS issue_id, '2025-02-29 25:61:00' AS opened_at)
FROM issue_rows
WHERE class = 'technical'
ORDER BY issue_id
LIMIT (SELECT wrong_rows(accounts, 1, 2000) FROM settings);

CREATE VIEW issues AS
SELECT *
FROM issue_rows
ORDER BY issue_id;
