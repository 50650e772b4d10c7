-- What the departments signed as the lifetime value of a customer: near what it is worth now, so
-- that the value is no news by chance. The value is that of policies/common/field_measures.yaml:
-- margin times retention / (1 + discount of a tenth - retention).
CREATE VIEW value_reviews AS
WITH valued AS (
    SELECT
        book.number,
        book.account_id,
        book.key,
        book.pool,
        book.story,
        (
            book.annual_cents // 100 * book.margin_percent
            + 30 * book.margin_percent * (
                coalesce(ratings.potential_increment, 0)
                + coalesce(ratings.cross_selling_potential, 0)
            ) / 100
            + 100 * coalesce(ratings.technical_spillover, 0)
        ) / 100 * (1 - ratings.churn_probability) / (0.1 + ratings.churn_probability)
        * coalesce(story.reviewed_percent, between_numbers(book.key, 1301, 92, 106)) / 100
            AS lifetime_value
    FROM book
    INNER JOIN ratings ON ratings.number = book.number
    LEFT JOIN story ON story.name = book.story
    WHERE book.status = 'active'
        -- Others are valued by nobody, and so nothing is signed for them.
        AND (
            book.pool = 'head' OR story.reviewed_percent IS NOT NULL
            OR (book.pool = 'large' AND per_mille(book.key, 1303) < 600)
        )
),

signed AS (
    SELECT
        valued.*,
        -- The departments sign within a few days of each other.
        20 + choice(key, 1302, 60) + half * 182 + seat AS days_ago,
        department,
        half * 4 + seat AS part
    FROM valued
    INNER JOIN range(2) AS halves (half) ON half = 0 OR valued.pool = 'head'
    CROSS JOIN (
        VALUES (0, 'sales'), (1, 'marketing'), (2, 'finance'), (3, 'research')
    ) AS departments (seat, department)
    LEFT JOIN gap
        ON gap.story = valued.story AND gap.record = 'value_reviews' AND gap.kind = department
    WHERE gap.story IS NULL
)

SELECT
    account_id,
    as_of - days_ago::INTEGER AS reviewed_on,
    department,
    TRUE AS agreed,
    (round(lifetime_value / 10000) * 10000)::DECIMAL(18, 2) AS lifetime_value
FROM signed
CROSS JOIN settings
ORDER BY reviewed_on, number, part;
