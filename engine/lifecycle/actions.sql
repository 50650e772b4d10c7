-- Actions that tonight's changes call for.
--
-- Reads   open_warnings, open_milestones, night(as_of)
--         rule_actions(pack, kind, rule_id, level, template, owner_role, pack_owner, due_on,
--                      priority)
--         owners(account_no, role, person)
-- Writes  emitted_actions(action_id, pack, account_no, account_id, kind, rule_id, level,
--                         template, owner_role, owner, due_on, priority, opened_on, evidence)
--
-- A warning calls for its action when it opens, and again when its level changes to one
-- with an action of its own. The id is a hash of what the action is about, so the same
-- cause never makes a second one. The owner is who holds the role for the account; where
-- nobody does, who holds the role that owns the pack, or that role itself.
CREATE TABLE emitted_actions AS
WITH causes AS (
    SELECT pack, account_no, account_id, 'warning' AS kind, rule_id, level, since, evidence
    FROM open_warnings
    WHERE previous_level IS DISTINCT FROM level
    UNION ALL
    SELECT pack, account_no, account_id, 'milestone', rule_id, '', since, evidence
    FROM open_milestones
    WHERE is_new
)
SELECT
    action_id(causes.pack, causes.account_id, causes.rule_id, causes.level, action.template, causes.since)
        AS action_id,
    causes.pack,
    causes.account_no,
    causes.account_id,
    causes.kind,
    causes.rule_id,
    causes.level,
    action.template,
    action.owner_role,
    coalesce(owners.person, deputies.person, action.pack_owner) AS owner,
    action.due_on,
    action.priority,
    night.as_of AS opened_on,
    causes.evidence
FROM causes
CROSS JOIN night
JOIN rule_actions AS action
    ON action.pack = causes.pack
    AND action.kind = causes.kind
    AND action.rule_id = causes.rule_id
    AND action.level = causes.level
LEFT JOIN owners
    ON owners.account_no = causes.account_no
    AND owners.role = action.owner_role
LEFT JOIN owners AS deputies
    ON deputies.account_no = causes.account_no
    AND deputies.role = action.pack_owner;
