-- The account table, as text: a few cells are wrong on purpose, which no typed column holds.
CREATE TABLE account_names AS
WITH named AS (
    -- One account in a hundred has the name of the account before it: a branch, a second
    -- entry of the same customer. Names are no keys.
    SELECT
        number,
        row_key(
            (SELECT names_salt FROM settings),
            CASE WHEN number > 0 AND number % 97 = 41 THEN number - 1 ELSE number END
        ) AS name_key
    FROM book
),

chosen AS (
    SELECT
        named.number,
        named.name_key,
        coalesce(
            story.ownership,
            CASE
                WHEN book.pool = 'head'
                    THEN ['private', 'state_owned', 'foreign'][choice(name_key, 1, 3) + 1]
                WHEN per_mille(name_key, 1) < 640 THEN 'private'
                WHEN per_mille(name_key, 1) < 800 THEN 'state_owned'
                WHEN per_mille(name_key, 1) < 880 THEN 'foreign'
                WHEN per_mille(name_key, 1) < 960 THEN 'government'
                ELSE 'central_state_owned'
            END
        ) AS ownership,
        choice(name_key, 2, city_count()) AS city_number,
        choice(name_key, 3, trade_count()) AS trade_number,
        choice(name_key, 4, public_body_count()) AS body_number,
        brand_start(choice(name_key, 5, brand_start_count()))
        || brand_end(choice(name_key, 6, brand_end_count())) AS brand
    FROM named
    INNER JOIN book ON book.number = named.number
    LEFT JOIN story ON story.name = book.story
)

SELECT
    number,
    ownership,
    brand,
    region(city_number) AS region,
    CASE ownership
        WHEN 'government' THEN public_industry(body_number)
        ELSE industry(trade_number)
    END AS industry,
    CASE ownership
        WHEN 'government' THEN city(city_number) || public_body(body_number)
        WHEN 'central_state_owned'
            THEN
                '中' || brand_end(choice(name_key, 6, brand_end_count())) || trade(trade_number)
                || '集团' || city(city_number) || '分公司'
        WHEN 'foreign' THEN brand || trade(trade_number) || '(' || city(city_number) || ')有限公司'
        WHEN 'state_owned' THEN city(city_number) || brand || trade(trade_number) || '集团有限公司'
        ELSE
            city(city_number) || brand || trade(trade_number)
            || company_form(choice(name_key, 7, 10))
    END AS name
FROM chosen;

CREATE TABLE account_rows AS
WITH wrong AS (
    -- Wrong cells, one kind each, in accounts that play no other part.
    SELECT
        number,
        row_number() OVER (ORDER BY draw(key, 30), number) AS turn
    FROM book
    WHERE pool = 'small' AND story IS NULL
),

wrong_cells AS (
    SELECT
        number,
        ['date', 'number', 'status'][(turn - 1) % 3 + 1] AS wrong
    FROM wrong
    WHERE turn <= (SELECT wrong_rows(accounts, 3, 2000) FROM settings)
),

typed AS (
    SELECT
        book.number,
        book.key,
        book.pool,
        book.account_id,
        book.status,
        wrong_cells.wrong,
        names.name,
        names.region,
        names.industry,
        names.ownership,
        coalesce(
            story.is_core_domain,
            per_mille(key, 31) < CASE book.pool WHEN 'large' THEN 600 ELSE 350 END
        ) AS is_core_domain,
        coalesce(
            story.controller,
            CASE WHEN per_mille(key, 32) < 60 THEN names.brand || '控股' END
        ) AS controller,
        coalesce(
            story.cooperation_stage,
            CASE
                WHEN book.status = 'prospect' THEN 'first_cooperation'
                WHEN per_mille(key, 33) < 150 THEN 'running_in'
                WHEN per_mille(key, 33) < 400 THEN 'delivery'
                WHEN per_mille(key, 33) < 900 THEN 'stable'
                ELSE 'renewal'
            END
        ) AS cooperation_stage,
        CASE
            WHEN book.status = 'prospect' THEN NULL
            ELSE
                as_of
                - coalesce(story.cooperation_days, between_numbers(key, 34, 1100, 5500))::INTEGER
        END AS cooperation_since,
        CASE
            WHEN NOT coalesce(story.without_dates, FALSE)
                THEN
                    as_of
                    + coalesce(story.anniversary_in, between_numbers(key, 35, 45, 340))::INTEGER
                    - (365.25 * between_numbers(key, 36, 18, 40))::INTEGER
        END AS founded_on,
        CASE
            WHEN per_mille(key, 37) >= 30 OR book.story IS NOT NULL
                THEN person(choice(key, 38, 47 * 43))
        END AS contact_name,
        CASE
            WHEN
                (per_mille(key, 37) >= 30 OR book.story IS NOT NULL)
                AND NOT coalesce(story.without_dates, FALSE)
                THEN
                    as_of + coalesce(story.birthday_in, between_numbers(key, 39, 45, 340))::INTEGER
                    - (365.25 * between_numbers(key, 40, 32, 58))::INTEGER
        END AS contact_birthday,
        -- 100 to 109 are no numbers of any network: nobody is called by mistake.
        '10' || padded(choice(key, 41, 1000000000), 9) AS contact_phone,
        coalesce(
            story.credit_rating,
            CASE
                WHEN per_mille(key, 42) < 40 THEN NULL
                WHEN per_mille(key, 42) < 140 THEN 'B'
                WHEN per_mille(key, 42) < 440 THEN 'A'
                WHEN per_mille(key, 42) < 800 THEN 'AA'
                ELSE 'AAA'
            END
        ) AS credit_rating,
        coalesce(story.industry_growth, between_numbers(key, 43, 0, 160) / 1000.0)
            AS industry_growth,
        coalesce(
            story.market_share_change,
            CASE WHEN per_mille(key, 44) >= 80 THEN between_numbers(key, 45, -15, 30) / 1000.0 END
        ) AS market_share_change,
        coalesce(
            story.capacity_multiple_3y,
            CASE WHEN per_mille(key, 46) >= 80 THEN between_numbers(key, 47, 8, 22) / 10.0 END
        ) AS capacity_multiple_3y,
        coalesce(story.joint_development, per_mille(key, 48) < 80) AS joint_development,
        coalesce(story.supplier_referrals, greatest(between_numbers(key, 49, -6, 2), 0))
            AS supplier_referrals,
        coalesce(
            story.strategic_fit,
            CASE WHEN per_mille(key, 50) >= 50 THEN between_numbers(key, 51, 1, 4) END
        ) AS strategic_fit,
        coalesce(
            story.expansion_opportunities,
            greatest(between_numbers(key, 52, CASE book.pool WHEN 'large' THEN 0 ELSE -2 END, 3), 0)
        )
            AS expansion_opportunities,
        coalesce(
            story.repurchase_intention,
            CASE WHEN per_mille(key, 53) >= 50 THEN between_numbers(key, 54, 3, 5) END
        ) AS repurchase_intention,
        ratings.churn_probability,
        coalesce(
            story.churn_reason,
            CASE
                WHEN book.status = 'closed'
                    THEN
                        ['service', 'price', 'competitor', 'demand', 'other'][
                            choice(key, 56, 5) + 1
                        ]
            END
        ) AS churn_reason,
        ratings.* EXCLUDE (number, churn_probability)
    FROM book
    CROSS JOIN settings
    INNER JOIN account_names AS names ON names.number = book.number
    INNER JOIN ratings ON ratings.number = book.number
    LEFT JOIN wrong_cells ON wrong_cells.number = book.number
    LEFT JOIN story ON story.name = book.story
)

SELECT
    number,
    0 AS copy,
    account_id,
    name AS customer_name,
    CASE WHEN wrong = 'status' THEN '活跃' ELSE status END AS status,
    region,
    industry,
    ownership,
    is_core_domain,
    controller,
    cooperation_stage,
    CASE wrong WHEN 'date' THEN '2019-02-30' ELSE cooperation_since::VARCHAR END
        AS cooperation_since,
    founded_on,
    contact_name,
    contact_birthday,
    contact_phone,
    credit_rating,
    industry_growth,
    market_share_change,
    CASE wrong WHEN 'number' THEN '约3倍' ELSE capacity_multiple_3y::VARCHAR END
        AS capacity_multiple_3y,
    joint_development,
    supplier_referrals,
    strategic_fit,
    expansion_opportunities,
    repurchase_intention,
    churn_probability,
    churn_reason,
    company_size,
    contact_position,
    industry_influence,
    technical_synergy,
    brand_endorsement,
    cooperation_willingness,
    budget_fit,
    customer_type,
    journey_stage,
    journey_stage_since,
    contract_ends_on,
    renewal_probability,
    potential_increment,
    cross_selling_potential,
    technical_spillover,
    partners_brought,
    joint_market_projects,
    joint_patents,
    financial_health,
    market_position,
    supply_chain_resilience,
    credit_reviewed_on,
    cash_flow,
    is_multinational,
    sustainability_focus,
    equipment_online
FROM typed;

-- An account entered twice: the second row repeats the key.
INSERT INTO account_rows
SELECT
    account_rows.* REPLACE (1 AS copy, customer_name || '(重复录入)' AS customer_name)
FROM account_rows
SEMI JOIN (
    SELECT
        number,
        row_number() OVER (ORDER BY draw(key, 29), number) AS turn
    FROM book
    WHERE pool = 'small' AND story IS NULL
    QUALIFY turn <= (SELECT wrong_rows(accounts, 1, 5000) FROM settings)
) AS chosen ON chosen.number = account_rows.number;

CREATE VIEW accounts AS
SELECT * EXCLUDE (number, copy)
FROM account_rows
ORDER BY number, copy;
