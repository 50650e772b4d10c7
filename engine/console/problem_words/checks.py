"""What the checks of names, values and people find in a policy and its workspace.

`{s}` and `{plural}` also stand for what joins a text out of parts, and are left out; `{kind}`,
`{unit}` and `{owner}` for what has words of its own here.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # engine/language/checks/aggregates.py
    "'{table}' is dated by '{column}', {kind}": "“{table}”以“{column}”为日期列，而它是{kind}",
    "make it a date or a datetime": "请把该列的类型改为 date 或 datetime",
    "{kind} needs a date, and {table} has no 'time:'": "{kind}需要日期，而 {table} 没有写 'time:'",
    "a window": "时间窗",
    "name the dating column": "请写明哪一列是日期",
    "measure '{measure}' is declared {type}, but yields {kind}": (
        "指标“{measure}”声明为 {type}，算出的却是{kind}"
    ),
    "'nps' counts answers from 0 to 10; '{column}' is {kind}": (
        "“nps”统计 0 至 10 分的回答，而“{column}”是{kind}"
    ),
    "use avg or latest": "请改用 avg 或 latest",
    "'{function}' of {table}.{column}, which is {kind}": (
        "“{function}”不能用于 {table}.{column}：它是{kind}"
    ),
    "use latest or earliest": "请改用 latest 或 earliest",
    "count or count_distinct do": "可以改用 count 或 count_distinct",
    # engine/language/checks/approval.py
    "nobody holds the role '{role}', which must sign every policy": (
        "角色“{role}”须签署每一份制度，却无人担任"
    ),
    "name who holds it under 'people:'": "请在 'people:' 下写明由谁担任",
    # engine/language/checks/comparisons.py
    "'{operator}' ranks accounts; this condition is about one record": (
        "“{operator}”用于给客户排名，而这个条件针对单条记录"
    ),
    "compare with a threshold": "请改为与门槛比较",
    "it takes eq, ne, in, not_in or missing": "可以用 eq、ne、in、not_in 或 missing",
    "it takes comparisons, but no ranks": "可以比较大小，不能排名",
    "'{name}' is {kind}, which '{operator}' cannot compare": (
        "“{name}”是{kind}，不能用“{operator}”比较"
    ),
    "'{operator}' compares an ordinal with values of its list only": (
        "“{operator}”比较有序枚举时，只能与其列出的取值比较"
    ),
    "use eq or ne between two columns": "两列之间请用 eq 或 ne",
    "a share of the accounts is needed, {value} is none": "此处应为客户占比，{value} 不是",
    "a share of the accounts lies above 0% and up to 100%; {value} does not": (
        "客户占比应大于 0%、不超过 100%，{value} 不在此范围"
    ),
    "write a share such as 5%": "请写占比，例如 5%",
    # engine/language/checks/cycles.py
    "{circle}: each needs the next, and the last is the first": (
        "{circle}：每一项都要用到后一项，形成循环"
    ),
    "compute one of them from records or from account columns": (
        "请让其中一个改由记录或客户表的列算出"
    ),
    "'{operator}' ranks the population that this condition defines": (
        "“{operator}”在适用范围内排名，而适用范围正由这个条件划定"
    ),
    "'{name}' is computed over the population that this condition defines": (
        "“{name}”按适用范围计算，而适用范围正由这个条件划定"
    ),
    "describe the population by facts of the account alone": "请只用客户自身的数据划定适用范围",
    "'{name}' has a meaning of its own and cannot name {kind}": (
        "“{name}”另有专门含义，不能用作{kind}的标识"
    ),
    "choose another id": "请另取一个标识",
    "'{name}' names {kind} and {unit} ({place})": (
        "“{name}”重名：既是{kind}，又是{unit}（{place}）"
    ),
    "an account column": "客户表的列",
    "a scorecard": "评分卡",
    "rename one of them": "请给其中一个改名",
    # engine/language/checks/formulas.py
    "{function}() needs numbers, not {kind} ({owner})": (
        "{function}() 需要数值，而不是{kind}（见{owner}）"
    ),
    "{function}() needs {unit}, not {kind} ({owner})": (
        "{function}() 需要{unit}，而不是{kind}（见{owner}）"
    ),
    "'{operator}' needs {unit}, not {kind} ({owner})": (
        "“{operator}”需要{unit}，而不是{kind}（见{owner}）"
    ),
    "'{operator}' joins {unit}, not {kind} ({owner})": (
        "“{operator}”连接的应是{unit}，而不是{kind}（见{owner}）"
    ),
    "numbers": "数值",
    "a condition": "条件",
    "conditions": "条件",
    "'{name}' is not an account column, which group_total() groups by": (
        "“{name}”不是客户表的列，group_total() 只能按客户表的列分组"
    ),
    "group_total() groups by text, and '{column}' is {kind}": (
        "group_total() 按文本分组，而“{column}”是{kind}"
    ),
    "two dates cannot be added{owner}": "两个日期不能相加{owner}",
    "{kind} + {unit} has no meaning{owner}": "{kind}与{unit}相加没有意义{owner}",
    "{kind} - {unit} has no meaning{owner}": "{kind}减{unit}没有意义{owner}",
    "{kind} and {unit} do not go together{owner}": "{kind}与{unit}不能合用{owner}",
    " ({owner})": "（见{owner}）",
    "something unknown": "类型不明的值",
    "{owner} is declared {type}, but its formula yields {kind}": (
        "{owner}声明为 {type}，公式算出的却是{kind}"
    ),
    "declare 'type: {type}'": "请声明 'type: {type}'",
    "multiply it by 100, or {rest}": "请乘以 100；否则{rest}",
    # engine/language/checks/names.py
    "'{name}' is not {rest}": "“{name}”不是{rest}",
    "a measure, a scorecard or an account column": "指标、评分卡或客户表的列",
    "a column of {table}": " {table} 的列",
    "a record table of the vocabulary": "词汇表（vocabulary）中的记录表",
    "{owner} cannot depend on the tier, which follows from it": (
        "{owner}不能依赖等级：等级正是由它得出的"
    ),
    "name what the tier is made of": "请改用评定等级所依据的指标",
    # engine/language/checks/overrides.py
    "the sources have no account '{account}'": "数据源中没有客户“{account}”",
    "correct the id, or remove the entry if the account has left": (
        "请更正客户编号；客户已退出的，请删除该条"
    ),
    "a pack of this workspace": "本工作区的制度包",
    "{rest} has no effect: as of {day} nothing of that name is proposed for it": (
        "{rest}不起作用：截至 {day}，该客户没有这项提议"
    ),
    "the approval of '{milestone}' for account '{account}' ({pack})": (
        "对里程碑“{milestone}”的批准（客户“{account}”，{pack}）"
    ),
    "correct the account, the milestone or the pack (kam explain {account} says what is "
    "proposed); or remove the entry if it is of another time": (
        "请更正客户、里程碑或制度包（kam explain {account} 可查看有哪些提议）；"
        "属于其他时期的，请删除该条"
    ),
    "{rest} has no effect: it is of {day}, and the proposal was made on {opened} only": (
        "{rest}不起作用：批准日期为 {day}，而提议在 {opened} 才作出"
    ),
    "if this proposal is what was approved, write 'on: {day}' or a later day": (
        "如果批准的正是这项提议，请写 'on: {day}' 或更晚的日期"
    ),
    "a tier of {pack}": " {pack} 的等级",
    "a tier: {pack} has none": "等级：{pack} 没有等级",
    "a milestone of {pack}": " {pack} 的里程碑",
    "milestone '{milestone}' {why}, and needs no approval": "里程碑“{milestone}”{why}，无须批准",
    "promotes by itself": "直接升级",
    "is only reported": "只作报告",
    "an entitlement of {pack}": " {pack} 的权益",
    "proposed are{s} {list}": "须经批准的里程碑：{list}",
    "proposed are{s} {list} and {number} more": ("须经批准的里程碑：{list} 等（另有 {number} 个）"),
    "entitlement '{entitlement}' is of kind {kind}; only budgets are approved": (
        "权益“{entitlement}”的类别是 {kind}；只有经费（budget）须批准"
    ),
    "budgets are{s} {list}": "经费类权益：{list}",
    "budgets are{s} {list} and {number} more": "经费类权益：{list} 等（另有 {number} 个）",
    "'{approver}' may not approve this for {pack}: {why}": (
        "“{approver}”无权为 {pack} 批准此项：{why}"
    ),
    "holds no role {roles}": "未担任角色 {roles}",
    "is not among the people of kam.yaml": "不在 kam.yaml 的 people 之中",
    "these may{s} {list}": "有权批准的人：{list}",
    "these may{s} {list} and {number} more": "有权批准的人：{list} 等（另有 {number} 个）",
    "name who holds the role under 'people:' in kam.yaml": (
        "请在 kam.yaml 的 'people:' 下写明由谁担任该角色"
    ),
    "nobody checks who approves for {pack}": "{pack} 没有限定谁可以批准，批准人未经核对",
    "name roles under 'approvers:' of its tiers, and who holds them under 'people:' in kam.yaml": (
        "请在该制度包 tiers 的 'approvers:' 下写明角色，并在 kam.yaml 的 'people:' 下写明由谁担任"
    ),
    "two overrides of account '{account}' in {pack} overlap: {how} here, and {rest} at {place}": (
        "客户“{account}”在 {pack} 中的两条人工定级日期重叠：此处（{how}）与 {place} 处（{rest}）"
    ),
    "let one end before the other begins, or remove one": (
        "请让一条在另一条开始之前截止，或删除其中一条"
    ),
    # engine/language/checks/people.py
    "a role of these packs": "这些制度包中的角色",
    "nobody holds the role '{role}': {why} ({place})": (
        "角色“{role}”无人担任，而它是{why}（{place}）"
    ),
    "nobody holds the role '{role}': {why} ({place}) and {count} more": (
        "角色“{role}”无人担任，而它是{why}（{place}），另有 {count} 处用到"
    ),
    "nobody holds the role '{role}': {why} ({place}){more}": (
        "角色“{role}”无人担任，而它是{why}（{place}）{more}"
    ),
    "name who holds it under 'people:', or whatever falls to it stays with the role": (
        "请在 'people:' 下写明由谁担任；否则派给它的事项只落在角色上，没有具体的人"
    ),
    # engine/language/checks/references.py
    "a tier of this pack": "本制度包的等级",
    "a tier: the pack has none": "等级：本制度包没有等级",
    "an action": "行动模板",
    "a value of {column}": " {column} 的取值",
    "a measure of this pack": "本制度包的指标",
    "the owner of the pack '{pack}'": "制度包“{pack}”的责任角色",
    "an approver of '{pack}'": "制度包“{pack}”的批准角色",
    "the owner of action '{action}'": "行动模板“{action}”的责任角色",
    "the owner of parameter '{parameter}'": "参数“{parameter}”的责任角色",
    "to whom warning '{warning}' escalates": "预警“{warning}”的上报对象",
    "the owner{s}entitlement '{entitlement}'": "权益“{entitlement}”的责任角色",
    "the{s}approver{plural}entitlement '{entitlement}'": "权益“{entitlement}”的批准角色",
    "'{table}.{column}' is {kind}, but {why}": "“{table}.{column}”是{kind}，而{why}",
    "a response time runs from a day or a moment": "响应时限的起点应是日期或时刻",
    "a response time runs to a day or a moment": "响应时限的终点应是日期或时刻",
    "a deadline is a day": "交付期限的到期日应是日期",
    "a deadline is met on a day": "交付期限的完成日应是日期",
    "columns with a date: {list}": "日期列有：{list}",
    # engine/language/checks/scope_names.py
    "'{name}' has a meaning of its own and cannot name a record table": (
        "“{name}”另有专门含义，不能用作记录表的标识"
    ),
    "'{name}' is known of {rest}, and {owner} is about {why}": (
        "“{name}”是{rest}的数据，而{owner}针对的是{why}"
    ),
    "each account": "单个客户",
    "the portfolio": "全部客户",
    "each customer manager": "每位客户经理",
    "only what has 'scope: {scope}' can name it": "只有写明 'scope: {scope}' 的才能用它",
    "name a measure of the same scope": "请改用同一 scope 的指标",
    "aggregate it: count: {table}, where: {{tier}: …}": (
        "请先汇总：count: {table}, where: {{tier}: …}"
    ),
    "aggregate it: max: {table}.{column}": "请先汇总：max: {table}.{column}",
    "measure '{measure}' is of each account, and aggregates all of them": (
        "指标“{measure}”属于单个客户，却汇总了所有客户"
    ),
    "say of what it is: scope: portfolio, or scope: customer_manager": (
        "请写明它属于什么：scope: portfolio 或 scope: customer_manager"
    ),
    "measure '{measure}' is of {rest}, and aggregates {table}": (
        "指标“{measure}”属于{rest}，却直接汇总 {table}"
    ),
    "measure {table} of each account, then aggregate that: sum: {accounts}.…": (
        "请先为每个客户定义 {table} 的指标，再汇总该指标：sum: {accounts}.…"
    ),
    "{kind} needs a date, and accounts have none": "{kind}需要日期，而客户没有日期",
    "look back in the measure of the account, then aggregate that": (
        "请先在单个客户的指标中按日期取数，再汇总该指标"
    ),
    # engine/language/checks/scorecards.py
    "'{measure}' is {kind}; a curve needs a number": "“{measure}”是{kind}，而曲线需要数值",
    "write points by value, such as {A: 100, B: 60}": "请按取值写得分，例如 {A: 100, B: 60}",
    "'{measure}' is {kind}; points by value need a list of values": (
        "“{measure}”是{kind}，没有取值表，不能按取值给分"
    ),
    "write a curve, such as [[0, 0], [10, 100]]": "请写曲线，例如 [[0, 0], [10, 100]]",
    "'{criterion}' has no points for {values}": "“{criterion}”没有写明 {values} 的得分",
    "a value without points would count as missing": "没有写明得分的取值会按缺失处理",
    # engine/language/checks/sinks.py
    "a role{s}of this workspace": "本工作区的角色",
    "what is sent to '{host}' can be read on its way": "发往“{host}”的内容在传输途中可被他人读取",
    "write https://": "请写 https://",
    # engine/language/checks/units.py
    "'{name}' is {kind}, {value} is not": "“{name}”是{kind}，{value} 不是",
    "{value} is not a value of '{name}'": "{value} 不是“{name}”的取值",
    "put it in quotes: '{value}'": "请加引号：'{value}'",
    "'{name}' is {kind}, {value} is {unit}": "“{name}”是{kind}，{value} 是{unit}",
    "'{name}' is a ratio, where {value} would mean {percent}": (
        "“{name}”是比率，{value} 会当作 {percent}"
    ),
    "write {percent}, or {other} if that is meant": "请写 {percent}；如果确为 {other}，请照写",
    "'{name}' is {kind}; {value} lies outside": "“{name}”是{kind}，{value} 超出范围",
    "'{name}' is {kind}, '{other}' is {unit}": "“{name}”是{kind}，“{other}”是{unit}",
    "compare values of one kind": "请比较同类的值",
    "'{name}' and '{other}' have no value in common": "“{name}”与“{other}”没有共同的取值",
    "write true or false": "请写 true 或 false",
    "write a date such as 2026-01-01": "请写日期，例如 2026-01-01",
    "its values are: {list}": "取值有：{list}",
    "write an amount such as 500万": "请写金额，例如 500万",
    "write a percentage such as 30%": "请写百分数，例如 30%",
    "write days such as 90 days": "请写天数，例如 90 days",
    "write a number from 0 to 100": "请写 0 至 100 的数",
    "write a number from -100 to 100": "请写 -100 至 100 的数",
    "write a whole number": "请写整数",
    "a percentage": "百分数",
    "an amount": "数额",
    "a number of days": "天数",
    "a number of hours": "小时数",
    "a number of workdays": "工作日数",
    "text": "文本",
    "an enumeration": "枚举",
    "an ordinal": "有序枚举",
    "a whole number": "整数",
    "a ratio": "比率",
    "money": "金额",
    "a score from 0 to 100": "评分（0 至 100）",
    "an NPS from -100 to 100": " NPS（-100 至 100）",
    "a date": "日期",
    "a date with a time": "日期时刻",
    # engine/language/checks/upkeep.py
    "parameter '{parameter}' is not used": "参数“{parameter}”没有用到",
    "write ${parameter} where it belongs, or remove it": "请在该用的地方写 ${parameter}，或删除它",
    "'{parameter}' is a judgement, and nobody owns it": "“{parameter}”属主观判断，却无人负责",
    "name the role that answers for the number under 'owner:'": (
        "请在 'owner:' 下写明对该数字负责的角色"
    ),
    "'{parameter}' has no value before {first}; the policy begins on {start}": (
        "“{parameter}”在 {first} 之前没有值，而制度自 {start} 起生效"
    ),
    "add a value from {day} or earlier under 'values:'": (
        "请在 'values:' 下补上自 {day} 或更早起的值"
    ),
    "{clause} stands under 'not_implemented', but is implemented: {users}": (
        "{clause} 列在“not_implemented”之下，却已有规则落实：{users}"
    ),
    "remove the excuse, or the clause from 'source:'": (
        "请从“not_implemented”中删除该条，或从 'source:' 中删除该条款"
    ),
    "no rule implements {clause}: {text}": "没有规则落实 {clause}：{text}",
    "name it in the 'source:' of a rule, or under 'not_implemented:' with a reason": (
        "请写入某条规则的 'source:'，或列入 'not_implemented:' 并说明理由"
    ),
    "a clause of the document": "该文件的条款",
    # engine/language/checks/walk.py: what a condition or a formula belongs to
    "the population": "适用范围",
    "the exclusion": "排除条件",
    "tier '{tier}'": "等级“{tier}”",
    "warning '{warning}'": "预警“{warning}”",
    "level {level} of {owner}": "{owner}的 {level} 级",
    "milestone '{milestone}'": "里程碑“{milestone}”",
    "entitlement '{entitlement}'": "权益“{entitlement}”",
    "measure '{measure}'": "指标“{measure}”",
    "column '{table}.{column}'": "列“{table}.{column}”",
    "action '{action}' of {owner}": "{owner}的行动模板“{action}”",
    # engine/language/checks/words.py
    "character {number} of it is {fault}; {hint}": "其中第 {number} 个字符是{fault}；{hint}",
    # engine/language/checks/workspace.py
    "{table} is dated by '{column}', where the policy means '{wanted}'": (
        "{table} 以“{column}”为日期列，而制度用的是“{wanted}”"
    ),
    "write 'time: {column}', unless the difference is wanted": (
        "请写 'time: {column}'，除非有意不同"
    ),
    "{table} has no 'time:', so no window and no as-of date can be applied to it": (
        "{table} 没有写 'time:'，无法按时间窗和截至日取数"
    ),
    "map the column '{column}' and write 'time: {time}'": (
        "请在 facts.yaml 中写明“{column}”列，并写 'time: {time}'"
    ),
    "{column} is {type} here and {wanted} in the policies": (
        "{column} 在此处是 {type}，在制度中是 {wanted}"
    ),
    "write 'type: {type}', as at {place}": "请写 'type: {type}'，与 {place} 处一致",
    "{column} admits '{value}', which the policies do not know": (
        "{column} 允许取值“{value}”，而制度中没有这个值"
    ),
    "{column} orders its values otherwise than the policies": "{column} 的取值次序与制度不同",
    "write them from worst to best: {list}": "请从差到好排列：{list}",
    "no policy knows a record table '{table}'": "没有制度用到记录表“{table}”",
    "no policy knows a column '{column}' of {table}": "没有制度用到 {table} 的“{column}”列",
    "{source} is not mapped": "工作区未提供 {source}",
    "{source} is not mapped{s}so these stay missing: {facts}": (
        "工作区未提供 {source}；因此始终缺失：{facts}"
    ),
    "{source} is not mapped{s}so these can never fire: {rules}": (
        "工作区未提供 {source}；因此永远不会触发：{rules}"
    ),
    "{source} is not mapped{s}so these stay missing: {facts}; so these can never fire: "
    "{rules}": "工作区未提供 {source}；因此始终缺失：{facts}；永远不会触发：{rules}",
    "map it in facts.yaml, if the company knows it": (
        "企业如有这项数据，请在 facts.yaml 中写明它的来源"
    ),
}
