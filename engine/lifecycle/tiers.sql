-- Effective tiers from candidates.
--
-- Reads   candidates(pack, account_no, account_id, in_population, may_be_in, tier)
--         previous_decisions(pack, account_id, in_population, tier, tier_since, …)
--         night(as_of)
-- Writes  effective_tiers(pack, account_no, account_id, in_population, may_be_in, candidate,
--                         tier, tier_since, previous_tier)
--
-- A candidate becomes effective at once. `tier_since` is kept for as long as the tier is.
CREATE TABLE effective_tiers AS
SELECT
    candidates.pack,
    candidates.account_no,
    candidates.account_id,
    candidates.in_population,
    candidates.may_be_in,
    candidates.tier AS candidate,
    candidates.tier AS tier,
    CASE
        WHEN candidates.tier IS NULL THEN NULL
        WHEN candidates.tier = previous.tier THEN previous.tier_since
        ELSE night.as_of
    END AS tier_since,
    previous.tier AS previous_tier
FROM candidates
CROSS JOIN night
LEFT JOIN previous_decisions AS previous
    ON previous.pack = candidates.pack
    AND previous.account_id = candidates.account_id;
