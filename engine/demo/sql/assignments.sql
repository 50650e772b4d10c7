-- Who looks after whom: an AB pair for every active account, a team for the large ones.
CREATE VIEW assignments AS
WITH team (pool, role, seat, low_years, high_years) AS (
    VALUES
        ('small', 'customer_manager', 0, 1, 6),
        ('small', 'deputy_customer_manager', 1, 1, 4),
        ('large', 'customer_manager', 0, 3, 9),
        ('large', 'deputy_customer_manager', 1, 2, 6),
        ('large', 'technical_expert', 2, 3, 12),
        ('large', 'after_sales_engineer', 3, 2, 10),
        ('large', 'product_manager', 4, 2, 10),
        ('large', 'project_manager', 9, 2, 10),
        ('large', 'service_manager', 10, 2, 10),
        ('head', 'customer_manager', 0, 6, 15),
        ('head', 'deputy_customer_manager', 1, 5, 9),
        ('head', 'technical_expert', 2, 5, 15),
        ('head', 'after_sales_engineer', 3, 5, 15),
        ('head', 'product_manager', 4, 5, 12),
        ('head', 'sponsor', 5, 3, 10),
        ('head', 'business_line_head', 6, 4, 12),
        ('head', 'business_line_head', 7, 4, 12),
        ('head', 'business_line_head', 8, 4, 12),
        ('head', 'project_manager', 9, 5, 12),
        ('head', 'service_manager', 10, 4, 12),
        ('head', 'dedicated_adviser', 11, 3, 10),
        ('head', 'research_engineer', 12, 3, 12),
        ('head', 'process_engineer', 13, 3, 12),
        ('head', 'quality_engineer', 14, 3, 12),
        ('head', 'production_planner', 15, 3, 12),
        ('head', 'supply_chain_planner', 16, 3, 12),
        ('head', 'finance_partner', 17, 3, 12)
),

current AS (
    SELECT
        book.number,
        book.account_id,
        team.seat AS part,
        team.role,
        between_numbers(book.key, stream(701, team.seat), 60, 1000) AS days_ago,
        NULL AS ended_days_ago,
        -- Each manager is the deputy of a colleague; experts come from pools of their own.
        CASE
            WHEN team.seat = 0 THEN book.manager
            WHEN team.seat = 1 THEN (book.manager + 1) % managers
            ELSE managers + 40 * team.seat + choice(book.key, stream(702, team.seat), 40)
        END AS person,
        between_numbers(
            book.key, stream(703, team.seat), team.low_years * 10, team.high_years * 10
        ) AS tenths
    FROM book
    CROSS JOIN settings
    INNER JOIN team ON team.pool = book.pool
    LEFT JOIN gap ON gap.story = book.story AND gap.record = 'assignments' AND gap.kind = team.role
    WHERE book.status = 'active' AND gap.story IS NULL AND NOT book.without_assignments
),

-- One account in six had another manager before.
former AS (
    SELECT
        number,
        account_id,
        100 AS part,
        'customer_manager' AS role,
        1060 AS days_ago,
        between_numbers(key, 704, 1001, 1040) AS ended_days_ago,
        (manager + 7) % managers AS person,
        between_numbers(key, 705, 10, 60) AS tenths
    FROM book
    CROSS JOIN settings
    WHERE status <> 'prospect' AND per_mille(key, 706) < 160
),

extra AS (
    SELECT
        book.number,
        book.account_id,
        1000 + story_assignments.line AS part,
        story_assignments.role,
        story_assignments.days_ago,
        story_assignments.ended_days_ago,
        coalesce(managers + 400 + story_assignments.person, book.manager) AS person,
        story_assignments.years_in_role * 10 AS tenths
    FROM book
    CROSS JOIN settings
    INNER JOIN story_assignments ON story_assignments.story = book.story
),

written AS (
    SELECT * FROM current
    UNION ALL
    SELECT * FROM former
    UNION ALL
    SELECT * FROM extra
)

SELECT
    account_id,
    as_of - days_ago::INTEGER AS assigned_on,
    as_of - ended_days_ago::INTEGER AS ended_on,
    role,
    person(person) AS person,
    (tenths * 0.1::DECIMAL(2, 1))::DECIMAL(4, 1) AS years_in_role
FROM written
CROSS JOIN settings
ORDER BY number, part;
