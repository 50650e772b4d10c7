-- Second part: scorecards, the ranks that tiers ask for, and the tier of each account and pack.

-- The straight line from (x0, y0) to (x1, y1).
CREATE MACRO line(x, x0, y0, x1, y1) AS y0 + (x - x0) * (y1 - y0) / (x1 - x0);

-- Revenue and profit share earn points by the same curve.
CREATE MACRO share_points(share) AS r6(CASE
    WHEN share <= 0 THEN 0
    WHEN share < 0.03 THEN line(share, 0, 0, 0.03, 40)
    WHEN share < 0.08 THEN line(share, 0.03, 40, 0.08, 70)
    WHEN share < 0.20 THEN line(share, 0.08, 70, 0.20, 100)
    ELSE 100 + 0 * share
END);
-- A part of a scorecard whose missing criteria give their weight to the others.
CREATE MACRO part(points, weight) AS coalesce(points, 0) * weight;
CREATE MACRO known(points, weight) AS CASE WHEN points IS NULL THEN 0 ELSE weight END;

-- The book as a whole; most of these are reported and decide nothing.
CREATE TABLE book AS
SELECT
    count(*) AS accounts,
    sum(annual_purchase)::DOUBLE AS revenue,
    sum(gross_profit)::DOUBLE AS profit,
    sum(key_account_purchase)::DOUBLE / revenue AS key_account_revenue_share,
    count(*) FILTER (annual_purchase_prior > 0 AND annual_purchase > 0)
        / count(*) FILTER (annual_purchase_prior > 0) AS repurchase_rate,
    avg(cooperation_years) AS average_cooperation_years,
    (sum(promoters_12m) - sum(detractors_12m)) * 100 / sum(recommendation_answers_12m) AS book_nps
FROM measures
WHERE is_active;

CREATE TABLE pareto AS
SELECT sum(gross_profit)::DOUBLE / any_value(book.profit) AS pareto_profit_share
FROM (
    SELECT gross_profit FROM measures
    WHERE is_active ORDER BY gross_profit DESC, account_id
    LIMIT (SELECT ceil(accounts * 0.2)::BIGINT FROM book)
), book;

CREATE TABLE scored AS
WITH health AS (
    SELECT
        measures.*,
        r6(annual_purchase::DOUBLE / book.revenue) AS revenue_share,
        r6(gross_profit::DOUBLE / book.profit) AS gross_profit_share,
        r6(gross_margin - book.profit / book.revenue) AS margin_advantage,
        r6(CASE
            WHEN fulfilment_rate <= 0.5 THEN 0
            WHEN fulfilment_rate < 0.8 THEN line(fulfilment_rate, 0.5, 0, 0.8, 50)
            WHEN fulfilment_rate < 1 THEN line(fulfilment_rate, 0.8, 50, 1.0, 100)
            WHEN fulfilment_rate >= 1 THEN 100
        END) AS p_fulfilment,
        r6(CASE
            WHEN complaints_12m < 3 THEN line(complaints_12m, 0, 100, 3, 50)
            WHEN complaints_12m < 8 THEN line(complaints_12m, 3, 50, 8, 0)
            ELSE 0
        END) AS p_complaints,
        line(repurchase_intention, 1, 0, 5, 100) AS p_repurchase,
        r6((part(p_fulfilment, 35) + p_complaints * 35 + part(p_repurchase, 30))
            / (known(p_fulfilment, 35) + 35 + known(p_repurchase, 30))) AS customer_health
    FROM measures, book
),

points AS (
    SELECT
        *,
        share_points(revenue_share) AS p_revenue,
        share_points(gross_profit_share) AS p_profit,
        line(strategic_fit, 1, 0, 5, 100) AS p_fit,
        CASE WHEN joint_development THEN 100 WHEN NOT joint_development THEN 0 END AS p_joint,
        r6(CASE WHEN supplier_referrals < 3 THEN line(supplier_referrals, 0, 0, 3, 100)
            WHEN supplier_referrals >= 3 THEN 100 END) AS p_referrals,
        r6(CASE
            WHEN industry_growth <= -0.1 THEN 0
            WHEN industry_growth < 0 THEN line(industry_growth, -0.1, 0, 0.0, 30)
            WHEN industry_growth < 0.2 THEN line(industry_growth, 0.0, 30, 0.2, 100)
            WHEN industry_growth >= 0.2 THEN 100
        END) AS p_industry,
        r6(CASE
            WHEN market_share_change <= -0.05 THEN 0
            WHEN market_share_change < 0 THEN line(market_share_change, -0.05, 0, 0.0, 40)
            WHEN market_share_change < 0.05 THEN line(market_share_change, 0.0, 40, 0.05, 100)
            WHEN market_share_change >= 0.05 THEN 100
        END) AS p_market,
        r6(CASE
            WHEN capacity_multiple_3y <= 1 THEN 0
            WHEN capacity_multiple_3y < 5 THEN line(capacity_multiple_3y, 1, 0, 5, 100)
            WHEN capacity_multiple_3y >= 5 THEN 100
        END) AS p_capacity,
        r6(CASE
            WHEN annual_purchase <= 0 THEN 0
            WHEN annual_purchase < 5000000 THEN line(annual_purchase::DOUBLE, 0, 0, 5000000, 60)
            WHEN annual_purchase < 20000000
                THEN line(annual_purchase::DOUBLE, 5000000, 60, 20000000, 100)
            ELSE 100
        END) AS p_contract,
        CASE WHEN is_core_domain THEN 100 WHEN NOT is_core_domain THEN 0 END AS p_domain,
        CASE WHEN is_public THEN 100 WHEN NOT is_public THEN 40 END AS p_ownership,
        r6(CASE WHEN expansion_opportunities < 3 THEN line(expansion_opportunities, 0, 0, 3, 100)
            WHEN expansion_opportunities >= 3 THEN 100 END) AS p_expansion,
        r6(CASE
            WHEN satisfaction <= 50 THEN 0
            WHEN satisfaction < 80 THEN line(satisfaction, 50, 0, 80, 60)
            WHEN satisfaction < 100 THEN line(satisfaction, 80, 60, 100, 100)
            WHEN satisfaction >= 100 THEN 100
        END) AS p_satisfaction
    FROM health
)

SELECT
    * EXCLUDE (p_fulfilment, p_complaints, p_repurchase, p_revenue, p_profit, p_fit, p_joint,
        p_referrals, p_industry, p_market, p_capacity, p_contract, p_domain, p_ownership,
        p_expansion, p_satisfaction),
    r6((part(p_revenue, 20) + part(p_profit, 20) + part(p_fit, 15) + part(p_joint, 9)
        + part(p_referrals, 6) + part(p_industry, 10) + part(p_market, 10) + part(p_capacity, 10))
        / nullif(known(p_revenue, 20) + known(p_profit, 20) + known(p_fit, 15) + known(p_joint, 9)
        + known(p_referrals, 6) + known(p_industry, 10) + known(p_market, 10)
        + known(p_capacity, 10), 0)) AS value_score,
    r6((part(p_contract, 25) + part(p_domain, 8) + part(p_ownership, 7) + part(p_expansion, 20)
        + part(p_satisfaction, 20) + part(customer_health, 20))
        / (45 + known(p_domain, 8) + known(p_ownership, 7) + known(p_expansion, 20)
        + known(p_satisfaction, 20))) AS account_score
FROM points;

-- Narrow ranks, joined back: sorting the wide table would cost several times as much.
CREATE TABLE value_ranks AS
SELECT account_id, row_number() OVER (ORDER BY value_score DESC, account_id) AS value_rank
FROM scored WHERE is_active AND value_score IS NOT NULL;

CREATE TABLE account_ranks AS
SELECT account_id, row_number() OVER (ORDER BY account_score DESC, account_id) AS account_rank
FROM scored WHERE is_active;

-- A share of the accounts, rounded up.
CREATE MACRO first_share(per_cent) AS (SELECT ceil(accounts * per_cent / 100) FROM book);

CREATE TABLE placed AS
SELECT
    * EXCLUDE (is_customer_of_note),
    CASE
        WHEN NOT is_active THEN NULL
        WHEN is_customer_of_note AND value_rank <= first_share(5) AND revenue_share > 0.20
            AND business_lines >= 3 AND executive_meetings_12m >= 2 THEN 'strategic'
        WHEN is_customer_of_note AND value_rank <= first_share(15)
            AND revenue_share >= 0.08 THEN 'core'
        WHEN is_customer_of_note AND (
            (value_rank <= first_share(30) AND revenue_share >= 0.03)
            OR revenue_share >= 0.10
            OR (value_rank <= first_share(30) AND margin_advantage >= 0.05
                AND cooperation_stage IN ('first_cooperation', 'running_in'))) THEN 'potential'
        ELSE 'standard'
    END AS level_before,
    CASE
        WHEN NOT is_active THEN NULL
        WHEN account_rank <= first_share(10) AND annual_purchase > 5000000
            AND (is_core_domain OR is_public) THEN 'class_a'
        WHEN account_rank <= first_share(40)
            AND (annual_purchase > 5000000 OR is_core_domain OR is_public) THEN 'class_b'
        ELSE 'class_c'
    END AS class_before
FROM (
    SELECT
        scored.*, value_rank, account_rank,
        coalesce(payment_days >= 180, FALSE) OR purchase_dates_36m <= 1 AS is_excluded,
        strategic_fit >= 3 AND (industry_growth > 0 OR market_share_change > 0)
            AND NOT is_excluded AS is_customer_of_note
    FROM scored
    LEFT JOIN value_ranks USING (account_id)
    LEFT JOIN account_ranks USING (account_id)
);

-- Two milestones promote at once; what follows from a tier follows from the new one.
CREATE TABLE decided AS
SELECT
    *,
    CASE WHEN level_before = 'potential' AND purchase_growth >= 0.3
        AND annual_purchase_prior >= 500000 THEN 'core' ELSE level_before END AS level,
    CASE WHEN class_before = 'class_c' AND annual_purchase > 5000000 AND customer_health >= 75
        THEN 'class_b' ELSE class_before END AS class
FROM placed;

CREATE TABLE tiers AS
SELECT 'key_account_rules' AS pack, account_id, level AS tier FROM decided
UNION ALL
SELECT 'engineering', account_id, class FROM decided;
