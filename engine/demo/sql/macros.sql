-- Random-looking numbers that depend on nothing but their arguments. DuckDB's random() and
-- hash() may change with its version or with the number of threads; this is plain integer
-- arithmetic on 32 bits held in 64, so the same seed writes the same bytes everywhere.
-- One round of multiply, xor-shift, multiply, with the constants of Chris Wellons' "lowbias32"
-- (public domain); each product stays below 2^64. The high bits are the well mixed ones.
CREATE MACRO low_32_bits(x) AS x & 4294967295::UBIGINT;
CREATE MACRO folded(x) AS xor(x, x >> 16);
CREATE MACRO multiplied(x) AS low_32_bits(low_32_bits(x) * 2146121005::UBIGINT);
CREATE MACRO mix(x) AS low_32_bits(folded(multiplied(x)) * 2221713035::UBIGINT);

-- The key of row `number` of a table. Every argument of mix() is written into it twice,
-- so a key is a column of its own before anything is drawn from it.
CREATE MACRO row_key(salt, number) AS mix(mix(number::UBIGINT) + salt);

-- The `nth` draw of a row: 0 up to 2^32, a choice among `choices`, a share of 1, or a
-- whole number from `low` to `high`, both included. The draws of the `part`-th record of a row
-- are a stream of their own.
CREATE MACRO draw(key, nth) AS mix(key + (nth * 2654435769)::UBIGINT);
CREATE MACRO stream(nth, part) AS nth * 65536 + part;
CREATE MACRO choice(key, nth, choices) AS ((draw(key, nth) * choices::UBIGINT) >> 32)::BIGINT;
CREATE MACRO share(key, nth) AS draw(key, nth) / 4294967296.0::DOUBLE;
CREATE MACRO between_numbers(key, nth, low, high) AS low + choice(key, nth, high - low + 1);
CREATE MACRO per_mille(key, nth) AS choice(key, nth, 1000);

-- How many rows are wrong on purpose: `few` at 300 accounts, fewer in a smaller book, so that
-- no guard stops it, and one for `one_in` accounts in a large one.
CREATE MACRO wrong_rows(accounts, few, one_in) AS
greatest(least(few, accounts * few // 300), accounts // one_in);

CREATE MACRO padded(number, digits) AS lpad(number::VARCHAR, digits, '0');
