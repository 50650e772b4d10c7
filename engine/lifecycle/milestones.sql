-- Milestones: what is reached, what is proposed, what is approved, and where it moves a tier.
--
-- Reads   milestone_hits(pack, account_no, rule_id, evidence), reviewed_tiers, night(as_of)
--         milestone_policy(pack, rule_id, effect, to_tier, to_rank, hold_reviews, hold_until)
--         approvals(pack, account_id, milestone, approved_on, approver)
--         previous_decisions(… milestones)
-- Writes  open_milestones(pack, account_no, account_id, rule_id, effect, since, said_on,
--                         is_new, says, evidence)
--         reached_milestones: those that move the account up tonight
--             (pack, account_no, account_id, rule_id, effect, since, approver, to_rank, …)
--         tier_moves(pack, account_no, to_rank, reason, hold_reviews, hold_until): one each
--
-- A report is open while it holds, a proposal until it is approved; a promotion is over at
-- once. A proposal speaks on the night on which it opens and in every month after.
CREATE TABLE previous_milestones AS
SELECT
    pack,
    account_id,
    milestone.rule AS rule_id,
    milestone.effect AS effect,
    milestone.since AS since,
    milestone.said_on AS said_on
FROM (SELECT pack, account_id, unnest(milestones) AS milestone FROM previous_decisions);

CREATE TABLE judged_milestones AS
SELECT
    hits.pack,
    hits.account_no,
    tiers.account_id,
    hits.rule_id,
    policy.effect,
    policy.to_rank,
    policy.hold_reviews,
    policy.hold_until,
    tiers.computed_rank,
    coalesce(previous.since, night.as_of) AS since,
    previous.said_on,
    previous.since IS NULL AS is_new,
    approval.approver,
    hits.evidence,
    night.as_of
FROM milestone_hits AS hits
CROSS JOIN night
JOIN milestone_policy AS policy ON policy.pack = hits.pack AND policy.rule_id = hits.rule_id
JOIN reviewed_tiers AS tiers
    ON tiers.pack = hits.pack AND tiers.account_no = hits.account_no
LEFT JOIN previous_milestones AS previous
    ON previous.pack = hits.pack
    AND previous.account_id = tiers.account_id
    AND previous.rule_id = hits.rule_id
LEFT JOIN (
    SELECT pack, account_id, milestone, max_by(approver, approved_on) AS approver,
        max(approved_on) AS approved_on
    FROM approvals
    CROSS JOIN night
    WHERE approved_on <= night.as_of
    GROUP BY pack, account_id, milestone
) AS approval
    ON policy.effect = 'propose'
    AND approval.pack = hits.pack
    AND approval.account_id = tiers.account_id
    AND approval.milestone = hits.rule_id
    AND approval.approved_on >= coalesce(previous.since, night.as_of)
WHERE policy.effect = 'report' OR NOT tiers.excluded;

CREATE TABLE open_milestones AS
SELECT
    * EXCLUDE (said_on),
    says,
    CASE WHEN says THEN as_of ELSE said_on END AS said_on
FROM (
    SELECT
        pack, account_no, account_id, rule_id, effect, since, said_on, is_new, evidence, as_of,
        CASE effect
            WHEN 'report' THEN is_new
            ELSE said_on IS NULL OR date_trunc('month', said_on) < date_trunc('month', as_of)
        END AS says
    FROM judged_milestones
    WHERE effect = 'report' OR (effect = 'propose' AND approver IS NULL)
);

CREATE TABLE reached_milestones AS
SELECT *
FROM judged_milestones
WHERE (effect = 'promote' AND to_rank < computed_rank)
   OR (effect = 'propose' AND approver IS NOT NULL);

CREATE TABLE tier_moves AS
SELECT
    pack,
    account_no,
    to_rank,
    CASE effect WHEN 'promote' THEN 'milestone' ELSE 'approval' END AS reason,
    rule_id,
    approver,
    hold_reviews,
    hold_until
FROM reached_milestones
WHERE to_rank < computed_rank
QUALIFY row_number() OVER (PARTITION BY pack, account_no ORDER BY to_rank, rule_id) = 1;
