-- What was billed, about one invoice for three orders, and what was paid of it.
CREATE VIEW invoices AS
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
        term_days,
        late_days,
        orders_quiet_for,
        bought_once,
        (orders_per_year + 2) // 3 AS per_year,
        unnest(range((orders_per_year + 2) // 3)) AS part
    FROM book
),

placed AS (
    SELECT
        *,
        draw(key, stream(201, part * 3 + year)) AS invoice_key,
        year * 365 + ((part * 4096 + choice(key, stream(202, part), 4096)) * 365)
        // (per_year * 4096) AS days_ago
    FROM yearly
    CROSS JOIN range(3) AS years (year)
),

written AS (
    SELECT
        number,
        part * 3 + year AS turn,
        account_id,
        days_ago,
        term_days,
        greatest(
            CASE year WHEN 0 THEN year_0 WHEN 1 THEN year_1 ELSE year_2 END
            // per_year * between_numbers(invoice_key, 1, 950, 1050) // 100000 * 100,
            100
        ) AS amount,
        greatest(
            term_days + late_days + between_numbers(invoice_key, 2, -8, 0)
            + CASE WHEN story IS NULL AND per_mille(invoice_key, 3) < 40 THEN 20 ELSE 0 END,
            3
        ) AS paid_after,
        NULL AS paid_amount,
        -- Some payments are announced with a day that has not come yet.
        per_mille(invoice_key, 4) < 50 AS announced
    FROM placed
    WHERE days_ago >= orders_quiet_for AND NOT (bought_once AND year > 0)
        AND (status <> 'closed' OR days_ago >= 400)
    UNION ALL
    SELECT
        book.number,
        1000000 + extra.line AS turn,
        book.account_id,
        extra.days_ago,
        extra.term_days,
        extra.amount,
        extra.paid_after,
        extra.paid_amount,
        TRUE AS announced
    FROM book
    INNER JOIN story_invoices AS extra ON extra.story = book.story
    UNION ALL
    SELECT
        accounts + lost AS number,
        0 AS turn,
        'X' || padded(lost + 1, 7) AS account_id,
        choice(row_key(seed, lost), 204, 1000) AS days_ago,
        30 AS term_days,
        50000 AS amount,
        25 AS paid_after,
        NULL AS paid_amount,
        FALSE AS announced
    FROM settings
    CROSS JOIN LATERAL (SELECT unnest(range(wrong_rows(accounts, 1, 2000))) AS lost)
),

settled AS (
    SELECT
        *,
        coalesce(paid_after <= days_ago OR announced, FALSE) AS has_payment
    FROM written
)

SELECT
    account_id,
    as_of - days_ago::INTEGER AS issued_on,
    as_of - (days_ago - term_days)::INTEGER AS due_on,
    amount::DECIMAL(18, 2) AS amount,
    CASE WHEN has_payment THEN as_of - (days_ago - paid_after)::INTEGER END AS paid_on,
    CASE WHEN has_payment THEN coalesce(paid_amount, amount) END::DECIMAL(18, 2) AS paid_amount
FROM settled
CROSS JOIN settings
ORDER BY issued_on, number, turn;
