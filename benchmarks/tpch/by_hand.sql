-- One night of benchmarks/tpch/workspace by hand: files → tiers and hits.

CREATE MACRO as_of() AS DATE '1998-08-02';
-- Every derived number is rounded half to even to six decimals before it is compared.
CREATE MACRO r6(x) AS try_cast((x) * 1e6 AS BIGINT) / 1e6;

CREATE TABLE line_measures AS
WITH by_part AS (                       -- distinct parts and all sums in one scan
    SELECT
        o_custkey,
        l_partkey,
        sum(l_extendedprice * (1 - l_discount)) FILTER (o_orderdate > as_of() - 365) AS net,
        sum(l_extendedprice * (1 - l_discount))
            FILTER (o_orderdate > as_of() - 730 AND o_orderdate <= as_of() - 365) AS net_prior,
        sum(l_extendedprice) FILTER (o_orderdate > as_of() - 365) AS gross,
        sum(l_extendedprice * l_discount) FILTER (o_orderdate > as_of() - 365) AS reduction,
        count(*) AS lines_ever,
        count(*) FILTER (l_returnflag = 'R') AS lines_returned,
        bool_or(o_orderdate > as_of() - 365) AS is_current
    FROM 'lines.parquet'
    WHERE o_orderdate <= as_of()
    GROUP BY o_custkey, l_partkey
)
SELECT
    o_custkey AS account,
    coalesce(sum(net), 0)::DECIMAL(18, 4) AS revenue_12m,
    coalesce(sum(net_prior), 0)::DECIMAL(18, 4) AS revenue_prior,
    coalesce(sum(gross), 0)::DECIMAL(18, 4) AS gross_12m,
    coalesce(sum(reduction), 0)::DECIMAL(18, 4) AS reduction_12m,
    count(*) FILTER (is_current) AS parts_12m,
    sum(lines_ever) AS lines_ever,
    sum(lines_returned) AS lines_returned
FROM by_part
GROUP BY o_custkey;

CREATE TABLE order_measures AS
SELECT
    o_custkey AS account,
    count(*) FILTER (o_orderdate > as_of() - 365) AS orders_12m,
    count(*) FILTER (o_orderdate > as_of() - 90) AS orders_90d,
    count(*) FILTER (o_orderdate > as_of() - 180 AND o_orderdate <= as_of() - 90)
        AS orders_90d_before,
    count(*) FILTER (o_orderdate > as_of() - 365 AND o_orderpriority = '1-URGENT') AS urgent_12m,
    count(*) FILTER (o_orderstatus = 'O') AS open_orders,
    round_even(sum(o_totalprice)::DOUBLE / count(*), 4) AS average_order,
    max(o_totalprice) FILTER (o_orderdate > as_of() - 365) AS largest_order,
    as_of() - max(o_orderdate) AS days_since_order
FROM 'orders.parquet'
WHERE o_orderdate <= as_of()
GROUP BY o_custkey;

-- Who never ordered is nobody's customer: the join with the orders leaves them out.
CREATE TABLE measures AS
SELECT
    c_custkey AS account,
    c_acctbal AS balance,
    c_mktsegment AS segment,
    line_measures.* EXCLUDE account,
    order_measures.* EXCLUDE account,
    r6(revenue_12m::DOUBLE / nullif(revenue_prior::DOUBLE, 0) - 1) AS revenue_growth,
    r6(reduction_12m::DOUBLE / nullif(gross_12m::DOUBLE, 0)) AS discount_share,
    r6(lines_returned::DOUBLE / nullif(lines_ever::DOUBLE, 0)) AS returned_share,
    r6(revenue_12m::DOUBLE / nullif((SELECT sum(revenue_12m)::DOUBLE FROM line_measures), 0))
        AS revenue_share
FROM 'customer.parquet'
JOIN order_measures ON order_measures.account = c_custkey
LEFT JOIN line_measures ON line_measures.account = c_custkey;

CREATE TABLE placed AS
WITH ranked AS (
    SELECT account, row_number() OVER (ORDER BY revenue_12m DESC, account) AS place
    FROM measures
)
SELECT
    measures.*,
    CASE
        WHEN place <= ceil(accounts * 5 / 100) AND days_since_order <= 120 THEN 'strategic'
        WHEN place <= ceil(accounts * 20 / 100) THEN 'core'
        WHEN revenue_growth >= 0.5 AND (revenue_12m >= 250000 OR parts_12m >= 8) THEN 'rising'
        ELSE 'standard'
    END AS tier
FROM measures
JOIN ranked USING (account), (SELECT count(*) AS accounts FROM measures);

CREATE TABLE tiers AS
SELECT 'purchases' AS pack, c_custkey::VARCHAR AS account_id, tier
FROM 'customer.parquet' LEFT JOIN placed ON account = c_custkey;

CREATE TABLE judged AS
SELECT
    account,

    -- warnings, the worst level first
    CASE
        WHEN days_since_order > 180 AND is_core THEN 'red'
        WHEN days_since_order > 365 THEN 'orange'
        WHEN days_since_order > 180 THEN 'yellow'
    END AS silent,
    CASE
        WHEN revenue_growth <= -0.3 AND tier <> 'standard' THEN 'red'
        WHEN revenue_growth <= -0.6 AND revenue_prior >= 300000 THEN 'orange'
        WHEN revenue_growth <= -0.3 THEN 'yellow'
    END AS decline,
    CASE WHEN discount_share >= 0.065 THEN 'orange' WHEN discount_share >= 0.055 THEN 'yellow' END
        AS discounts,
    CASE
        WHEN returned_share >= 0.4 AND lines_ever >= 20 THEN 'orange'
        WHEN returned_share >= 0.3 THEN 'yellow'
    END AS returns,
    CASE
        WHEN balance < -500 AND open_orders >= 3 THEN 'orange'
        WHEN balance < 0 THEN 'yellow'
    END AS debt,
    CASE WHEN urgent_12m >= 2 AND (orders_12m <= 4 OR segment IN ('BUILDING', 'MACHINERY'))
        THEN 'blue' END AS urgency,
    CASE WHEN orders_90d < orders_90d_before THEN CASE WHEN is_core THEN 'yellow' ELSE 'blue' END
        END AS slowing,
    CASE WHEN largest_order > average_order AND orders_12m = 1 THEN 'blue' END AS lumpy,
    CASE WHEN revenue_share >= 0.003 THEN 'orange' END AS dependence,

    -- a milestone and an entitlement
    CASE WHEN tier = 'standard' AND revenue_growth >= 1 AND revenue_prior >= 50000 THEN '' END
        AS doubled,
    CASE WHEN is_core AND orders_12m >= 5 THEN '' END AS volume_service
FROM (SELECT *, tier IN ('strategic', 'core') AS is_core FROM placed);

CREATE TABLE hits AS
SELECT 'purchases' AS pack, account::VARCHAR AS account_id, rule, hit AS level
FROM (UNPIVOT judged ON COLUMNS (* EXCLUDE account) INTO NAME rule VALUE hit);
