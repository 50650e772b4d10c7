-- Tonight's lines for the decision log and the action table, in a fixed order.
--
-- What ends because its rule or its whole pack has left has no rule of tonight to name: its
-- line names the pack if that is still there, and the former rule in its evidence. No change
-- is without a line.
--
-- Reads   changes, quarantine, rule_numbers(pack, kind, rule_id, rule_no)
-- Writes  log_lines(account_id, kind, rule_no, from_value, to_value, evidence)
--         action_lines(action_id, cause_id, account_id, account_name, rule_no, template_no,
--                      level, owner_role, owner, priority, opened_on, due_on, evidence)
CREATE TABLE log_lines AS
SELECT account_id, kind, rule_no, from_value, to_value, evidence
FROM (
    SELECT
        changes.account_id,
        changes.kind,
        coalesce(numbers.rule_no, packs.rule_no) AS rule_no,
        changes.from_value,
        changes.to_value,
        CASE
            WHEN numbers.rule_no IS NOT NULL OR changes.evidence IS NOT NULL THEN changes.evidence
            ELSE json_object('former_rule', changes.rule_id)
        END AS evidence,
        changes.pack,
        changes.kind_order,
        NULL AS source,
        NULL AS source_row
    FROM changes
    LEFT JOIN rule_numbers AS numbers
        ON numbers.pack = changes.pack
        AND numbers.rule_id = changes.rule_id
        AND numbers.kind = CASE
            WHEN changes.kind LIKE 'tier%' OR changes.kind LIKE 'override%' THEN 'tier'
            WHEN changes.kind LIKE 'warning%' THEN 'warning'
            WHEN changes.kind LIKE 'milestone%' THEN 'milestone'
            WHEN changes.kind LIKE 'obligation%' THEN 'entitlement'
            ELSE 'pack'
        END
    LEFT JOIN rule_numbers AS packs
        ON packs.pack = changes.pack
        AND packs.kind = 'pack'
    UNION ALL
    SELECT
        NULL,
        'data_rejected',
        NULL,
        NULL,
        NULL,
        json_object(
            'source', source, 'file', file, 'row', "row",
            'column', "column", 'value', value, 'reason', reason
        ),
        NULL,
        0,
        source,
        "row"
    FROM quarantine
)
ORDER BY account_id NULLS FIRST, pack, kind_order, rule_no, source, source_row, evidence;

CREATE TABLE action_lines AS
SELECT
    emitted.action_id,
    emitted.cause_id,
    emitted.account_id,
    CASE WHEN emitted.scope = 'account' THEN scores.name ELSE emitted.account_id END
        AS account_name,
    cause.rule_no,
    template.rule_no AS template_no,
    emitted.level,
    emitted.owner_role,
    emitted.owner,
    emitted.priority,
    strftime(emitted.opened_on, '%Y-%m-%d') AS opened_on,
    strftime(emitted.due_on, '%Y-%m-%d') AS due_on,
    emitted.evidence
FROM emitted_actions AS emitted
LEFT JOIN account_scores AS scores
    ON scores.pack = emitted.pack AND scores.account_no = emitted.account_no
JOIN rule_numbers AS cause
    ON cause.pack = emitted.pack
    AND cause.kind = emitted.kind
    AND cause.rule_id = emitted.rule_id
JOIN rule_numbers AS template
    ON template.pack = emitted.pack
    AND template.kind = 'action'
    AND template.rule_id = emitted.template
ORDER BY emitted.account_id, emitted.pack, cause.rule_no, emitted.level, emitted.action_id;
