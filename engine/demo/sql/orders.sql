-- Three years of orders. An account buys at about the same days of each year, so that a
-- quarter can be compared with the same quarter a year ago.
CREATE VIEW orders AS
WITH yearly AS (
    SELECT
        number,
        account_id,
        key,
        status,
        story,
        annual_cents // 100 AS year_0,
        annual_cents // (100 + growth_percent) AS year_1,
        annual_cents * 100 // ((100 + growth_percent) * (100 + earlier_growth_percent)) AS year_2,
        home_line,
        business_lines,
        business_lines_before,
        margin_percent,
        margin_percent_before,
        returned_percent,
        orders_quiet_for,
        bought_once,
        orders_per_year,
        unnest(range(orders_per_year)) AS part
    FROM book
),

placed AS (
    SELECT
        *,
        draw(key, stream(101, part * 3 + year)) AS order_key,
        year * 365 + ((part * 4096 + choice(key, stream(102, part), 4096)) * 365)
        // (orders_per_year * 4096) AS days_ago
    FROM yearly
    CROSS JOIN range(3) AS years (year)
),

-- One account in fifty has an order dated ahead: entered, not placed yet.
dated AS (
    SELECT
        * REPLACE (
            CASE
                WHEN year = 2 AND part = 0 AND story IS NULL AND per_mille(key, 103) < 20
                    THEN -between_numbers(order_key, 1, 1, 30)
                ELSE days_ago
            END AS days_ago
        )
    FROM placed
    WHERE days_ago >= orders_quiet_for AND NOT (bought_once AND year > 0)
        AND (status <> 'closed' OR days_ago >= 400)
),

written AS (
    SELECT
        number,
        part * 3 + year AS turn,
        account_id,
        days_ago,
        -- Whole hundreds of yuan, a little to either side of the even share of the year.
        greatest(
            CASE year WHEN 0 THEN year_0 WHEN 1 THEN year_1 ELSE year_2 END
            // orders_per_year * between_numbers(order_key, 2, 930, 1070) // 100000 * 100,
            100
        ) AS amount,
        1000 - 10 * CASE year WHEN 0 THEN margin_percent ELSE margin_percent_before END
        + between_numbers(order_key, 3, -15, 15) AS cost_per_mille,
        CASE
            WHEN returned_percent > 0 THEN returned_percent * 10
            WHEN per_mille(order_key, 4) < 40 THEN between_numbers(order_key, 5, 5, 40)
            ELSE 0
        END AS returned_per_mille,
        (home_line + part % CASE year WHEN 0 THEN business_lines ELSE business_lines_before END)
        % business_line_count() AS line,
        part // 3 AS project,
        choice(order_key, 6, 10) AS kind_number,
        NULL AS kind
    FROM dated
    UNION ALL
    SELECT
        book.number,
        1000000 + extra.line AS turn,
        book.account_id,
        extra.days_ago,
        extra.amount,
        1000 - coalesce(extra.margin_percent, book.margin_percent) * 10 AS cost_per_mille,
        0 AS returned_per_mille,
        coalesce(extra.business_line, book.home_line) AS line,
        9 AS project,
        0 AS kind_number,
        extra.kind
    FROM book
    INNER JOIN story_orders AS extra ON extra.story = book.story
    UNION ALL
    -- Orders of accounts that the account table does not have.
    SELECT
        accounts + lost AS number,
        0 AS turn,
        'X' || padded(lost + 1, 7) AS account_id,
        choice(row_key(seed, lost), 104, 1000) AS days_ago,
        50000 AS amount,
        800 AS cost_per_mille,
        0 AS returned_per_mille,
        0 AS line,
        0 AS project,
        0 AS kind_number,
        NULL AS kind
    FROM settings
    CROSS JOIN LATERAL (SELECT unnest(range(wrong_rows(accounts, 2, 1000))) AS lost)
)

SELECT
    account_id,
    as_of - days_ago::INTEGER AS ordered_on,
    amount::DECIMAL(18, 2) AS amount,
    (amount * cost_per_mille // 10 * 0.01::DECIMAL(3, 2))::DECIMAL(18, 2) AS cost,
    (amount * returned_per_mille // 10 * 0.01::DECIMAL(3, 2))::DECIMAL(18, 2) AS returned_amount,
    business_line(line) AS business_line,
    'XM' || padded(number + 1, 7) || '-' || (project + 1) AS project,
    coalesce(
        kind,
        CASE
            WHEN business_line(line) = '运维服务' THEN 'maintenance'
            WHEN kind_number < 2 THEN 'value_added'
            WHEN kind_number < 6 THEN 'product'
            ELSE 'project'
        END
    ) AS kind
FROM written
CROSS JOIN settings
ORDER BY ordered_on, number, turn;
