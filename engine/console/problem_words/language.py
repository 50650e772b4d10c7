"""What reading a policy, a catalog or a workspace finds."""

from __future__ import annotations

WORDS: dict[str, str] = {
    # engine/language/approval.py
    "the role '{role}' must sign, and has no key under 'keys:'": (
        "角色“{role}”必须签署，但 'keys:' 下没有它的公钥"
    ),
    "`kam keys new` makes one; write its public half here": (
        "请用 `kam keys new` 生成密钥，并把其中的公钥写在这里"
    ),
    "'{role}' has a key, and is not among the roles that must sign": (
        "“{role}”写有公钥，却不在必须签署的角色之中"
    ),
    "they are {list}": "必须签署的角色：{list}",
    "approved_policy asks for approvals, and nothing says who must sign": (
        "approved_policy 要求制度经过签署，但没有写明由谁签署"
    ),
    "add 'approval:' with the roles and their keys": "请加上 'approval:'，写明角色及其公钥",
    # engine/language/build.py
    "{s} scorecard {name} is already at {place}": "评分卡 {name} 已在 {place} 定义过",
    "{s} column of {table} {name} is already at {place}": (
        "记录表 {table} 的列 {name} 已在 {place} 定义过"
    ),
    "{what} '{name}' is already at {place}": "{what}“{name}”已在 {place} 定义过",
    "give one of the two another id, or remove it": "请给其中一个另取标识，或删去一个",
    "the pack already has tiers at {place}": "本制度包已在 {place} 定义了等级",
    "'{table}' is already dated by '{column}' at {place}": (
        "记录表“{table}”已在 {place} 规定以“{column}”为日期列"
    ),
    "leave out 'time'": "请删去“time”",
    # engine/language/build_measures.py
    "only the columns of records have formulas": "只有记录表的列可以带公式",
    "write a measure with this formula": "请用这个公式另写一个指标",
    "the range ends at {high}, below its beginning {low}": "范围的上限 {high} 小于下限 {low}",
    "the weights in '{name}' add up to {total}, not {expected}": (
        "“{name}”的各项权重合计 {total}，应为 {expected}"
    ),
    "{number} is missing": "还差 {number}",
    "{number} is too much": "多出 {number}",
    # engine/language/build_pack.py
    "the pack ends on {end}, before it begins on {begin}": (
        "制度包的截止日 {end} 早于生效日 {begin}"
    ),
    "the values of '{parameter}' are of different kinds": "“{parameter}”的各个取值类型不一",
    "the value of a parameter cannot be another parameter": "参数的取值不能是另一个参数",
    "write the value itself": "请直接写出取值",
    # engine/language/build_parts.py
    "the values of {list} are numbers, not '{value}'": "{list}的取值须是数值，不能是“{value}”",
    "the values of {list} must rise, but {after} follows {before}": (
        "{list}的取值须由小到大，但 {before} 之后是 {after}"
    ),
    # engine/language/build_rules.py
    "the warning has no level '{level}'": "该预警没有“{level}”这一级",
    "its levels are: {list}": "已有的级别：{list}",
    # engine/language/build_tiers.py
    "the default tier has the id of the level on line {line}": (
        "默认等级与第 {line} 行的等级标识相同"
    ),
    "at_most is {most}, below at_least {least}": "at_most 为 {most}，小于 at_least 的 {least}",
    # engine/language/calendar.py
    "there is no day {day}": "历法中没有 {day} 这一天",
    "the working hours end at {end}, not after {begin}": (
        "工作时间的结束时刻 {end} 不晚于开始时刻 {begin}"
    ),
    "write the earlier time first; 00:00 as the end is midnight": (
        "请把较早的时刻写在前面；结束时刻写 00:00 即午夜"
    ),
    "{day} is a holiday and a workday; it also stands on line {line}": (
        "{day} 既是节假日又是工作日；第 {line} 行也写了这一天"
    ),
    "keep one of the two": "请只保留其中一个",
    # engine/language/conditions.py
    "write $lower_case_name": "参数名请写成 $lower_case_name 的样子（小写字母加下划线）",
    "{reason}; {verb} $lower_case_name": (
        "{reason}；参数名请写成 $lower_case_name 的样子（小写字母加下划线）"
    ),
    "character {number} of it is {fault}; {verb} $lower_case_name": (
        "其中第 {number} 个字符是{fault}；参数名请写成 $lower_case_name 的样子（小写字母加下划线）"
    ),
    # engine/language/formula_scan.py
    "the formula is empty": "公式为空",
    "a formula has at most {characters} characters and {words} words and signs": (
        "公式最多 {characters} 个字符，{words} 个词和符号"
    ),
    "give its parts names, as measures of their own": "请把公式的各部分另写成指标，再引用其名",
    "the formula nests deeper than {count} levels": "公式的嵌套超过 {count} 层",
    "'{name}' cannot be the name of a measure": "“{name}”不能作指标名",
    "'{name}' cannot be the name of a parameter": "“{name}”不能作参数名",
    "names are like annual_purchase": "名称的写法如 annual_purchase",
    "a formula cannot have a comment": "公式中不能有注释",
    "put it beside the formula, as a YAML comment": "请写在公式旁边，作为 YAML 注释",
    "a formula cannot have '{sign}'": "公式中不能有“{sign}”",
    "a formula cannot have '{sign}' here": "公式的这个位置不能有“{sign}”",
    "a formula cannot {verb} a cast": "公式中不能转换类型",
    "a formula cannot {verb} text put together": "公式中不能拼接文本",
    "a formula cannot {verb} double quotes": "公式中不能有双引号",
    "a formula cannot {verb} backquotes": "公式中不能有反引号",
    "a formula cannot {verb} brackets": "公式中不能有方括号",
    "a formula cannot {verb} braces": "公式中不能有花括号",
    "a formula cannot {verb} '$' without a name": "公式中的“$”后面没有名称",
    "a formula cannot {verb} text that is not closed, or has a backslash": (
        "公式中的文本没有闭合，或含有反斜杠"
    ),
    "a formula cannot {verb} a name with a dot": "公式中不能有带点的名称",
    "numbers are written like 1000 or 0.5": "数值的写法如 1000 或 0.5",
    "types follow from the measures; leave it out": "类型由指标决定，请删去",
    "write =": "请写 =",
    "a formula is one expression": "一个公式只有一个表达式",
    "names stand without quotes, text in single quotes": "名称不加引号，文本用单引号",
    "names stand without quotes": "名称不加引号",
    "write 20% for a share; a remainder is not part of the language": (
        "占比请写成 20%；公式不支持取余"
    ),
    "use ( and )": "请用 ( 和 )",
    "name the measure without braces": "请直接写指标名，不加花括号",
    "write $name for a parameter": "引用参数请写 $name",
    "write the ASCII parenthesis (": "请写半角括号 (",
    "write the ASCII parenthesis )": "请写半角括号 )",
    "write the ASCII comma ,": "请写半角逗号 ,",
    "write *": "请写 *",
    "write /": "请写 /",
    "close it with a single quote": "请用单引号闭合",
    "aggregate a record column as a measure, and name that": (
        "请先把记录表的列汇总成指标，再引用该指标"
    ),
    "a formula cannot look into tables; aggregate records as a measure": (
        "公式不能直接查表；请把记录汇总成指标"
    ),
    "write x = 'a' or x = 'b'": "请写成 x = 'a' or x = 'b'",
    "write x >= 1 and x <= 2": "请写成 x >= 1 and x <= 2",
    "text cannot be searched; use an enumeration": "不能在文本中查找；请改用枚举",
    "a date minus a date is a number of days": "日期减日期得到天数",
    "{function}() looks at all accounts; a record column sees one record": (
        "{function}() 要看全部客户，而记录表的列只看得到一条记录"
    ),
    "{function}() is not a function of the language": "公式中没有 {function}() 这个函数",
    "functions are: {list}": "可用的函数：{list}",
    # engine/language/formulas.py
    "the formula nests deeper than {count} operations": "公式的运算嵌套超过 {count} 层",
    "an operator is missing before it": "它前面缺少运算符",
    "an operator is missing": "缺少运算符",
    "a value is missing before it": "它前面缺少一个值",
    "a value is missing": "缺少一个值",
    "a parenthesis is not closed": "括号没有闭合",
    "only 'null' can follow 'is'": "is 之后只能是 null",
    "'when' needs a 'then'": "when 之后须有 then",
    "'case' needs an 'end'": "case 须以 end 结束",
    "a function needs its arguments in parentheses": "函数的参数要写在括号里",
    "two comparisons follow each other": "两个比较连在了一起",
    "write a < b and b < c, or put one in parentheses": (
        "请写成 a < b and b < c，或把其中一个放进括号"
    ),
    "null stands only after 'is' or 'is not'": "null 只能写在 is 或 is not 之后",
    "leave out 'else' to give a missing value": "不写 else，结果即为缺失",
    "only 'when' can follow 'case'": "case 之后只能是 when",
    "write case when x = 1 then 2 end": "请写成 case when x = 1 then 2 end",
    "{function}() cannot have {count} argument": "{function}() 不能只有 {count} 个参数",
    "{function}() cannot have {count} argument{s}": "{function}() 不能有 {count} 个参数",
    "write {usage})": "请写成 {usage})",
    "write {usage}) or {other})": "请写成 {usage}) 或 {other})",
    "round() takes a number of decimals from 0 to 8": "round() 的小数位数须为 0 至 8",
    "{function}() takes the name of a measure": "{function}() 的参数须是指标名",
    "make the expression a measure of its own, and name that": (
        "请把这个表达式另写成指标，再引用该指标"
    ),
    "percentile() takes a share above 0% and up to 100%": (
        "percentile() 的百分位须大于 0%，不超过 100%"
    ),
    "for example percentile(x, 90%)": "例如 percentile(x, 90%)",
    "group_total() groups by an account column": "group_total() 只能按客户表的列分组",
    "for example group_total(x, controller)": "例如 group_total(x, controller)",
    "the formula ends too early, after '{word}'": "公式在“{word}”之后没有写完",
    "the formula cannot be read at '{word}'": "公式从“{word}”处起无法识别",
    # engine/language/json_words.py
    "a text ends with a line break": "某处文本以换行结尾",
    "a key of '{name}' is empty or longer than 200 characters": (
        "“{name}”中有一个键为空，或超过 200 个字符"
    ),
    # engine/language/load.py
    "the pack '{pack}' is already at {place}": "制度包“{pack}”已在 {place} 定义过",
    "the pack '{pack}' is not a folder in the workspace": "制度包“{pack}”不是工作区里的文件夹",
    "write a path such as policies/my_rules, or {packaged}NAME": (
        "请写路径，如 policies/my_rules，或写 {packaged}NAME"
    ),
    "there is no {file} in the folder '{folder}'": "文件夹“{folder}”里没有 {file}",
    "a pack is a folder with a {file} that begins with 'pack:'": (
        "制度包是一个文件夹，其中的 {file} 以 'pack:' 开头"
    ),
    "there is no folder '{folder}'": "没有“{folder}”这个文件夹",
    "no pack '{pack}' comes with kam": "kam 没有自带“{pack}”这套制度包",
    "there are: {list}": "可用的有：{list}",
    "there is no {file}": "没有 {file}",
    "the file is not read": "这个文件不会被读取",
    "give it a name that ends with .yaml": "请把文件名改为以 .yaml 结尾",
    "'{path}' lies outside the folder that holds the pack": "“{path}”在制度包的上级文件夹之外",
    "'{path}' is already a file of the pack": "“{path}”已是本制度包的文件",
    "the file needs the section 'pack'": "文件中缺少“pack”一节",
    "begin the file with 'pack:' and its id, title, version, effective and owner": (
        "文件开头请写 'pack:'，其下写明 id、title、version、effective 和 owner"
    ),
    "the section '{section}' stands only in a pack's own {file}": (
        "“{section}”一节只能写在制度包自己的 {file} 里"
    ),
    # engine/language/load.py and named_files.py: the line that names a file
    "'{file}': {problem}": "所写的文件“{file}”：{problem}",
    # engine/language/overrides.py
    "the {begins} on {first} and ends before that, on {until}": (
        "{begins}于 {first}，截止日 {until} 却更早"
    ),
    "until is the last day, that day included": "until 是最后一天，当天仍有效",
    "the entry must name its pack, for the workspace has several": (
        "工作区有多套制度包，此条须写明属于哪一套"
    ),
    "add 'pack': one of {list}": "请加上“pack”，取以下之一：{list}",
    # engine/language/placeholders.py
    "'{written}' has no closing brace": "“{written}”缺少右花括号",
    "'{written}' has no opening brace": "“{written}”缺少左花括号",
    "'{written}' {verb} full-width braces": "“{written}”用了全角花括号",
    "'{written}' {verb} nothing": "“{written}”的花括号中没有名称",
    "'{written}' {verb} two pairs of braces": "“{written}”有两层花括号",
    "'{written}' {verb} a brace too many": "“{written}”多了一个花括号",
    "'{written}' {verb} not a name in braces": "“{written}”的花括号中不是名称",
    "write a name of the pack in one pair of braces, as in {account_id}, and no other brace": (
        "请在一对花括号中写本制度包里的名称，如 {account_id}；不要有别的花括号"
    ),
    # engine/language/quantities.py
    "'{text}' cannot be read as a quantity": "“{text}”不能识别为数量",
    "write year-month-day, as in 2026-01-31": "请按年-月-日书写，如 2026-01-31",
    # engine/language/sinks.py
    "'{path}' lies outside the workspace": "“{path}”在工作区之外",
    "write a path under the folder of kam.yaml": "请写 kam.yaml 所在文件夹之下的路径",
    "'{path}' is the file of the sink '{sink}' already": "“{path}”已是去处“{sink}”的文件",
    "give each sink a file of its own": "请让每个去处各用一个文件",
    "'{address}' is not a web address": "“{address}”不是网址",
    "for example: https://erp.example/hooks/kam": "例如：https://erp.example/hooks/kam",
    "this address holds a secret ({secret}), and a file is no place for one": (
        "该网址中含有机密（{secret}），不应写在文件里"
    ),
    "put the address into the environment, and name its variable as 'url_env'": (
        "请把网址放进环境变量，在“url_env”中写变量名"
    ),
    # engine/language/texts.py
    "a file is needed here, this is a folder": "此处应为文件，这却是文件夹",
    "only regular files are read": "只读取普通文件",
    "there is no such file": "没有这个文件",
    "the file cannot be read: {reason}": "文件无法读取：{reason}",
    "the file is bigger than {limit} MiB": "文件超过 {limit} MiB",
    "policy is written by people; keep data in the sources that facts.yaml names": (
        "制度由人书写，不会这么大；数据请放在 facts.yaml 写明的数据源里"
    ),
    "there is no such folder": "没有这个文件夹",
    "the folder cannot be read: {reason}": "文件夹无法读取：{reason}",
    "{path} lies outside {folder}/": "{path} 在 {folder}/ 之外",
    "{path} cannot be resolved": "{path} 无法解析为实际路径",
    "{path} is a link to a place outside {folder}/": "{path} 是指向 {folder}/ 之外的链接",
    "copy the file instead of linking to it": "请复制文件，不要用链接",
    "there is no such file among the kept copies": "留存的副本中没有这个文件",
    "there is no such folder among the kept copies": "留存的副本中没有这个文件夹",
    # engine/language/workspace.py
    "there is no {file} here": "这里没有 {file}",
    "go to a workspace, or make one with 'kam init DIR'": (
        "请进入一个工作区，或用 kam init DIR 新建"
    ),
    "'{name}' is not a time zone": "“{name}”不是时区",
    "for example {zone}": "例如 {zone}",
    # engine/lifecycle/due_dates.py
    "due dates reach into {year}, and the official holidays are known up to {last}; "
    "every day after that but the weekend counts as a workday": (
        "行动的期限已到 {year} 年，而已知的法定节假日只到 {last} 年；此后除周末外，每天都按工作日计"
    ),
    "due dates reach into {first} to {end}, and the official holidays are known up to {last}; "
    "every day after that but the weekend counts as a workday": (
        "行动的期限已到 {first} 至 {end} 年，而已知的法定节假日只到 {last} 年；"
        "此后除周末外，每天都按工作日计"
    ),
    "list the year's holidays and make-up workdays in {file}": (
        "请在 {file} 中列出该年的节假日和调休上班日"
    ),
    "list the year's holidays and make-up workdays {s} a file that "
    "'calendar: {overrides: calendar.yaml}' names": (
        "请列出该年的节假日和调休上班日，写在 'calendar: {overrides: calendar.yaml}' 指定的文件里"
    ),
    # engine/plan/pack.py
    "{list} depend on each other": "{list}：每一项都要用到后一项，形成循环",
    # engine/plan/scope.py
    "parameter '{parameter}' has no value on {day}": "参数“{parameter}”在 {day} 没有取值",
    # engine/policy_tests/expecting.py
    "'{key}' stands beside 'includes' and 'excludes'": "“{key}”不能与“includes”、“excludes”并列",
    "put it under 'includes'": "请写在“includes”之下",
    "write one of {list}": "请写以下之一：{list}",
    "write a list": "请写成列表",
    "'{value}' is no level or state of '{name}'": "“{value}”不是“{name}”的级别或状态",
    "'{name}' {verb} anything that this pack can decide here": (
        "“{name}”不是本制度包在此处能得出的结论"
    ),
    # engine/policy_tests/reading.py
    "the test '{name}' already stands on line {line}": "测试“{name}”已写在第 {line} 行",
    "{night} does not come after {before}": "{night} 不晚于前一晚 {before}",
    "nothing in {pack} looks at '{name}'": "{pack} 中没有规则用到“{name}”",
    "leave it out, or give what the rules look at": "请删去，或改为给出规则用到的内容",
    "there is no rank here": "此处不能写排名",
    "there is no place {place} of {count}": "{count} 家客户中没有第 {place} 名",
    "'{name}' {verb} a tier of this pack": "“{name}”不是本制度包的等级",
    "'{name}' {verb} a milestone of this pack": "“{name}”不是本制度包的里程碑",
    "'{name}' {verb} an account column, measure or scorecard": (
        "“{name}”不是指标、评分卡或客户表的列"
    ),
    "'{name}' {verb} a measure of the scope {scope}": "“{name}”不是 scope 为 {scope} 的指标",
    "'{name}' {verb} a record table of the vocabulary": (
        "“{name}”不是词汇表（vocabulary）中的记录表"
    ),
    "'{name}' {verb} a column of {table} that is not computed": (
        "“{name}”不是 {table} 中可以给出的列（没有这一列，或由公式算出）"
    ),
    # engine/policy_tests/typed.py
    "{value} is not between {low} and {high}, so it would be set aside": (
        "{value} 不在 {low} 至 {high} 之间，这样的数据会被拒"
    ),
    "'{value}' is not a value here": "“{value}”不是此处允许的取值",
    "{file} a file is needed here, this is a folder": "{file} 此处应为文件，这却是文件夹",
    "{wanted} is needed here, this is {value}": "此处应写：{wanted}；现写为：{value}",
    "text {verb} needed here, this is {value}": "此处应写：文本；现写为：{value}",
    "{text} is no date": "{text} 不是日期",
    "write 2026-01-31, 30 days ago or 5 days ahead, with a time if need be: 09:00": (
        "请写 2026-01-31、30 days ago 或 5 days ahead，必要时加时刻，如 09:00"
    ),
    "there is no time {clock}": "没有 {clock} 这个时刻",
    # engine/prepared.py
    "{pack} {version} is in force from {first}, and decides as of {day}": (
        "{pack} {version} 自 {first} 起施行，而本次裁定截至 {day}"
    ),
    "{pack} {version} is in force from {first} to {last}, and decides as of {day}": (
        "{pack} {version} 施行于 {first} 至 {last}，而本次裁定截至 {day}"
    ),
    "run the version of that time, or change 'effective:'": (
        "请用当时施行的版本运行，或修改 'effective:'"
    ),
}
