-- One row per account: who it is, how large, which story it plays in, and how it behaves.
-- Every record table is generated from this one.

-- A place in the order of size, by lot: place 0 is the largest customer.
CREATE TABLE seat AS
WITH keyed AS (
    SELECT
        number,
        row_key((SELECT accounts_salt FROM settings), number) AS key
    FROM range((SELECT accounts FROM settings)) AS numbers (number)
)
SELECT
    number,
    key,
    row_number() OVER (ORDER BY draw(key, 1), number) - 1 AS place
FROM keyed;

-- Who may take part in which story. The head of the book is cast by place instead.
CREATE TABLE standing AS
SELECT
    seat.*,
    head.revenue_share,
    head.story AS head_story,
    CASE
        WHEN head.place IS NOT NULL THEN 'active'
        WHEN per_mille(key, 2) < 820 THEN 'active'
        WHEN per_mille(key, 2) < 920 THEN 'prospect'
        ELSE 'closed'
    END AS status,
    CASE
        WHEN head.place IS NOT NULL THEN 'head'
        WHEN per_mille(key, 2) >= 820 THEN 'none'
        WHEN seat.place < 8 + (SELECT accounts FROM settings) // 10 THEN 'large'
        ELSE 'small'
    END AS pool
FROM seat
LEFT JOIN head ON head.place = seat.place;

-- Each story takes the next places of its pool, in an order of their own.
CREATE TABLE casting AS
WITH wanted AS (
    SELECT
        ordinal,
        name,
        pool,
        greatest(1, per_mille * (SELECT accounts FROM settings) // 1000) AS accounts
    FROM story
    WHERE pool <> 'head'
),

parts AS (
    SELECT
        pool,
        name,
        row_number() OVER (PARTITION BY pool ORDER BY turn, ordinal) AS position
    FROM (SELECT *, unnest(range(accounts)) AS turn FROM wanted)
),

queue AS (
    SELECT
        number,
        pool,
        row_number() OVER (PARTITION BY pool ORDER BY draw(key, 3), number) AS position
    FROM standing
    WHERE pool IN ('large', 'small')
)

SELECT
    queue.number,
    parts.name AS story
FROM queue
INNER JOIN parts ON parts.pool = queue.pool AND parts.position = queue.position
UNION ALL
SELECT
    number,
    head_story AS story
FROM standing
WHERE head_story IS NOT NULL;

-- The tail of the book: revenue falls with the place as 1 / place, from 15 million down to
-- half a million yuan a year, whatever the number of accounts.
CREATE TABLE sized AS
SELECT
    standing.*,
    casting.story,
    coalesce(
        story.annual_purchase * 100,
        CASE
            WHEN standing.pool = 'head' OR standing.status = 'prospect' THEN 0
            ELSE (50000000.0 / ((place - 7.0) / (SELECT accounts FROM settings) + 0.03))::BIGINT
        END
    ) AS tail_cents
FROM standing
LEFT JOIN casting ON casting.number = standing.number
LEFT JOIN story ON story.name = casting.story;

CREATE TABLE book AS
WITH totals AS (
    SELECT
        (sum(tail_cents) FILTER (status = 'active')) AS tail,
        (SELECT sum(revenue_share) FROM head WHERE place < (SELECT accounts FROM settings)) AS head
    FROM sized
)

SELECT
    sized.number,
    sized.key,
    sized.place,
    sized.pool,
    sized.story,
    coalesce(story.status, sized.status) AS status,
    'K' || padded(sized.number + 1, 7) AS account_id,
    CASE
        WHEN sized.pool = 'head'
            THEN (sized.revenue_share * greatest(tail, 10000000000) / (1 - head))::BIGINT
        ELSE tail_cents
    END AS annual_cents,
    coalesce(story.growth_percent, between_numbers(sized.key, 4, -5, 18)) AS growth_percent,
    between_numbers(sized.key, 5, -5, 20) AS earlier_growth_percent,
    coalesce(
        story.orders_per_year,
        CASE
            WHEN sized.status = 'prospect' THEN 0
            WHEN sized.pool = 'head' THEN between_numbers(sized.key, 6, 24, 40)
            WHEN sized.pool = 'large' THEN between_numbers(sized.key, 6, 5, 9)
            ELSE [1, 1, 2, 3][choice(sized.key, 6, 4) + 1]
        END
    ) AS orders_per_year,
    coalesce(
        story.business_lines,
        CASE WHEN sized.pool IN ('head', 'large') THEN between_numbers(sized.key, 7, 2, 4) ELSE 1 END
    ) AS business_lines,
    coalesce(
        story.business_lines_before,
        story.business_lines,
        CASE WHEN sized.pool IN ('head', 'large') THEN between_numbers(sized.key, 7, 2, 4) ELSE 1 END
    ) AS business_lines_before,
    choice(sized.key, 8, business_line_count()) AS home_line,
    coalesce(story.margin_percent, between_numbers(sized.key, 9, 14, 30)) AS margin_percent,
    coalesce(story.margin_percent_before, story.margin_percent, between_numbers(sized.key, 9, 14, 30))
        AS margin_percent_before,
    coalesce(story.returned_percent, 0) AS returned_percent,
    coalesce(story.term_days, [30, 45, 60, 60][choice(sized.key, 10, 4) + 1]) AS term_days,
    coalesce(story.late_days, between_numbers(sized.key, 11, -15, 0)) AS late_days,
    coalesce(
        story.satisfaction,
        between_numbers(sized.key, 12, CASE sized.pool WHEN 'large' THEN 88 ELSE 83 END, 96)
    ) AS satisfaction,
    coalesce(story.recommendation, between_numbers(sized.key, 13, 7, 9)) AS recommendation,
    coalesce(story.orders_quiet_for, 0) AS orders_quiet_for,
    coalesce(story.contacts_quiet_for, 0) AS contacts_quiet_for,
    -- One manager has most of the largest customers. Of fifty, one has more key accounts than can
    -- be served, one almost as many large ones, and one nothing but content customers.
    CASE
        WHEN story.team IS NOT NULL THEN sized.number // 300 * 50 + story.team
        WHEN sized.pool = 'head' AND sized.place < 6 THEN 2
        WHEN sized.pool = 'large' AND per_mille(sized.key, 15) < 800
            THEN sized.number // 300 * 50 + 1
        ELSE
            choice(sized.key, 14, (SELECT managers FROM settings))
            + CASE
                WHEN choice(sized.key, 14, (SELECT managers FROM settings)) % 50 < 4 THEN 4
                ELSE 0
            END
    END % (SELECT managers FROM settings) AS manager,
    coalesce(story.bought_once, FALSE) AS bought_once,
    coalesce(story.without_surveys, FALSE) AS without_surveys,
    coalesce(story.without_assignments, FALSE) AS without_assignments
FROM sized
CROSS JOIN totals
LEFT JOIN story ON story.name = sized.story;
