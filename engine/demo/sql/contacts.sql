-- Calls, visits and meetings: the regular ones of the large accounts, and others by chance.
CREATE VIEW contacts AS
WITH regular AS (
    SELECT
        book.number,
        book.key,
        book.account_id,
        book.story,
        book.contacts_quiet_for,
        cadence.kind,
        draw(book.key, stream(301, cadence.every_days * 100 + part)) AS contact_key,
        part * cadence.every_days
        + choice(book.key, stream(302, cadence.every_days), cadence.every_days // 2 + 1) AS days_ago,
        part
    FROM book
    INNER JOIN cadence ON cadence.pool = book.pool AND cadence.record = 'contacts'
    CROSS JOIN LATERAL (SELECT unnest(range(400 // cadence.every_days + 1)) AS part)
    WHERE book.status = 'active'
),

counted AS (
    SELECT
        number,
        key,
        account_id,
        story,
        contacts_quiet_for,
        unnest(range(
            CASE
                WHEN status = 'closed' THEN 1
                WHEN pool = 'head' THEN 40
                WHEN pool = 'large' THEN 6
                ELSE 2
            END
        )) AS part
    FROM book
),

irregular AS (
    SELECT
        *,
        ['call', 'call', 'message', 'message', 'visit', 'follow_up', 'event', 'training'][
            choice(contact_key, 1, 8) + 1
        ] AS kind,
        -- The first is recent, the others the rarer the longer ago.
        CASE
            WHEN part = 0 THEN between_numbers(contact_key, 2, 2, 26)
            ELSE 3 + choice(contact_key, 3, 1040) * choice(contact_key, 4, 1040) // 1040
        END AS days_ago
    FROM (SELECT *, draw(key, stream(303, part)) AS contact_key FROM counted)
),

kept AS (
    SELECT number, account_id, contact_key, kind, days_ago, part, 0 AS series
    FROM irregular
    WHERE days_ago >= contacts_quiet_for
    UNION ALL
    SELECT number, account_id, contact_key, kind, days_ago, part, 1 AS series
    FROM regular
    ANTI JOIN gap
        ON gap.story = regular.story AND gap.record = 'contacts' AND gap.kind = regular.kind
        AND regular.days_ago < gap.days
    WHERE days_ago >= contacts_quiet_for
),

written AS (
    SELECT
        number,
        account_id,
        contact_key,
        kind,
        -- One contact in five hundred is an appointment that lies ahead.
        CASE
            WHEN series = 0 AND part > 0 AND per_mille(contact_key, 5) < 2
                THEN -(days_ago % 40) - 1
            ELSE days_ago
        END AS days_ago,
        part,
        series,
        choice(contact_key, 6, 6) AS department
    FROM kept
    UNION ALL
    SELECT
        book.number,
        book.account_id,
        draw(book.key, stream(304, extra.days_ago + 1000)) AS contact_key,
        extra.kind,
        extra.days_ago,
        extra.line AS part,
        2 AS series,
        extra.department
    FROM book
    INNER JOIN story_contacts AS extra ON extra.story = book.story
)

SELECT
    account_id,
    as_of - days_ago::INTEGER AS contacted_on,
    kind,
    department(department) AS department,
    person(choice(contact_key, 7, 47 * 43)) AS person
FROM written
CROSS JOIN settings
ORDER BY contacted_on, number, series, part, kind;
