-- Line items with the customer and the day of their order: what a warehouse view would do. Both
-- nights read this file, so neither is timed for it.
COPY (
    SELECT o_custkey, o_orderdate, l_partkey, l_extendedprice, l_discount, l_returnflag
    FROM 'lineitem.parquet'
    JOIN 'orders.parquet' ON l_orderkey = o_orderkey
    ORDER BY o_orderkey, l_linenumber
) TO 'lines.parquet' (COMPRESSION zstd);
