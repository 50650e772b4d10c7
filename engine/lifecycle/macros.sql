-- Small functions that several machines share.
--
-- Writes  the macros warning_rank, action_id, cause_id, scoped_id, add_to_json

-- 1 for the mildest level, NULL for none.
CREATE MACRO warning_rank(wanted) AS
    CASE wanted WHEN 'blue' THEN 1 WHEN 'yellow' THEN 2 WHEN 'orange' THEN 3 WHEN 'red' THEN 4 END;

-- A part of an id: what separates the parts is escaped, so different parts never look alike.
CREATE MACRO id_part(part) AS
    replace(replace(coalesce(part, ''), '\', '\\'), '|', '\|');

CREATE MACRO action_id(pack, account, rule, part, template, opened) AS substr(sha256(concat_ws(
    '|', id_part(pack), id_part(account), id_part(rule), id_part(part), id_part(template),
    strftime(opened, '%Y-%m-%d')
)), 1, 24);

-- What an action is asked for by, so that it can expire with it.
CREATE MACRO cause_id(pack, account, kind, rule, part, since) AS substr(sha256(concat_ws(
    '|', id_part(pack), id_part(account), id_part(kind), id_part(rule), id_part(part),
    strftime(since, '%Y-%m-%d')
)), 1, 24);

-- An account's own id, and that of anything else under its scope.
CREATE MACRO scoped_id(scope, id) AS CASE scope WHEN 'account' THEN id ELSE scope || ':' || id END;

-- Two JSON objects as one, digit by digit as they are.
CREATE MACRO add_to_json(first, second) AS CASE
    WHEN first IS NULL OR first = '{}' THEN second::VARCHAR
    ELSE left(first, length(first) - 1) || ',' || substr(second::VARCHAR, 2)
END;
