-- What is agreed with a customer to happen on a day: signing, going live, a return visit, the
-- renewal. Kept for those that are looked after by plan, and mostly on time.
CREATE VIEW service_nodes AS
WITH counted AS (
    SELECT
        number,
        key,
        account_id,
        unnest(range(
            CASE
                WHEN status <> 'active' THEN 0
                WHEN pool = 'head' THEN 10
                WHEN pool = 'large' THEN 2
                WHEN per_mille(key, 1101) < 60 THEN 1
                ELSE 0
            END
        )) AS part
    FROM book
),

drawn AS (
    SELECT
        *,
        draw(key, stream(1102, part)) AS node_key
    FROM counted
),

planned AS (
    SELECT
        number,
        account_id,
        part,
        between_numbers(node_key, 1, 3, 620) AS days_ago,
        ['signing', 'delivery', 'go_live', 'return_visit', 'return_visit', 'operation', 'renewal'][
            choice(node_key, 2, 7) + 1
        ] AS kind,
        between_numbers(node_key, 3, 30, 110) AS due_in,
        between_numbers(node_key, 4, -12, 0) AS done_before,
        choice(node_key, 5, 47 * 43) AS owner
    FROM drawn
),

written AS (
    SELECT
        number,
        account_id,
        part,
        days_ago,
        kind,
        due_in,
        CASE WHEN due_in + done_before <= days_ago THEN due_in + done_before END AS done_in,
        person(owner) AS owner
    FROM planned
    UNION ALL
    SELECT
        book.number,
        book.account_id,
        1000 + extra.line AS part,
        extra.days_ago,
        extra.kind,
        extra.due_in,
        NULL AS done_in,
        CASE WHEN coalesce(extra.owned, TRUE) THEN person(book.manager) END AS owner
    FROM book
    INNER JOIN story_service_nodes AS extra ON extra.story = book.story
)

SELECT
    'N' || padded(row_number() OVER (ORDER BY days_ago DESC, number, part), 8) AS node_id,
    account_id,
    as_of - days_ago::INTEGER AS recorded_on,
    kind,
    as_of - (days_ago - due_in)::INTEGER AS due_on,
    as_of - (days_ago - done_in)::INTEGER AS done_on,
    owner
FROM written
CROSS JOIN settings
ORDER BY recorded_on, number, part;
