-- Effective tiers: what the review and the milestones made of a tier, under its override.
--
-- Reads   reviewed_tiers, tier_moves, tier_overrides(pack, account_id, tier, approver, until,
--         reason), tier_policy, night(as_of)
-- Writes  effective_tiers: reviewed_tiers after the milestones of the night, with
--         tier (effective), tier_since, override_until, move_reason, move_rule, move_person
--
-- `computed` is what the policy says, `tier` what applies; they differ under an override.
CREATE TABLE effective_tiers AS
WITH moved AS (
    SELECT
        tiers.* REPLACE (
            coalesce(moves.to_rank, tiers.computed_rank) AS computed_rank,
            CASE WHEN moves.to_rank IS NULL THEN tiers.worse_reviews ELSE 0 END AS worse_reviews,
            -- A hold stays when a tier rises; of two the longer counts.
            greatest(tiers.held_reviews, coalesce(moves.hold_reviews, 0)) AS held_reviews,
            CASE WHEN tiers.held_until IS NULL OR moves.hold_until > tiers.held_until
                THEN moves.hold_until ELSE tiers.held_until END AS held_until,
            coalesce(moves.reason, tiers.reason) AS reason
        ),
        moves.rule_id AS move_rule,
        moves.approver AS move_person
    FROM reviewed_tiers AS tiers
    LEFT JOIN tier_moves AS moves
        ON moves.pack = tiers.pack AND moves.account_no = tiers.account_no
),
named AS (
    SELECT
        moved.* EXCLUDE (tier, computed),
        computed.tier AS computed,
        CASE WHEN moved.in_population THEN coalesce(override.tier, computed.tier) END AS tier,
        CASE WHEN moved.in_population THEN override.until END AS override_until,
        override.approver AS override_approver
    FROM moved
    LEFT JOIN tier_policy AS computed
        ON computed.pack = moved.pack AND computed.rank = moved.computed_rank
    LEFT JOIN tier_overrides AS override
        ON override.pack = moved.pack AND override.account_id = moved.account_id
)
SELECT
    named.*,
    CASE
        WHEN named.tier IS NULL THEN NULL
        WHEN named.tier = named.previous_tier THEN named.previous_since
        ELSE night.as_of
    END AS tier_since
FROM named
CROSS JOIN night;
