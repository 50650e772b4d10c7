-- One night of the demo book by hand, first part: source files → one row per account.
--
-- Each record file is scanned once and grouped by account id as it is read. Rows that cannot
-- be typed fall away (ignore_errors, a WHERE for the values out of range), and records of
-- unknown accounts find no partner in the last join: the result of a quarantine, without one.

CREATE MACRO as_of() AS DATE '2026-06-30';
-- Every derived number is rounded half to even to six decimals before it is compared.
CREATE MACRO r6(x) AS try_cast((x) * 1e6 AS BIGINT) / 1e6;

CREATE TABLE orders AS
WITH by_line AS (                       -- distinct lines and all sums in one scan
    SELECT
        account_id,
        business_line,
        sum(amount) FILTER (ordered_on > as_of() - 365) AS amount,
        sum(cost) FILTER (ordered_on > as_of() - 365) AS cost,
        sum(returned_amount) FILTER (ordered_on > as_of() - 365) AS returned,
        sum(amount) FILTER (ordered_on > as_of() - 730 AND ordered_on <= as_of() - 365)
            AS amount_prior,
        sum(cost) FILTER (ordered_on > as_of() - 730 AND ordered_on <= as_of() - 365) AS cost_prior,
        sum(amount) FILTER (ordered_on > as_of() - 90) AS amount_90d,
        sum(amount) FILTER (ordered_on > as_of() - 455 AND ordered_on <= as_of() - 365)
            AS amount_90d_prior,
        bool_or(ordered_on > as_of() - 365) AS is_current,
        bool_or(ordered_on > as_of() - 730 AND ordered_on <= as_of() - 365) AS is_prior
    FROM 'orders.parquet'
    WHERE ordered_on <= as_of()
    GROUP BY account_id, business_line
)
SELECT
    account_id,
    sum(amount)::DECIMAL(18, 2) AS annual_purchase,
    sum(cost)::DECIMAL(18, 2) AS annual_cost,
    sum(returned)::DECIMAL(18, 2) AS returned_amount,
    sum(amount_prior)::DECIMAL(18, 2) AS annual_purchase_prior,
    sum(cost_prior)::DECIMAL(18, 2) AS annual_cost_prior,
    sum(amount_90d)::DECIMAL(18, 2) AS purchase_90d,
    sum(amount_90d_prior)::DECIMAL(18, 2) AS purchase_90d_last_year,
    count(business_line) FILTER (is_current) AS business_lines,
    count(business_line) FILTER (is_prior) AS business_lines_prior
FROM by_line
GROUP BY account_id;

CREATE TABLE order_days AS
SELECT account_id, count(*) AS purchase_dates_36m
FROM (
    SELECT DISTINCT account_id, ordered_on
    FROM 'orders.parquet'
    WHERE ordered_on > as_of() - 1095 AND ordered_on <= as_of()
)
GROUP BY account_id;

CREATE TABLE invoices AS
SELECT
    account_id,
    sum(open_amount) FILTER (is_overdue)::DECIMAL(18, 2) AS overdue_amount,
    (avg(days_open) FILTER (issued_on > as_of() - 365 AND (is_paid OR is_overdue)))::BIGINT
        AS payment_days
FROM (
    SELECT
        *,
        amount - CASE WHEN is_paid THEN coalesce(paid_amount, amount) ELSE 0 END AS open_amount,
        due_on < as_of() AND open_amount > 0 AS is_overdue,
        CASE WHEN is_paid THEN paid_on - issued_on ELSE as_of() - issued_on END AS days_open
    FROM (
        SELECT *, coalesce(paid_on <= as_of(), FALSE) AS is_paid
        FROM 'invoices.parquet'
        WHERE issued_on <= as_of()
    )
)
GROUP BY account_id;

CREATE TABLE contacts AS
SELECT
    account_id,
    count(*) FILTER (contacted_on > as_of() - 365) AS contacts_12m,
    as_of() - max(contacted_on) AS days_since_contact,
    count(*) FILTER (contacted_on > as_of() - 365 AND kind = 'executive_meeting')
        AS executive_meetings_12m,
    as_of() - max(contacted_on) FILTER (kind = 'executive_meeting') AS days_since_executive_meeting
FROM 'contacts.parquet'
WHERE contacted_on <= as_of()
GROUP BY account_id;

CREATE TABLE issues AS
SELECT
    account_id,
    count(*) FILTER (class = 'complaint' AND day > as_of() - 365) AS complaints_12m,
    count(*) FILTER (class = 'complaint' AND day > as_of() - 90) AS complaints_90d,
    count(*) FILTER (class = 'complaint' AND day > as_of() - 180 AND day <= as_of() - 90)
        AS complaints_90d_before,
    count(*) FILTER (is_open) AS open_issues,
    count(*) FILTER (is_open AND day <= as_of() - 3) AS issues_open_3_days,
    count(*) FILTER (is_open AND owner IS NULL) AS issues_without_owner,
    count(*) FILTER (is_just_closed AND NOT coalesce(confirmed, FALSE)) AS archived_unconfirmed_90d,
    count(*) FILTER (is_just_closed AND knowledge_reference IS NULL)
        AS archived_without_reference_90d
FROM (
    SELECT DISTINCT                     -- an issue that was exported twice is the same twice
        issue_id, account_id, class, owner, confirmed, knowledge_reference,
        opened_at::DATE AS day,
        coalesce(closed_at::DATE > as_of(), TRUE) AS is_open,
        closed_at::DATE BETWEEN as_of() - 89 AND as_of() AS is_just_closed
    FROM read_csv('issues.csv', header = TRUE, ignore_errors = TRUE, columns = {
        issue_id: 'VARCHAR', account_id: 'VARCHAR', opened_at: 'TIMESTAMP', class: 'VARCHAR',
        severity: 'TINYINT', owner: 'VARCHAR', replied_at: 'TIMESTAMP', onsite_at: 'TIMESTAMP',
        progress_at: 'TIMESTAMP', solution_at: 'TIMESTAMP', closed_at: 'TIMESTAMP',
        confirmed: 'BOOLEAN', knowledge_reference: 'VARCHAR', root_cause: 'VARCHAR'})
    WHERE opened_at::DATE <= as_of()
)
GROUP BY account_id;

CREATE TABLE deliveries AS
SELECT
    account_id,
    count(*) FILTER (is_pending AND is_late) AS late_deliveries,
    max(days_late) FILTER (is_pending AND is_late) AS greatest_days_late,
    count(*) FILTER ((NOT is_pending AND is_due OR is_late) AND recorded_on > as_of() - 365)
        AS deliveries_due_12m,
    count(*) FILTER (NOT is_pending AND NOT is_late AND recorded_on > as_of() - 365)
        AS deliveries_on_time_12m
FROM (
    SELECT
        account_id,
        recorded_on,
        coalesce(delivered_on > as_of(), TRUE) AS is_pending,
        CASE WHEN delivered_on <= as_of() THEN delivered_on > due_on
            ELSE coalesce(forecast_on > due_on, FALSE) OR due_on < as_of() END AS is_late,
        due_on IS NOT NULL AS is_due,
        CASE WHEN forecast_on > as_of() THEN forecast_on ELSE as_of() END - due_on AS days_late
    FROM read_csv('deliveries.csv', header = TRUE, ignore_errors = TRUE, columns = {
        delivery_id: 'VARCHAR', account_id: 'VARCHAR', recorded_on: 'DATE', project: 'VARCHAR',
        milestone: 'VARCHAR', due_on: 'DATE', forecast_on: 'DATE', delivered_on: 'DATE',
        started_on: 'DATE', acceptance_criteria: 'VARCHAR', owner: 'VARCHAR'})
    WHERE recorded_on <= as_of()
)
GROUP BY account_id;

CREATE TABLE surveys AS
SELECT
    account_id,
    max_by(satisfaction, (surveyed_on, satisfaction)) AS satisfaction,
    count(recommendation) FILTER (surveyed_on > as_of() - 365) AS recommendation_answers_12m,
    count(*) FILTER (recommendation >= 9 AND surveyed_on > as_of() - 365) AS promoters_12m,
    count(*) FILTER (recommendation <= 6 AND surveyed_on > as_of() - 365) AS detractors_12m
FROM read_csv('surveys.csv', header = TRUE, ignore_errors = TRUE, columns = {
    account_id: 'VARCHAR', surveyed_on: 'DATE', satisfaction: 'DOUBLE', recommendation: 'TINYINT',
    sales_satisfaction: 'DOUBLE', technical_satisfaction: 'DOUBLE',
    delivery_satisfaction: 'DOUBLE', after_sales_satisfaction: 'DOUBLE'})
WHERE surveyed_on <= as_of() AND coalesce(satisfaction BETWEEN 0 AND 100, TRUE)
GROUP BY account_id;

CREATE TABLE assignments AS
SELECT
    account_id,
    count(DISTINCT person) FILTER (role = 'customer_manager') AS customer_managers,
    count(DISTINCT person) AS managers_in_charge
FROM read_csv('assignments.csv', header = TRUE, ignore_errors = TRUE, columns = {
    account_id: 'VARCHAR', assigned_on: 'DATE', ended_on: 'DATE', role: 'VARCHAR',
    person: 'VARCHAR', years_in_role: 'DOUBLE'})
WHERE role IN ('customer_manager', 'deputy_customer_manager')
  AND assigned_on <= as_of() AND coalesce(ended_on > as_of(), TRUE)
GROUP BY account_id;

CREATE TABLE signals AS
SELECT
    account_id,
    count(*) FILTER (kind = 'management_change' AND is_recent) AS management_changes_90d,
    count(*) FILTER (kind = 'management_change' AND is_recent AND severity >= 4)
        AS grave_management_changes_90d,
    count(*) FILTER (kind = 'competitor_contact' AND is_recent) AS competitor_contacts_90d,
    count(*) FILTER (kind = 'public_sentiment' AND is_recent AND severity >= 4)
        AS grave_sentiments_90d,
    count(*) FILTER (kind = 'payment_default') AS payment_defaults_180d,
    count(*) FILTER (kind = 'demand_shrinking') AS demand_signals_180d
FROM (
    SELECT account_id, kind, severity, observed_on > as_of() - 90 AS is_recent
    FROM read_csv('signals.csv', header = TRUE, ignore_errors = TRUE, columns = {
        account_id: 'VARCHAR', observed_on: 'DATE', kind: 'VARCHAR', severity: 'TINYINT',
        note: 'VARCHAR'})
    WHERE observed_on > as_of() - 180 AND observed_on <= as_of()
)
GROUP BY account_id;

CREATE TABLE documents AS
SELECT
    account_id,
    count(*) FILTER (submitted_on > as_of() - 365) AS briefs_12m,
    as_of() - max(submitted_on) AS days_since_brief
FROM read_csv('documents.csv', header = TRUE, ignore_errors = TRUE, columns = {
    account_id: 'VARCHAR', submitted_on: 'DATE', kind: 'VARCHAR', author: 'VARCHAR'})
WHERE kind = 'client_brief' AND submitted_on <= as_of()
GROUP BY account_id;

-- Both packs decide about active accounts; the others take no part in totals and ranks.
CREATE TABLE measures AS
WITH accounts AS (
    SELECT
        account_id, ownership, is_core_domain, cooperation_stage, cooperation_since, founded_on,
        contact_birthday, industry_growth, market_share_change, capacity_multiple_3y,
        joint_development, supplier_referrals, strategic_fit, expansion_opportunities,
        repurchase_intention, churn_probability, churn_reason,
        coalesce(status = 'active', TRUE) AS is_active,
        ownership IN ('central_state_owned', 'state_owned', 'government') AS is_public
    FROM read_csv('accounts.csv', header = TRUE, ignore_errors = TRUE, columns = {
        account_id: 'VARCHAR', customer_name: 'VARCHAR', status: 'VARCHAR', region: 'VARCHAR',
        industry: 'VARCHAR', ownership: 'VARCHAR', is_core_domain: 'BOOLEAN', controller: 'VARCHAR',
        cooperation_stage: 'VARCHAR', cooperation_since: 'DATE', founded_on: 'DATE',
        contact_name: 'VARCHAR', contact_birthday: 'DATE', contact_phone: 'VARCHAR',
        credit_rating: 'VARCHAR', industry_growth: 'DOUBLE', market_share_change: 'DOUBLE',
        capacity_multiple_3y: 'DOUBLE', joint_development: 'BOOLEAN', supplier_referrals: 'INTEGER',
        strategic_fit: 'INTEGER', expansion_opportunities: 'INTEGER',
        repurchase_intention: 'INTEGER', churn_probability: 'DOUBLE', churn_reason: 'VARCHAR',
        company_size: 'VARCHAR', contact_position: 'VARCHAR', industry_influence: 'INTEGER',
        technical_synergy: 'INTEGER', brand_endorsement: 'BOOLEAN',
        cooperation_willingness: 'INTEGER', budget_fit: 'INTEGER', customer_type: 'VARCHAR',
        journey_stage: 'VARCHAR', journey_stage_since: 'DATE', contract_ends_on: 'DATE',
        renewal_probability: 'DOUBLE', potential_increment: 'DECIMAL(18, 2)',
        cross_selling_potential: 'DECIMAL(18, 2)', technical_spillover: 'DECIMAL(18, 2)',
        partners_brought: 'INTEGER', joint_market_projects: 'INTEGER', joint_patents: 'INTEGER',
        financial_health: 'INTEGER', market_position: 'VARCHAR',
        supply_chain_resilience: 'INTEGER', credit_reviewed_on: 'DATE', cash_flow: 'VARCHAR',
        is_multinational: 'BOOLEAN', sustainability_focus: 'BOOLEAN',
        equipment_online: 'BOOLEAN'})
    WHERE coalesce(status IN ('prospect', 'active', 'closed'), TRUE)
      AND NOT suffix(customer_name, '(重复录入)')       -- an account that was entered twice
),

joined AS (                             -- no record is zero for sums and counts
    SELECT
        accounts.*,
        coalesce(annual_purchase, 0) AS annual_purchase,
        coalesce(annual_purchase_prior, 0) AS annual_purchase_prior,
        coalesce(annual_cost, 0) AS annual_cost,
        coalesce(annual_cost_prior, 0) AS annual_cost_prior,
        coalesce(purchase_90d, 0) AS purchase_90d,
        coalesce(purchase_90d_last_year, 0) AS purchase_90d_last_year,
        coalesce(returned_amount, 0) AS returned_amount,
        coalesce(business_lines, 0) AS business_lines,
        coalesce(business_lines_prior, 0) AS business_lines_prior,
        coalesce(purchase_dates_36m, 0) AS purchase_dates_36m,
        payment_days,
        coalesce(overdue_amount, 0) AS overdue_amount,
        coalesce(contacts_12m, 0) AS contacts_12m,
        days_since_contact,
        coalesce(executive_meetings_12m, 0) AS executive_meetings_12m,
        days_since_executive_meeting,
        coalesce(briefs_12m, 0) AS briefs_12m,
        days_since_brief,
        coalesce(complaints_12m, 0) AS complaints_12m,
        coalesce(complaints_90d, 0) AS complaints_90d,
        coalesce(complaints_90d_before, 0) AS complaints_90d_before,
        coalesce(open_issues, 0) AS open_issues,
        coalesce(issues_open_3_days, 0) AS issues_open_3_days,
        coalesce(issues_without_owner, 0) AS issues_without_owner,
        coalesce(archived_unconfirmed_90d, 0) AS archived_unconfirmed_90d,
        coalesce(archived_without_reference_90d, 0) AS archived_without_reference_90d,
        coalesce(late_deliveries, 0) AS late_deliveries,
        greatest_days_late,
        coalesce(deliveries_due_12m, 0) AS deliveries_due_12m,
        coalesce(deliveries_on_time_12m, 0) AS deliveries_on_time_12m,
        satisfaction,
        coalesce(recommendation_answers_12m, 0) AS recommendation_answers_12m,
        coalesce(promoters_12m, 0) AS promoters_12m,
        coalesce(detractors_12m, 0) AS detractors_12m,
        coalesce(customer_managers, 0) AS customer_managers,
        coalesce(managers_in_charge, 0) AS managers_in_charge,
        coalesce(management_changes_90d, 0) AS management_changes_90d,
        coalesce(grave_management_changes_90d, 0) AS grave_management_changes_90d,
        coalesce(competitor_contacts_90d, 0) AS competitor_contacts_90d,
        coalesce(grave_sentiments_90d, 0) AS grave_sentiments_90d,
        coalesce(payment_defaults_180d, 0) AS payment_defaults_180d,
        coalesce(demand_signals_180d, 0) AS demand_signals_180d
    FROM accounts
    LEFT JOIN orders USING (account_id)
    LEFT JOIN order_days USING (account_id)
    LEFT JOIN invoices USING (account_id)
    LEFT JOIN contacts USING (account_id)
    LEFT JOIN issues USING (account_id)
    LEFT JOIN deliveries USING (account_id)
    LEFT JOIN surveys USING (account_id)
    LEFT JOIN assignments USING (account_id)
    LEFT JOIN signals USING (account_id)
    LEFT JOIN documents USING (account_id)
)

SELECT
    *,
    annual_purchase - annual_cost AS gross_profit,
    r6(annual_purchase::DOUBLE / nullif(annual_purchase_prior::DOUBLE, 0) - 1) AS purchase_growth,
    r6(purchase_90d::DOUBLE / nullif(purchase_90d_last_year::DOUBLE, 0) - 1) AS purchase_change_90d,
    r6(returned_amount::DOUBLE / nullif(annual_purchase::DOUBLE, 0)) AS return_rate,
    r6(overdue_amount::DOUBLE / nullif(annual_purchase::DOUBLE, 0)) AS overdue_share,
    r6(gross_profit::DOUBLE / nullif(annual_purchase::DOUBLE, 0)) AS gross_margin,
    r6((annual_purchase_prior - annual_cost_prior)::DOUBLE
        / nullif(annual_purchase_prior::DOUBLE, 0)) AS gross_margin_prior,
    r6(gross_margin - gross_margin_prior) AS gross_margin_change,
    complaints_90d - complaints_90d_before AS complaint_growth,
    CASE WHEN late_deliveries = 0 THEN 0 ELSE greatest_days_late END AS longest_delay_days,
    r6(deliveries_on_time_12m / nullif(deliveries_due_12m, 0)) AS fulfilment_rate,
    CASE WHEN recommendation_answers_12m >= 3
        THEN r6((promoters_12m - detractors_12m) * 100 / recommendation_answers_12m) END AS nps,
    r6((as_of() - cooperation_since) / 365.25::DOUBLE) AS cooperation_years,
    (ceil((as_of() - contact_birthday) / 365.25::DOUBLE) * 365.25::DOUBLE
        - (as_of() - contact_birthday))::BIGINT AS days_to_birthday,
    (ceil((as_of() - founded_on) / 365.25::DOUBLE) * 365.25::DOUBLE
        - (as_of() - founded_on))::BIGINT AS days_to_anniversary,
    CASE WHEN annual_purchase > 5000000 AND (is_core_domain OR is_public)
        THEN annual_purchase ELSE 0 END AS key_account_purchase,
    r6(CASE WHEN churn_probability > 0 THEN least(1 / churn_probability, 10) END) AS expected_years,
    try_cast(gross_profit::DOUBLE * expected_years * 100 AS BIGINT) / 100 AS lifetime_value
FROM joined;
