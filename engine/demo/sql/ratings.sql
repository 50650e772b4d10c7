-- What departments rate, estimate and know about an account, beside what it does. Missing where
-- nobody has looked yet. The sums in money lean on what the account buys, so that an estimate is
-- never far from the business that there is.
CREATE TABLE ratings AS
WITH estimated AS (
    SELECT
        book.number,
        book.key,
        book.pool,
        book.status,
        book.story,
        book.annual_cents // 100 AS annual,
        coalesce(story.churn_probability, between_numbers(book.key, 55, 10, 250) / 1000.0)
            AS churn_probability
    FROM book
    LEFT JOIN story ON story.name = book.story
)

SELECT
    estimated.number,
    estimated.churn_probability,
    CASE
        WHEN coalesce(story.without_profile, FALSE) THEN NULL
        ELSE coalesce(
            story.company_size,
            CASE
                WHEN estimated.pool = 'head' THEN 'large'
                WHEN estimated.pool = 'large'
                    THEN ['medium', 'large', 'large'][choice(key, 60, 3) + 1]
                WHEN per_mille(key, 61) < 20 AND estimated.story IS NULL THEN NULL
                WHEN per_mille(key, 61) < 90 THEN 'micro'
                WHEN per_mille(key, 61) < 420 THEN 'small'
                WHEN per_mille(key, 61) < 900 THEN 'medium'
                ELSE 'large'
            END
        )
    END AS company_size,
    CASE
        WHEN NOT coalesce(story.without_profile, FALSE) THEN position_title(choice(key, 62, 10))
    END AS contact_position,
    coalesce(
        story.industry_influence,
        CASE
            WHEN per_mille(key, 63) < 30 THEN NULL
            WHEN estimated.pool = 'large' THEN between_numbers(key, 64, 2, 3)
            ELSE [1, 1, 1, 2, 2, 2, 2, 2, 3, 3][choice(key, 64, 10) + 1]
        END
    ) AS industry_influence,
    coalesce(
        story.technical_synergy,
        CASE
            WHEN per_mille(key, 65) < 30 THEN NULL
            WHEN estimated.pool = 'large' THEN between_numbers(key, 66, 3, 4)
            ELSE [1, 2, 2, 3, 3, 4][choice(key, 66, 6) + 1]
        END
    ) AS technical_synergy,
    coalesce(story.brand_endorsement, per_mille(key, 67) < 120) AS brand_endorsement,
    coalesce(
        story.cooperation_willingness,
        CASE
            WHEN per_mille(key, 68) < 30 THEN NULL
            WHEN estimated.pool = 'large' THEN between_numbers(key, 69, 3, 5)
            ELSE [2, 3, 3, 3, 4, 5][choice(key, 69, 6) + 1]
        END
    ) AS cooperation_willingness,
    coalesce(
        story.budget_fit,
        CASE WHEN per_mille(key, 70) >= 30 THEN [2, 2, 3, 3, 4, 4][choice(key, 71, 6) + 1] END
    ) AS budget_fit,
    coalesce(
        story.customer_type,
        CASE
            WHEN per_mille(key, 72) < 400 THEN 'conservative'
            WHEN per_mille(key, 72) < 560 THEN 'innovative'
            WHEN per_mille(key, 72) < 600 THEN 'high_potential'
        END
    ) AS customer_type,
    coalesce(
        story.journey_stage,
        CASE
            WHEN estimated.status = 'prospect' THEN 'proposal'
            WHEN per_mille(key, 73) < 60 THEN 'contract'
            WHEN per_mille(key, 73) < 300 THEN 'delivery'
            WHEN per_mille(key, 73) < 350 THEN 'acceptance'
            WHEN per_mille(key, 73) < 950 THEN 'operation'
            ELSE 'renewal'
        END
    ) AS journey_stage,
    -- Short enough to be on its way; what is stuck is planted.
    as_of - coalesce(
        story.journey_days,
        CASE
            WHEN per_mille(key, 73) BETWEEN 60 AND 299 OR per_mille(key, 73) BETWEEN 350 AND 949
                THEN between_numbers(key, 74, 20, 700)
            ELSE between_numbers(key, 74, 5, 55)
        END
    )::INTEGER AS journey_stage_since,
    CASE
        WHEN
            estimated.status = 'active'
            AND (per_mille(key, 75) < 700 OR story.contract_ends_in IS NOT NULL)
            THEN
                as_of
                + coalesce(story.contract_ends_in, between_numbers(key, 76, 100, 720))::INTEGER
    END AS contract_ends_on,
    coalesce(
        story.renewal_probability,
        CASE WHEN per_mille(key, 77) >= 200 THEN between_numbers(key, 78, 62, 95) / 100.0 END
    )::DECIMAL(9, 4) AS renewal_probability,
    coalesce(
        story.potential_increment,
        CASE
            WHEN per_mille(key, 79) < 350
                THEN annual * between_numbers(key, 80, 2, 15) // 1000 * 10
        END
    )::DECIMAL(18, 2) AS potential_increment,
    coalesce(
        story.cross_selling_potential,
        CASE
            WHEN per_mille(key, 81) < 300
                THEN annual * between_numbers(key, 82, 2, 10) // 1000 * 10
        END
    )::DECIMAL(18, 2) AS cross_selling_potential,
    CASE
        WHEN per_mille(key, 83) < 60 THEN annual * between_numbers(key, 84, 1, 3) // 1000 * 10
    END::DECIMAL(18, 2) AS technical_spillover,
    coalesce(story.partners_brought, greatest(between_numbers(key, 85, -7, 2), 0))
        AS partners_brought,
    coalesce(story.joint_market_projects, CASE WHEN per_mille(key, 86) < 30 THEN 1 ELSE 0 END)
        AS joint_market_projects,
    coalesce(story.joint_patents, CASE WHEN per_mille(key, 87) < 40 THEN 1 ELSE 0 END)
        AS joint_patents,
    coalesce(
        story.financial_health,
        CASE WHEN per_mille(key, 88) >= 60 THEN [3, 3, 4, 4, 4, 5][choice(key, 89, 6) + 1] END
    ) AS financial_health,
    coalesce(
        story.market_position,
        CASE
            WHEN per_mille(key, 90) < 60 THEN NULL
            WHEN per_mille(key, 90) < 760 THEN 'stable'
            ELSE 'leading'
        END
    ) AS market_position,
    coalesce(
        story.supply_chain_resilience,
        CASE WHEN per_mille(key, 91) >= 60 THEN [3, 3, 4, 4, 5][choice(key, 92, 5) + 1] END
    ) AS supply_chain_resilience,
    CASE
        WHEN estimated.status = 'active' AND NOT coalesce(story.credit_never_reviewed, FALSE)
            THEN
                as_of
                - coalesce(story.credit_reviewed_days, between_numbers(key, 93, 20, 330))::INTEGER
    END AS credit_reviewed_on,
    coalesce(
        story.cash_flow,
        CASE
            WHEN per_mille(key, 94) < 100 THEN NULL
            WHEN per_mille(key, 94) < 170 THEN 'tight'
            WHEN per_mille(key, 94) < 700 THEN 'adequate'
            ELSE 'ample'
        END
    ) AS cash_flow,
    per_mille(key, 95) < 90 AS is_multinational,
    per_mille(key, 96) < 140 AS sustainability_focus,
    coalesce(
        story.equipment_online,
        per_mille(key, 97)
        < CASE estimated.pool WHEN 'head' THEN 1000 WHEN 'large' THEN 400 ELSE 50 END
    ) AS equipment_online
FROM estimated
CROSS JOIN settings
LEFT JOIN story ON story.name = estimated.story;
