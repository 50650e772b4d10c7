-- What the book is generated from, beside the accounts, the seed and the as-of date.
CREATE OR REPLACE TABLE settings AS
SELECT
    accounts,
    seed,
    as_of,
    mix(mix(seed) + 1::UBIGINT) AS accounts_salt,
    mix(mix(seed) + 2::UBIGINT) AS names_salt,
    -- Six accounts to a manager, and never fewer than four managers.
    greatest(accounts // 6, 4) AS managers
FROM settings;
