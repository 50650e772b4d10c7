-- What the stories of engine/demo/stories.py say, as relations. A missing value leaves what
-- the statistical book says.
CREATE TABLE head (place INTEGER, revenue_share DECIMAL(6, 4), story VARCHAR);

CREATE TABLE story (
    ordinal INTEGER,
    name VARCHAR,
    pool VARCHAR,                     -- 'large' or 'small': whom it happens to
    per_mille INTEGER,                -- of all accounts, and at least one
    -- the account itself
    status VARCHAR,
    ownership VARCHAR,
    is_core_domain BOOLEAN,
    controller VARCHAR,
    cooperation_stage VARCHAR,
    cooperation_days INTEGER,         -- since the cooperation began
    anniversary_in INTEGER,           -- days until the next anniversary of the foundation
    birthday_in INTEGER,              -- days until the next birthday of the key contact
    credit_rating VARCHAR,
    industry_growth DECIMAL(9, 4),
    market_share_change DECIMAL(9, 4),
    capacity_multiple_3y DECIMAL(9, 2),
    joint_development BOOLEAN,
    supplier_referrals INTEGER,
    strategic_fit INTEGER,
    expansion_opportunities INTEGER,
    repurchase_intention INTEGER,
    churn_probability DECIMAL(9, 4),
    churn_reason VARCHAR,
    -- what departments rate and estimate
    company_size VARCHAR,
    industry_influence INTEGER,
    technical_synergy INTEGER,
    brand_endorsement BOOLEAN,
    cooperation_willingness INTEGER,
    budget_fit INTEGER,
    customer_type VARCHAR,
    journey_stage VARCHAR,
    journey_days INTEGER,             -- in that stage
    contract_ends_in INTEGER,         -- days
    renewal_probability DECIMAL(9, 4),
    potential_increment BIGINT,       -- in yuan, as the next
    cross_selling_potential BIGINT,
    partners_brought INTEGER,
    joint_market_projects INTEGER,
    joint_patents INTEGER,
    financial_health INTEGER,
    market_position VARCHAR,
    supply_chain_resilience INTEGER,
    credit_reviewed_days INTEGER,     -- ago
    cash_flow VARCHAR,
    equipment_online BOOLEAN,
    without_profile BOOLEAN,          -- its size and the position of the contact are unknown
    credit_never_reviewed BOOLEAN,
    reviewed_percent INTEGER,         -- the value that was signed, of what it is worth now
    -- how it behaves
    annual_purchase BIGINT,           -- of the last year, in yuan
    growth_percent INTEGER,           -- of the last year over the year before
    orders_per_year INTEGER,
    bought_once BOOLEAN,              -- nothing before the last year
    business_lines INTEGER,
    business_lines_before INTEGER,    -- in the years before
    margin_percent INTEGER,
    margin_percent_before INTEGER,
    returned_percent INTEGER,         -- of the amount of every order
    term_days INTEGER,                -- of payment
    late_days INTEGER,                -- payment after the due day
    satisfaction INTEGER,
    recommendation INTEGER,
    orders_quiet_for INTEGER,         -- days without an order
    contacts_quiet_for INTEGER,       -- days without any contact
    without_dates BOOLEAN,            -- of the contact's birthday and the foundation
    without_surveys BOOLEAN,
    without_assignments BOOLEAN,
    team INTEGER                      -- of accounts that share a manager, of fifty
);

-- Records that a story adds to each of its accounts, numbered within the story; a negative
-- number of days lies after the as-of date.
CREATE TABLE story_orders (
    story VARCHAR, line INTEGER, days_ago INTEGER, amount BIGINT, margin_percent INTEGER,
    business_line INTEGER, kind VARCHAR
);
CREATE TABLE story_invoices (
    story VARCHAR, line INTEGER, days_ago INTEGER, term_days INTEGER, amount BIGINT,
    paid_after INTEGER, paid_amount BIGINT
);
CREATE TABLE story_contacts (
    story VARCHAR, line INTEGER, days_ago INTEGER, kind VARCHAR, department INTEGER
);
CREATE TABLE story_issues (
    story VARCHAR, line INTEGER, days_ago INTEGER, class VARCHAR, severity INTEGER, owned BOOLEAN,
    reply_minutes INTEGER, solution_minutes INTEGER, onsite_minutes INTEGER,
    progress_minutes INTEGER, close_hours INTEGER, confirmed BOOLEAN, referenced BOOLEAN,
    explained BOOLEAN
);
CREATE TABLE story_deliveries (
    story VARCHAR, line INTEGER, days_ago INTEGER, milestone INTEGER, due_in INTEGER,
    forecast_in INTEGER, delivered_in INTEGER, planned BOOLEAN
);
CREATE TABLE story_surveys (
    story VARCHAR, line INTEGER, days_ago INTEGER, satisfaction INTEGER, recommendation INTEGER,
    delivery_satisfaction INTEGER
);
CREATE TABLE story_assignments (
    story VARCHAR, line INTEGER, days_ago INTEGER, ended_days_ago INTEGER, role VARCHAR,
    person INTEGER, years_in_role DECIMAL(4, 1)
);
CREATE TABLE story_signals (
    story VARCHAR, line INTEGER, days_ago INTEGER, kind VARCHAR, severity INTEGER, note VARCHAR
);
CREATE TABLE story_documents (story VARCHAR, line INTEGER, days_ago INTEGER, kind VARCHAR);
CREATE TABLE story_service_nodes (
    story VARCHAR, line INTEGER, days_ago INTEGER, kind VARCHAR, due_in INTEGER, owned BOOLEAN
);
CREATE TABLE story_usage (
    story VARCHAR, line INTEGER, days_ago INTEGER, kind VARCHAR, times INTEGER
);
CREATE TABLE story_equipment_signals (
    story VARCHAR, line INTEGER, days_ago INTEGER, kind VARCHAR
);

-- What happens to every account of a pool at regular intervals, a year back.
CREATE TABLE cadence (pool VARCHAR, record VARCHAR, kind VARCHAR, every_days INTEGER);

-- What a story takes away: records of a kind (or of any kind) in the last days.
CREATE TABLE gap (story VARCHAR, record VARCHAR, kind VARCHAR, days INTEGER);
