-- Tiers after tonight's review, and before any milestone.
--
-- Reads   candidates(pack, account_no, account_id, in_population, may_be_in, excluded, tier)
--         previous_decisions(pack, account_id, in_population, computed, tier, tier_since,
--                            worse_reviews, held_reviews, held_until, …)
--         tier_policy(pack, tier, rank, …): rank 0 is the best
--         review_policy(pack, review_days, demote_after, demote_steps): the review days after
--         the previous night, up to tonight; demote_after NULL: no grace
--         tier_overrides(pack, account_id, tier, …), those in force tonight; night(as_of)
-- Writes  reviewed_tiers(pack, account_no, account_id, in_population, may_be_in, excluded,
--                        candidate, computed, computed_rank, worse_reviews, held_reviews,
--                        held_until, reason, tier, previous_tier, previous_since)
--
-- A tier that the policy no longer knows is as none: the account is placed anew.
CREATE TABLE reviewed_tiers AS
WITH compared AS (
    SELECT
        candidates.*,
        wanted.rank AS candidate_rank,
        CASE WHEN previous.in_population THEN before.rank END AS rank_before,
        previous.in_population AS was_in,
        previous.tier AS previous_tier,
        previous.tier_since AS previous_since,
        coalesce(previous.worse_reviews, 0) AS worse_before,
        coalesce(previous.held_reviews, 0) AS held_before,
        CASE WHEN previous.held_until >= night.as_of THEN previous.held_until END AS held_until,
        len(policy.review_days) AS reviews,
        -- A hold until a day covers the reviews up to that day; a hold of reviews counts them.
        -- Every review uses one up, also one within the days of the other kind of hold.
        len(list_filter(policy.review_days, lambda day, number:
            number > coalesce(previous.held_reviews, 0)
            AND coalesce(day > previous.held_until, TRUE)
        )) AS reviews_down,
        policy.demote_after,
        policy.demote_steps
    FROM candidates
    CROSS JOIN night
    JOIN review_policy AS policy ON policy.pack = candidates.pack
    LEFT JOIN tier_policy AS wanted
        ON wanted.pack = candidates.pack AND wanted.tier = candidates.tier
    LEFT JOIN previous_decisions AS previous
        ON previous.pack = candidates.pack
        AND previous.account_id = candidates.account_id
        AND previous.scope = 'account' -- a manager may be called as an account is
    LEFT JOIN tier_policy AS before
        ON before.pack = candidates.pack AND before.tier = previous.computed
),
judged AS (
    SELECT
        *,
        CASE
            WHEN NOT in_population OR candidate_rank IS NULL THEN 'none'
            WHEN excluded THEN 'exclude'
            WHEN rank_before IS NULL THEN 'place'
            WHEN reviews = 0 THEN 'wait'
            WHEN candidate_rank <= rank_before THEN 'rise'
            WHEN reviews_down = 0 THEN 'hold'
            WHEN demote_after IS NULL THEN 'fall'
            ELSE 'step'
        END AS step,
        worse_before + reviews_down AS worse
    FROM compared
),
moved AS (
    SELECT
        *,
        CASE step
            WHEN 'none' THEN NULL
            WHEN 'wait' THEN rank_before
            WHEN 'hold' THEN rank_before
            WHEN 'step' THEN
                least(candidate_rank, rank_before + worse // demote_after * demote_steps)
            ELSE candidate_rank
        END AS computed_rank,
        CASE
            WHEN step IN ('wait', 'hold') THEN worse_before
            WHEN step = 'step'
                AND rank_before + worse // demote_after * demote_steps < candidate_rank
                THEN worse % demote_after
            ELSE 0
        END AS worse_reviews,
        CASE
            WHEN step IN ('none', 'exclude', 'place') THEN 0
            ELSE greatest(0, held_before - reviews)
        END AS held_reviews
    FROM judged
)
SELECT
    moved.pack,
    moved.account_no,
    moved.account_id,
    moved.in_population,
    moved.may_be_in,
    moved.excluded,
    moved.tier AS candidate,
    computed.tier AS computed,
    moved.computed_rank,
    moved.worse_reviews::INTEGER AS worse_reviews,
    moved.held_reviews::INTEGER AS held_reviews,
    CASE WHEN moved.step NOT IN ('none', 'exclude', 'place') THEN moved.held_until END
        AS held_until,
    CASE
        WHEN moved.step = 'none' THEN NULL
        WHEN moved.step = 'place' THEN 'placed'
        WHEN moved.step = 'exclude' AND moved.rank_before IS NULL THEN 'placed'
        WHEN moved.computed_rank = moved.rank_before THEN NULL
        WHEN moved.step = 'exclude' THEN 'excluded'
        ELSE 'review'
    END AS reason,
    CASE WHEN moved.in_population THEN coalesce(override.tier, computed.tier) END AS tier,
    CASE WHEN moved.was_in THEN moved.previous_tier END AS previous_tier,
    CASE WHEN moved.was_in THEN moved.previous_since END AS previous_since
FROM moved
LEFT JOIN tier_policy AS computed
    ON computed.pack = moved.pack AND computed.rank = moved.computed_rank
LEFT JOIN tier_overrides AS override
    ON override.pack = moved.pack AND override.account_id = moved.account_id;
