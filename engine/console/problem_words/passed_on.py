"""What the engine passes on, and does not say itself: of the schemas, of YAML, of the system.

The descriptions and titles stand in `schemas/`, which editors show in English.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # libyaml
    "mapping values are not allowed in this context": "此处不能再有“键: 值”",
    "mapping keys are not allowed in this context": "此处不能有键",
    "block sequence entries are not allowed in this context": "此处不能有“- ”开头的列表项",
    "could not find expected ':'": "键之后没有找到冒号",
    "did not find expected ',' or ']'": "此处应为“,”或“]”",
    "did not find expected ',' or '}'": "此处应为“,”或“}”",
    "did not find expected '-' indicator": "此处应为“- ”开头的列表项",
    "did not find expected key": "此处应为键",
    "did not find expected node content": "此处应有内容",
    "did not find expected <document start>": "此处应为新文档的开头（---）",
    "did not find expected alphabetic or numeric character": "此处应为字母或数字",
    "did not find expected comment or line break": "此处应为注释或换行",
    "did not find expected whitespace or line break": "此处应为空格或换行",
    "did not find expected hexdecimal number": "此处应为十六进制数",
    "found a tab character that violates indentation": "缩进中有制表符",
    "found a tab character where an indentation space is expected": "缩进中有制表符，应为空格",
    "found an indentation indicator equal to 0": "缩进指示不能为 0",
    "found character that cannot start any token": "此处的字符不能作为开头",
    "found duplicate anchor; first occurrence": "锚点重名",
    "found extremely long version number": "版本号过长",
    "found incompatible YAML document": "YAML 版本不兼容",
    "found invalid Unicode character escape code": "Unicode 转义有误",
    "found undefined tag handle": "标签的前缀没有定义",
    "found unexpected ':'": "此处不应有“:”",
    "found unexpected document indicator": "引号中不应出现文档分隔（--- 或 ...）",
    "found unexpected end of stream": "文件在引号闭合之前就结束了",
    "found unknown directive name": "不认识的指令（%）",
    "found unknown escape character": "双引号中的反斜杠转义有误",
    "control characters are not allowed": "不允许控制字符",
    # the system, and SQLite
    "No such file or directory": "没有该文件或文件夹",
    "Permission denied": "没有权限",
    "Is a directory": "是文件夹",
    "Not a directory": "不是文件夹",
    "File exists": "文件已存在",
    "No space left on device": "磁盘已满",
    "Input/output error": "磁盘读写出错",
    "Read-only file system": "文件系统只读",
    "Address already in use": "该端口已被占用",
    "Cannot assign requested address": "本机没有该地址",
    "Name or service not known": "找不到该主机",
    "Connection refused": "连接被拒绝",
    "database disk image is malformed": "数据库已损坏",
    "file is not a database": "不是数据库文件",
    "database is locked": "数据库正被占用",
    "unable to open database file": "数据库文件打不开",
    "attempt to write a readonly database": "数据库只读",
    "disk I/O error": "磁盘读写出错",
    "database or disk is full": "磁盘已满",
    "the file cannot be read: Permission denied": "文件无法读取：没有权限",
    "the folder cannot be read: Permission denied": "文件夹无法读取：没有权限",
    "the file cannot be read: Input/output error": "文件无法读取：磁盘读写出错",
    # titles of what has a form
    "{value} cannot be read as as-of date": "{value} 不能作截至日（as_of）",
    "{value} cannot be read as clause id": "{value} 不能作条款编号",
    "{value} cannot be read as column of a record table": "{value} 应写成“记录表.列”",
    "{value} cannot be read as cool-down": "{value} 不能作预警解除后的冷却期",
    "{value} cannot be read as currency": "{value} 不是币种代码",
    "{value} cannot be read as date": "{value} 不是日期",
    "{value} cannot be read as date format": "{value} 不是日期格式",
    "{value} cannot be read as end of the window": "{value} 不能作时间窗的终点",
    "{value} cannot be read as id": "{value} 不能作标识",
    "{value} cannot be read as letter": "{value} 不是单个字母",
    "{value} cannot be read as limit": "{value} 不能作发送频率的上限",
    "{value} cannot be read as number of reviews": "{value} 不能作评定次数",
    "{value} cannot be read as origin": "{value} 不能作日志名称（origin）",
    "{value} cannot be read as pack": "{value} 不能作制度包",
    "{value} cannot be read as path": "{value} 不能作路径",
    "{value} cannot be read as period": "{value} 不能作周期",
    "{value} cannot be read as reminder": "{value} 不能作提前提醒的时间",
    "{value} cannot be read as retention": "{value} 不能作保留期限",
    "{value} cannot be read as share": "{value} 不能作占比",
    "{value} cannot be read as share of the last run": "{value} 不能作相对上次运行的比例",
    "{value} cannot be read as time held": "{value} 不能作保级时间",
    "{value} cannot be read as time kept": "{value} 不能作预警解除前的等待时间",
    "{value} cannot be read as time limit": "{value} 不能作时限",
    "{value} cannot be read as time of day": "{value} 不是时刻",
    "{value} cannot be read as time pending": "{value} 不能作预警触发前的等待时间",
    "{value} cannot be read as timeout": "{value} 不能作超时时间",
    "{value} cannot be read as url": "{value} 不是网址",
    "{value} cannot be read as variable": "{value} 不能作环境变量名",
    "{value} cannot be read as verifier key": "{value} 不是公钥",
    "{value} cannot be read as window": "{value} 不能作时间窗",
    "{value} cannot be read as account id": "{value} 不能作客户编号",
    "{value} cannot be read as event id": "{value} 不能作事件编号",
    "{value} cannot be read as moment": "{value} 不是日期时刻",
    "{value} cannot be read as record table": "{value} 不能作记录表名",
    # descriptions of names
    "English words in lower case, joined by single underscores; for example: {example}": (
        "请用小写英文单词，以单个下划线相连；例如：{example}"
    ),
    "The letter of a document and the number of its requirement; for example: {example}": (
        "请写文件的字母加条款的序号；例如：{example}"
    ),
    "A day as year-month-day; for example: {example}": "请按年-月-日书写；例如：{example}",
    # descriptions of keys: common, columns, conditions, measures
    "add '{key}': in Chinese": "请加上“{key}”：中文",
    "add '{key}': in English": "请加上“{key}”：英文",
    "add '{key}': what its values are": "请加上“{key}”：值的类型",
    "add '{key}': its columns, by name": "请加上“{key}”：各列，按列名",
    "add '{key}': a measure, a scorecard or an account column": (
        "请加上“{key}”：指标、评分卡或客户表的列"
    ),
    "add '{key}': what the value is": "请加上“{key}”：值的类型",
    "add '{key}': its share of 100": "请加上“{key}”：在 100 分中占多少",
    "add '{key}': its name for people": "请加上“{key}”：给人看的名称",
    "add '{key}': its criteria; their weights add up to 100": (
        "请加上“{key}”：各评分项，权重合计 100"
    ),
    # tiers and entitlements
    "add '{key}': by id, best first": "请加上“{key}”：各等级，以标识为键，由高到低",
    "add '{key}': the tier of the accounts for which no level holds": (
        "请加上“{key}”：不满足任何等级条件的客户归入哪一级"
    ),
    "add '{key}': what must hold": "请加上“{key}”：须成立的条件",
    "add '{key}': tiers move on the first run of each; a new account is placed at once": (
        "请加上“{key}”：评定周期；等级在每个周期的第一次运行时变动，新客户即时定级"
    ),
    "add '{key}': after so many reviews in a row that say so": (
        "请加上“{key}”：连续几次评定都应降级，才降级"
    ),
    "add '{key}': by at most so many levels at a time": "请加上“{key}”：一次最多降几级",
    "add '{key}': its id": "请加上“{key}”：标识",
    "add '{key}': the record table": "请加上“{key}”：记录表",
    "add '{key}': so many people": "请加上“{key}”：至少几人",
    "add '{key}': what is owed": "请加上“{key}”：权益的类别",
    "add '{key}': the tiers that are owed this": "请加上“{key}”：享有此项权益的等级",
    "add '{key}': 1 goes first": "请加上“{key}”：顺位，1 最先",
    "add '{key}': the role that approves": "请加上“{key}”：负责批准的角色",
    "add '{key}': the measure or account column that decides the rate": (
        "请加上“{key}”：决定费率的指标或客户表的列"
    ),
    "add '{key}': lower bounds and the rate from there on, rising": (
        "请加上“{key}”：各档下限及其费率，由小到大"
    ),
    "add '{key}': the period": "请加上“{key}”：周期",
    "add '{key}': the records that count": "请加上“{key}”：哪些记录算作履行",
    "add '{key}': the column with the time at which the clock starts": (
        "请加上“{key}”：开始计时的时刻所在的列"
    ),
    "add '{key}': the column with the time at which it stops": (
        "请加上“{key}”：停止计时的时刻所在的列"
    ),
    "add '{key}': the limit": "请加上“{key}”：时限",
    "add '{key}': the column with the last day on which it is in time": (
        "请加上“{key}”：到期日所在的列"
    ),
    "add '{key}': the column with the day on which it was done": ("请加上“{key}”：完成日所在的列"),
    "add '{key}': what each role needs, by role": "请加上“{key}”：按角色写明要求",
    # rules: warnings, milestones, actions
    "add '{key}': one level or several": "请加上“{key}”：一个或几个预警级别",
    "add '{key}': how long nobody has acknowledged it": "请加上“{key}”：多久无人确认之后",
    "add '{key}': the role that is told": "请加上“{key}”：上报给哪个角色",
    "add '{key}': the role that does it, resolved through the assignments records": (
        "请加上“{key}”：由哪个角色去做；具体的人由 assignments 记录表查出"
    ),
    "add '{key}': what is said; measures and account columns stand in braces": (
        "请加上“{key}”：行动的文字；指标和客户表的列写在花括号里"
    ),
    # kam.yaml
    "add '{key}': the name of the workspace": "请加上“{key}”：工作区的名称",
    "add '{key}': decides which day it is": "请加上“{key}”：时区，用来确定日期",
    "add '{key}': the currency of all money, as a code of three letters": (
        "请加上“{key}”：全部金额的币种，三个字母的代码"
    ),
    "add '{key}': the file that says what is known about accounts, and where it comes from": (
        "请加上“{key}”：数据目录文件，写明有哪些客户数据、来自何处"
    ),
    "add '{key}': the policy packs: folders of the workspace, or packaged:NAME for one that "
    "comes with kam": ("请加上“{key}”：制度包，写工作区里的文件夹；kam 自带的写 packaged:NAME"),
    "add '{key}': the roles that must all sign; who holds them stands under 'people'": (
        "请加上“{key}”：必须全部签署的角色；由谁担任写在“people”之下"
    ),
    "add '{key}': the public key of each role, as kam keys prints it; or several, one of "
    "which signs": (
        "请加上“{key}”：每个角色的公钥，照 kam keys 打印的写；也可写几个，由其中一个签署"
    ),
    "add '{key}': at most this share": "请加上“{key}”：最高占比",
    "add '{key}': at least this share of the last run's": (
        "请加上“{key}”：不少于上次运行的百分之几"
    ),
    "add '{key}': what the sink is": "请加上“{key}”：去处的类型",
    "add '{key}': the file, which ends in .jsonl; it is made where there is none": (
        "请加上“{key}”：文件，以 .jsonl 结尾；没有时自动新建"
    ),
    "add '{key}': the variable of the environment that holds the secret of the signature": (
        "请加上“{key}”：存放消息签名机密（secret）的环境变量"
    ),
    "add '{key}': the variable that holds the URL of the channel": (
        "请加上“{key}”：存放该去处网址的环境变量"
    ),
    # facts.yaml
    "add '{key}': one row for each account": "请加上“{key}”：客户表，每户一行",
    "add '{key}': where the rows come from": "请加上“{key}”：数据来自何处",
    "add '{key}': the column with the id of the account": "请加上“{key}”：客户编号所在的列",
    "add '{key}': columns by the name that policies use": "请加上“{key}”：各列，按制度所用的名称",
    "add '{key}': the file, relative to the workspace": "请加上“{key}”：文件，相对于工作区的路径",
    # the calendar and overrides.yaml
    "add '{key}': the clock runs from here on": "请加上“{key}”：上班时刻",
    "add '{key}': the clock stops here; 00:00 is the midnight that ends the day": (
        "请加上“{key}”：下班时刻；00:00 指当天结束的午夜"
    ),
    "add '{key}': the id of the account": "请加上“{key}”：客户编号",
    "add '{key}': a tier of the pack": "请加上“{key}”：本制度包的等级",
    "add '{key}': why the rules do not fit, for the log": ("请加上“{key}”：为何不按规则，记入日志"),
    "add '{key}': who approved it": "请加上“{key}”：批准人",
    "add '{key}': the last day on which it counts; an override must have an end": (
        "请加上“{key}”：最后一天；人工定级必须有截止日"
    ),
    "add '{key}': the day of the approval": "请加上“{key}”：批准日期",
    # pack.yaml
    "add '{key}': its version, in quotes": "请加上“{key}”：版本号，加引号",
    "add '{key}': the days on which it applies": "请加上“{key}”：施行的起止日期",
    "add '{key}': the role that is answerable for the pack": "请加上“{key}”：对本制度包负责的角色",
    "add '{key}': the first day": "请加上“{key}”：第一天",
    "add '{key}': the letter with which the ids of its clauses begin": (
        "请加上“{key}”：条款编号开头的字母"
    ),
    "add '{key}': the name of the document": "请加上“{key}”：文件的名称",
    # tests of a policy
    "add '{key}': each about one account": "请加上“{key}”：各项测试，每项一个客户",
    "add '{key}': what the test claims": "请加上“{key}”：测试要验证什么",
    "add '{key}': the date, after that of the night before": "请加上“{key}”：日期，须晚于前一晚",
    "add '{key}': the last day": "请加上“{key}”：最后一天",
    "add '{key}': a milestone whose effect is propose": (
        "请加上“{key}”：effect 为 propose 的里程碑"
    ),
    # events of the day
    "add '{key}': names the event for ever, as its sender chose it": (
        "请加上“{key}”：事件的永久编号，由发送方确定"
    ),
    "add '{key}': record: something new that happened, such as an issue": (
        "请加上“{key}”：事件的类型；record 指新发生的事，例如一项客户问题"
    ),
    "add '{key}': the account, by the key of the accounts in facts.yaml": (
        "请加上“{key}”：客户，按 facts.yaml 中客户表的主键"
    ),
    "add '{key}': by the names of the columns of facts.yaml, on its left: of a record all that "
    "is known, of an account what has changed": (
        "请加上“{key}”：以 facts.yaml 左边的列名为键；记录写明已知的全部，客户只写有变化的"
    ),
    "add '{key}': the record table of facts.yaml that the new record belongs to": (
        "请加上“{key}”：新记录所属的记录表（facts.yaml 中的名称）"
    ),
}
