"""What the checks of tiers, warnings and entitlements find: rules that cannot be meant so.

`{s}`, `{plural}` and `{verb}` also stand for what joins a text out of parts, and are left out;
`{owner}`, `{since}` and `{test}` for what has words of its own here.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # rules, where several are listed
    "warning '{warning}' ({levels})": "预警“{warning}”（{levels}）",
    "warning '{warning}' ({levels}) of {pack}": "预警“{warning}”（{levels}，{pack}）",
    "warning '{warning}' of {pack}": "预警“{warning}”（{pack}）",
    "tier '{tier}' of {pack}": "等级“{tier}”（{pack}）",
    "milestone '{milestone}' of {pack}": "里程碑“{milestone}”（{pack}）",
    "entitlement '{entitlement}' of {pack}": "权益“{entitlement}”（{pack}）",
    "parameter '{parameter}'": "参数“{parameter}”",
    "criterion '{criterion}'": "评分项“{criterion}”",
    # engine/language/checks/deciding.py: what a condition asks, with values
    "'{name}' between {low} and {high}": "'{name}' 介于 {low} 与 {high} 之间",
    "'{name}'{s}in the top {share}": "'{name}' 位列前 {share}",
    "'{name}'{s}in the bottom {share}": "'{name}' 位列后 {share}",
    # engine/language/checks/settings.py: since when, and what joins it with the rest
    " from {day}": "（自 {day} 起）",
    " from {day}: ": "（自 {day} 起），因为",
    ": ": "，因为",
    # engine/language/checks/alternatives.py
    "tier '{tier}' can never be reached by {test}: what else it asks for shuts out an account": (
        "等级“{tier}”永远不可能凭此（{test}）达到：该等级的其他条件排除了这样的客户"
    ),
    "tier '{tier}' can never be reached by {test}: what else it asks for shuts out an "
    "account{how}": (
        "等级“{tier}”永远不可能凭此（{test}）达到：该等级的其他条件排除了这样的客户{how}"
    ),
    "tier '{tier}' can never be reached by {test} from {day}: what else it asks for shuts out an "
    "account": (
        "自 {day} 起，等级“{tier}”永远不可能凭此（{test}）达到：该等级的其他条件排除了这样的客户"
    ),
    "tier '{tier}' can never be reached by {test} from {day}: what else it asks for shuts out an "
    "account{how}": (
        "自 {day} 起，等级“{tier}”永远不可能凭此（{test}）达到："
        "该等级的其他条件排除了这样的客户{how}"
    ),
    "this alternative": "这里的备选条件",
    " with {rest}": "（例如{rest}）",
    "'{name}' of {value}": "“{name}”为 {value}",
    "'{name}' of {value} and {rest}": "“{name}”为 {value}、{rest}",
    "only its other alternatives are left; the tier is at {place}": (
        "只有其余的备选条件还能成立；该等级在 {place}"
    ),
    # engine/language/checks/bands.py
    "no tier takes '{name}' {how}: it lies between '{worse}' and '{better}'; an account with "
    "{value} falls to '{default}'": (
        "“{name}”{how}时没有等级可归：这一段落在“{worse}”与“{better}”的区间之间；"
        "取值 {value} 的客户会归入“{default}”"
    ),
    "no tier takes '{name}' {how} from {day}: it lies between '{worse}' and '{better}'; an "
    "account with {value} falls to '{default}'": (
        "自 {day} 起，“{name}”{how}时没有等级可归：这一段落在“{worse}”与“{better}”的区间之间；"
        "取值 {value} 的客户会归入“{default}”"
    ),
    "let the bands meet; '{tier}' is at {place}": "请让两个区间相接；“{tier}”在 {place}",
    "'{name}' {how} is in the band of '{worse}' and of '{better}'; an account with {value} that "
    "meets both is '{tier}'": (
        "“{name}”{how}时同时落在“{worse}”与“{better}”的区间内；"
        "取值 {value} 且两级条件都满足的客户归入“{tier}”"
    ),
    "'{name}' {how} is in the band of '{worse}' and of '{better}'{since}; an account with "
    "{value} that meets both is '{tier}'": (
        "“{name}”{how}时同时落在“{worse}”与“{better}”的区间内{since}；"
        "取值 {value} 且两级条件都满足的客户归入“{tier}”"
    ),
    "let the bands meet without overlapping; '{tier}' is at {place}": (
        "请让两个区间相接而不重叠；“{tier}”在 {place}"
    ),
    "of exactly {value}": "恰为 {value} ",
    "above {low}": "高于 {low} ",
    "from {low}": "不低于 {low} ",
    "below {high}": "低于 {high} ",
    "up to {high}": "不超过 {high} ",
    "above {low} below {high}": "高于 {low}、低于 {high} ",
    "above {low} up to {high}": "高于 {low}、不超过 {high} ",
    "from {low} below {high}": "不低于 {low}、低于 {high} ",
    "from {low} up to {high}": "不低于 {low}、不超过 {high} ",
    # engine/language/checks/clocks.py
    "'{entitlement}' is owed within {period}, and no clock is said: what comes in on {how} is late "
    "after {rest} by the calendar, which counts, and after {why} by the hours of workdays from "
    "9:00 to 18:00": (
        "“{entitlement}”须在 {period} 内履行，却没有写明如何计时：例如{how}收到的，"
        "按自然时间（现按此计）过{rest}即逾期，按工作日 9:00 至 18:00 计则过{why}才逾期"
    ),
    "Monday {time}": " {time}（周一）",
    "Tu{s}day {time}": " {time}（周二）",
    "Wednesday {time}": " {time}（周三）",
    "Th{s}day {time}": " {time}（周四）",
    "Friday {time}": " {time}（周五）",
    "Saturday {time}": " {time}（周六）",
    "Sunday {time}": " {time}（周日）",
    "write 'clock: calendar' or 'clock: working'": (
        "请写 'clock: calendar'（自然时间）或 'clock: working'（工作时间）"
    ),
    # engine/language/checks/inversions.py
    "entitlement '{entitlement}' is owed to '{lower}' and not to '{better}', which is better: "
    "{why}": "权益“{entitlement}”给了“{lower}”而没有给更高的“{better}”：{why}",
    "an account of '{lower}' goes first with rank {rank}, and one of '{better}' {why}": (
        "“{lower}”客户以顺位 {rank} 排在前面，“{better}”客户{why}"
    ),
    "has rank {rank}": "的顺位为 {rank}",
    "has no place in the queue": "没有顺位",
    "an account of '{lower}' gets it, and one of '{better}' gets no {kind} at all": (
        "“{lower}”客户享有，“{better}”客户却没有任何 {kind} 类权益"
    ),
    "add '{tier}' to its tiers, or name under 'owner:' who answers for the difference": (
        "请在它的 tiers 中加上“{tier}”，或在 'owner:' 下写明由谁对这一差别负责"
    ),
    "'{lower}' is owed '{records}' more often than '{better}', which is better: an account of "
    "'{low}' has {many} a year by '{entitlement}' ({often}), and one of '{high}' {few} by "
    "'{other}' ({seldom})": (
        "“{lower}”的“{records}”比更高的“{better}”还频繁：“{low}”客户按“{entitlement}”"
        "每年 {many} 次（{often}），“{high}”客户按“{other}”每年 {few} 次（{seldom}）"
    ),
    "add '{tier}' to the tiers of '{entitlement}', or owe it something as frequent; '{other}' is "
    "at {place}": (
        "请在“{entitlement}”的 tiers 中加上“{tier}”，或给它同样频繁的安排；“{other}”在 {place}"
    ),
    # engine/language/checks/judgements.py
    "'{parameter}' is {value}, of which {clauses} say{s}nothing, and nobody owns it": (
        "“{parameter}”的值为 {value}，{clauses} 并未写明这个数，也无人负责"
    ),
    "write 'judgement: true' and under 'owner:' the role that answers for it": (
        "请写 'judgement: true'，并在 'owner:' 下写明对它负责的角色"
    ),
    "nobody answers for a veto: an account with {test} falls to '{tier}' at once, from whatever "
    "tier": "一票否决无人负责：凡 {test} 的客户，不论原在哪一级，都会立即归入“{tier}”",
    "compare with a parameter that has 'judgement: true' and an 'owner:'": (
        "请与一个写有 'judgement: true' 和 'owner:' 的参数比较"
    ),
    # engine/language/checks/polarity.py
    "nothing says whether more of '{measure}' is better: {reason}, and {rest} ({place})": (
        "没有写明“{measure}”是越高越好还是越低越好：{reason}，而{rest}（{place}）"
    ),
    "nothing says whether more of '{measure}' is better: {reason}, and {rest} ({place}; the "
    "first is about {value}, the other about {second}": (
        "没有写明“{measure}”是越高越好还是越低越好：{reason}，而{rest} ({place}；"
        "前者例如 {value}，后者例如 {second}"
    ),
    "level {level} of warning '{warning}' warns of {test}": (
        "预警“{warning}”的 {level} 级在 {test} 时预警"
    ),
    "tier '{tier}' asks for {test}": "等级“{tier}”要求 {test}",
    "milestone '{milestone}' rewards {test}": "里程碑“{milestone}”奖励 {test}",
    "criterion '{criterion}' gives{s}more{plural}points for more": (
        "评分项“{criterion}”给数值高的更多得分"
    ),
    "criterion '{criterion}' gives{s}fewer{plural}points for more": (
        "评分项“{criterion}”给数值高的更少得分"
    ),
    "say 'polarity:' of the measure ({place}) and drop the rule that is wrong, or compare with a "
    "parameter that has an 'owner:'": (
        "请为该指标写明 'polarity:'（{place}）并删去有误的规则，或与一个写有 'owner:' 的参数比较"
    ),
    "level {level} of warning '{warning}' warns of {test}, but of '{measure}'{s}higher{verb}is "
    "better": ("预警“{warning}”的 {level} 级在 {test} 时预警，而“{measure}”越高越好"),
    "level {level} of warning '{warning}' warns of {test}, but of '{measure}'{s}lower{verb}is "
    "better": ("预警“{warning}”的 {level} 级在 {test} 时预警，而“{measure}”越低越好"),
    "{reason}, but of '{measure}' {rest}": "{reason}，而“{measure}”{rest}",
    "turn the comparison round or change the polarity ({place}); if both are meant, compare with "
    "a parameter that has an 'owner:'": (
        "请把比较方向反过来，或改 'polarity:'（{place}）；"
        "如果两者都是本意，请与一个写有 'owner:' 的参数比较"
    ),
    # engine/language/checks/promotions.py
    "milestone '{milestone}' promotes to '{tier}' accounts that do not meet it{since}one of "
    "'{start}'{how} lacks {rest}; the next review takes the promotion back": (
        "里程碑“{milestone}”会把不符合“{tier}”条件的客户升入该级{since}“{start}”客户{how}不满足 "
        "{rest}；下次评定会收回这次升级"
    ),
    "milestone '{milestone}' promotes to '{tier}' accounts that do not meet it{since}an "
    "account{how} lacks {rest}; the next review takes the promotion back": (
        "里程碑“{milestone}”会把不符合“{tier}”条件的客户升入该级{since}客户{how}不满足 {rest}；"
        "下次评定会收回这次升级"
    ),
    "milestone '{milestone}' promotes to '{tier}' accounts that do not meet it{since} lacks "
    "{rest}; the next review takes the promotion back": (
        "里程碑“{milestone}”会把不符合“{tier}”条件的客户升入该级{since} 不满足 {rest}；"
        "下次评定会收回这次升级"
    ),
    "'{name}' missing": "“{name}”缺失",
    "'{name}' missing{s}and {rest}": "“{name}”缺失、{rest}",
    "what stands at {place}": "{place} 处的条件",
    "{test}; from {amount} it grows by {growth} to {end}": (
        "{test}（从 {amount} 增长 {growth}，只到 {end}）"
    ),
    "give it a 'hold:', such as 2 reviews, or let it ask for what '{tier}' needs ({place})": (
        "请为它写 'hold:'（保级，例如 2 reviews），或让它也要求“{tier}”所需的条件（{place}）"
    ),
    "tiers are reviewed every {period}, and nothing says how an account goes down: one of "
    "'{tier}' that meets no level falls to '{default}' at the first review": (
        "等级的评定周期为 {period}，却没有写明客户如何降级：“{tier}”客户如果不满足任何等级，"
        "首次评定就会直接降到“{default}”"
    ),
    "write 'demotion: {after: 2 reviews, steps: 1}', or '{after: 1 review, steps: {steps}}' if "
    "that is meant": (
        "请写 'demotion: {after: 2 reviews, steps: 1}'；"
        "如果本意就是直接降到底，请写 '{after: 1 review, steps: {steps}}'"
    ),
    # engine/language/checks/ranks.py
    "tier '{tier}' cannot fill the first {share} of {measure}: at most {most} accounts can have "
    "{test}, while {first} of {accounts} accounts are {needed}": (
        "等级“{tier}”凑不满 {measure} 的前 {share}：能达到 {test} 的客户最多 {most} 家，"
        "而 {accounts} 家客户的 {first} 是 {needed} 家"
    ),
    "tier '{tier}' cannot fill the first {share} of {measure} from {day}: at most {most} accounts "
    "can have {test}, while {first} of {accounts} accounts are {needed}": (
        "自 {day} 起，等级“{tier}”凑不满 {measure} 的前 {share}：能达到 {test} 的客户最多 "
        "{most} 家，而 {accounts} 家客户的 {first} 是 {needed} 家"
    ),
    "drop one of the two; or, if the rank is meant as a ceiling, let it be a parameter with an "
    "'owner:'; the share is asked for at {place}": (
        "请删去两者之一；如果排名只是上限，请改用写有 'owner:' 的参数；占比要求在 {place}"
    ),
    "{owner} ranks '{measure}', and nothing says among whom: of {all} accounts of which {idle} "
    "are prospects or closed, {share} are {many}, and of the others {few}": (
        "{owner}按“{measure}”排名，却没有写明在哪些客户中排：假如 {all} 家客户中有 {idle} 家"
        "是潜在或已关闭的客户，{share} 就是 {many} 家，只算其余客户则是 {few} 家"
    ),
    "say who is ranked under 'population:' of the tiers ({place}); or, if it is all accounts, let "
    "the share be a parameter with an 'owner:'": (
        "请在 tiers 的 'population:'（{place}）下写明哪些客户参与排名；"
        "如果是全部客户，请让占比改用写有 'owner:' 的参数"
    ),
    # engine/language/checks/reach.py
    "the condition of {owner} can never be true": "{owner}的条件永远不可能成立",
    "the condition of {owner} can never be true{since}": "{owner}的条件永远不可能成立{since}",
    "its tests leave no value; look at the bounds, and at the values of parameters": (
        "各项比较合起来没有任何取值可以满足；请检查上下限和参数的值"
    ),
    "the condition of {owner} is never true in the population": (
        "{owner}的条件在适用范围内永远不会成立"
    ),
    "the condition of {owner} is never true in the population{since}": (
        "{owner}的条件在适用范围内永远不会成立{since}"
    ),
    "an account outside the population has no tier and sets off no rule": (
        "适用范围以外的客户没有等级，也不会触发任何规则"
    ),
    "this part of {owner} can never be true": "{owner}的这一部分永远不可能成立",
    "this part of {owner} can never be true{since}": "{owner}的这一部分永远不可能成立{since}",
    "this condition of {owner} holds for every value": "{owner}的这个条件对任何取值都成立",
    "this condition of {owner} holds for every value{since}": (
        "{owner}的这个条件对任何取值都成立{since}"
    ),
    "leave it out, or write 'missing: false' if it must only be known": (
        "请删去它；如果只要求有值，请写 'missing: false'"
    ),
    "tier '{tier}' can never be reached{since}its own condition can never be true": (
        "等级“{tier}”永远达不到{since}它自身的条件永远不可能成立"
    ),
    "tier '{tier}' can never be reached{since}its condition is never true in the population": (
        "等级“{tier}”永远达不到{since}它的条件在适用范围内永远不会成立"
    ),
    "tier '{tier}' can never be reached{since}whenever it holds, {tiers} above it holds too, and "
    "the first one counts": (
        "等级“{tier}”永远达不到{since}凡它成立时，更高的 {tiers} 也成立，而以最先成立的为准"
    ),
    "put the narrower tier first, or bound this one from above": (
        "请把条件更严的等级排在前面，或给这一级加上限"
    ),
    "level {level} of warning '{warning}' can never be the worst that holds{since}whenever it "
    "holds, {worse} holds too": (
        "预警“{warning}”的 {level} 级永远不可能是成立的最严重一级{since}凡它成立时，{worse} 也成立"
    ),
    "let the milder level hold where the worse one does not": (
        "请让较轻的级别在较重的级别不成立时也能成立"
    ),
    "milestone '{milestone}' {why} from '{start}' to '{end}'": (
        "里程碑“{milestone}”{why}，却是从“{start}”到“{end}”，并未升高"
    ),
    "promotes": "会升级",
    "proposes to move": "提议升级",
    "from best to worst the tiers are: {list}": "等级从高到低为：{list}",
    # engine/language/checks/teams.py
    "team '{team}' is owed to the default tier '{tier}', and so to every account of the "
    "population: one that meets no level needs {roles}": (
        "团队“{team}”也配给默认等级“{tier}”，也就是适用范围内的每个客户："
        "不满足任何等级的客户也须配备 {roles}"
    ),
    "leave '{tier}' out of its tiers, or name under 'owner:' who answers for a team for "
    "everybody": ("请从它的 tiers 中去掉“{tier}”，或在 'owner:' 下写明由谁对“人人配备团队”负责"),
    "'{tier}' is owed {number} of '{role}' by '{team}' and {count} by '{other}': an account with "
    "{few} meets one of them only": (
        "“{tier}”的“{role}”按“{team}”应配 {number} 人，按“{other}”应配 {count} 人："
        "配 {few} 人的客户只满足其一"
    ),
    "decide on one number; '{team}' is at {place}": "请统一人数；“{team}”在 {place}",
}
