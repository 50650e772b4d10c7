"""What sources, events and guards find.

`{s}`, `{plural}` and `{verb}` also stand where the engine joins two texts, and are left out.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # engine/facts/loading.py
    "{read} rows of {file} were read, but {used} are used and {bad} are in quarantine": (
        "{file} 读取 {read} 行，但采用 {used} 行、被拒 {bad} 行，合计不符"
    ),
    "this is a defect of kam; please report it with the file's first lines": (
        "这是 kam 的缺陷；请附上该文件的前几行，反馈给开发者"
    ),
    "{file} was written to while it was read": "读取 {file} 期间，该文件被改写",
    "run again when the export is complete": "请待导出完成后重新运行",
    # engine/facts/places.py
    "there is no file {file}": "没有文件 {file}",
    "a source is named relative to the folder of kam.yaml": (
        "数据源的路径须相对于 kam.yaml 所在的文件夹"
    ),
    "{file} is not a file": "{file} 不是文件",
    "{file} names a variable other than {variable}": "{file} 用了 {variable} 以外的环境变量",
    "write {place}... and set {variable} to a folder": (
        "请写成 {place}...，并把 {variable} 设为一个文件夹"
    ),
    "{file} needs the environment variable {variable}, which is {state}": (
        "{file} 需要环境变量 {variable}，而该变量的状态是：{state}"
    ),
    "{file} needs the environment variable {variable}, which is{s}not set": (
        "{file} 需要环境变量 {variable}，而该变量没有设置"
    ),
    "{file} needs the environment variable {variable}, which is{s}not an absolute path": (
        "{file} 需要环境变量 {variable}，而该变量不是绝对路径"
    ),
    "set {variable} to the folder that holds the files": "请把 {variable} 设为存放这些文件的文件夹",
    "{file} leaves the folder of the workspace": "{file} 在工作区文件夹之外",
    "{file} is a link to a place outside the workspace": "{file} 是指向工作区之外的链接",
    "put the file into the workspace, or name it {place}... and set {variable}": (
        "请把文件放进工作区，或写成 {place}... 并设置 {variable}"
    ),
    # engine/facts/tables.py
    "{file}.{ending} cannot be read": "{file}.{ending} 无法读取",
    # engine/facts/reading_catalog.py
    "'{column}' has the type {type}, and the key of accounts has the type {other}": (
        "“{column}”的类型是 {type}，而 accounts 的主键类型是 {other}"
    ),
    "give both the same type": "请让两者类型一致",
    "the range ends before it begins": "范围的终点小于起点",
    "a {type} has no range": "{type} 类型不能有范围（range）",
    "'%{directive}' is not a directive of a date format": "日期格式中没有“%{directive}”这种写法",
    "%Y is the year, %m the month, %d the day, %H the hour, %M the minute": (
        "%Y 是年，%m 是月，%d 是日，%H 是时，%M 是分"
    ),
    "a date format needs a year, %Y": "日期格式必须有年份 %Y",
    "'{column}' has the type {type}, and an id is text or an integer": (
        "“{column}”的类型是 {type}，而编号只能是文本（text）或整数（integer）"
    ),
    "'{column}' is personal, and ids stand in every line of the log, for good": (
        "“{column}”属于个人数据（personal），而编号会永久留在日志的每一行"
    ),
    "name a column that tells nothing of a person, or give each a number in the source": (
        "请换成不涉及个人的列，或在数据源中另行编号"
    ),
    "'{column}' has the type {type}; records are dated by a date": (
        "“{column}”的类型是 {type}；记录的时间列须为日期"
    ),
    "'{column}' is the engine's own column": "“{column}”是引擎自用的列名",
    "give the column another name, and `from:` the one in the source": (
        "请给该列另取名称，并用 `from:` 写明它在数据源中的列名"
    ),
    "'{column}' comes from '{source}', as '{other}' does": "“{column}”与“{other}”都取自“{source}”",
    "map each column of the source once": "数据源的每一列只能对应一次",
    "'{option}' is for {kind} and {other}, and this is {actual}": (
        "“{option}”只用于 {kind} 和 {other}，而这里是 {actual}"
    ),
    "'{option}' is for {kind}, and this is {actual}": (
        "“{option}”只用于 {kind}，而这里是 {actual}"
    ),
    "a database holds several tables": "数据库中有多张表，须写明用哪一张",
    "write source: {path: {file}, table: NAME}": "请写成 source: {path: {file}, table: 表名}",
    "this cannot separate columns": "此处所写不能用作列的分隔符",
    "nothing is known about files like {file}": "不支持 {file} 这类文件",
    "a source ends in one of {endings}": "数据源的文件名须以下列之一结尾：{endings}",
    # engine/facts/sources/base.py
    "{file} has more than one column {column}": "{file} 中名为 {column} 的列不止一个",
    "rename or remove all but one of them": "请只保留一个，其余改名或删除",
    "{file} has none of the columns {missing}; {found}": (
        "{file} 中所需的列 {missing} 一个也没有；{found}"
    ),
    "the first row of a source names its columns": "数据源的第一行必须是列名",
    "{file} has no column {column}; it has {list}": "{file} 没有列 {column}；其中有 {list}",
    # engine/facts/sources/csv_file.py
    "{file} is UTF-16": "{file} 是 UTF-16 编码",
    "save it as CSV UTF-8": "请另存为“CSV UTF-8”格式",
    "the first line names the columns, even if no row follows": (
        "即使没有数据，第一行也必须写列名"
    ),
    "the header of {file} {fault}": "{file} 的表头有误：{fault}",
    "it reads {text}": "读到的内容是 {text}",
    "the delimiter looks like {delimiter}: write source: {path: {file}, delimiter: {yaml}}": (
        "分隔符似乎是 {delimiter}：请写成 source: {path: {file}, delimiter: {yaml}}"
    ),
    (
        "the delimiter looks like{s}a tab ('\\t'){verb} write source: "
        "{path: {file}, delimiter: {yaml}}"
    ): "分隔符似乎是制表符：请写成 source: {path: {file}, delimiter: {yaml}}",
    (
        "the header has the full-width {mark} between its columns: "
        "write {delimiter} there, and on every line below"
    ): "表头各列之间用了全角的 {mark}：请改为 {delimiter}，下面各行也要一并修改",
    # engine/facts/sources/jsonl.py
    "each line is one JSON object": "每一行必须是一个 JSON 对象",
    # engine/facts/sources/parquet.py
    "{file} is not a Parquet file": "{file} 不是 Parquet 文件",
    "{column} in {file} holds {type}, which is no plain value": (
        "{file} 中的列 {column} 类型为 {type}，不是单一的值"
    ),
    "write a column of plain values": "请写成每格只有单一值的列",
    "{file} is damaged": "{file} 已损坏",
    "write the file again": "请重新生成该文件",
    # engine/facts/sources/sqlite.py
    "{file} has changes in {journal} that are not yet in the file": (
        "{file} 的部分改动还在 {journal} 中，尚未写入文件"
    ),
    "close the program that writes it, or give kam a copy (VACUUM INTO)": (
        "请关闭正在写入的程序，或用 VACUUM INTO 生成副本供 kam 读取"
    ),
    "{file} has no table {table}": "{file} 中没有表 {table}",
    "it has {list}": "其中有 {list}",
    "{file} is not an SQLite database": "{file} 不是 SQLite 数据库",
    "{file} is damaged ({error})": "{file} 已损坏（{error}）",
    "{file} cannot be read: SQLite says of {table}: {error}": (
        "{file} 无法读取：SQLite 对 {table} 报错：{error}"
    ),
    # engine/facts/sources/xlsx.py
    "{file} has no sheet {sheet}": "{file} 中没有工作表 {sheet}",
    "{file} is not an Excel workbook that can be read": "{file} 不是可以读取的 Excel 工作簿",
    "save it as .xlsx, without a password": "请另存为 .xlsx，不设密码",
    "the sheet {sheet} of {file} is empty": "{file} 的工作表 {sheet} 是空的",
    "its first row names the columns, even if no row follows": (
        "即使没有数据，工作表的第一行也必须写列名"
    ),
    # engine/day/decoding.py
    "a file of the night has a column of type {type}": (
        "当晚保存的文件中有一列类型为 {type}，无法识别"
    ),
    # engine/day/judging.py
    (
        "durable-rules, which matches single events, is not installed{s}"
        "the reference evaluator answers instead"
    ): "未安装用于裁定单个事件的 durable-rules；改由参考实现裁定",
    # engine/day/kept.py
    "account '{account}' was forgotten since the last night: its records are gone": (
        "客户“{account}”的个人数据在上一晚之后已销毁，其记录不复存在"
    ),
    "the next night reads its sources again; send the event after it": (
        "下一次夜间运行会重新读取数据源；请在那之后再发送该事件"
    ),
    # engine/day/reading.py
    "the row of account '{account}' could not be used in run {run}: what was decided last stands": (
        "客户“{account}”的数据行在运行 {run} 中无法采用：沿用上次的结论"
    ),
    "kam log --kind data_rejected says why; send the event again once it is used": (
        "原因见 kam log --kind data_rejected；请待该行可以采用后，重新发送该事件"
    ),
    "run {run} knows no account '{account}'": "运行 {run} 中没有客户“{account}”",
    (
        "kam accounts TEXT finds one by name; one that is new is known from the next night on"
    ): "可用 kam accounts TEXT 按名称查找；新客户自下一次夜间运行起才能识别",
    # engine/day/reading_events.py
    "write one event a line, as JSON Lines": "请按 JSON Lines 格式，每行写一个事件",
    "the JSON is nested too deeply": "JSON 嵌套过深",
    "send the text as UTF-8": "请以 UTF-8 编码发送文本",
    "a text has half of a surrogate pair": "文本含有残缺的字符（只有半个代理对）",
    "{place}: a text has half of a surrogate pair": "{place}：文本含有残缺的字符（只有半个代理对）",
    "there is no type '{type}'": "没有“{type}”这种类型",
    "an event is a JSON object, not {what}": "事件应是一个 JSON 对象，而不是 {what}",
    "for example: 2026-06-30T09:12:00+08:00": "例如：2026-06-30T09:12:00+08:00",
    "'at' is no moment: {error}": "“at”不是有效的时刻：{error}",
    "an event has at most {limit} bytes": "一个事件最多 {limit} 字节",
    "send facts alone, no documents; a list of events is sent as JSON Lines": (
        "请只发送数据，不要附带文档；多个事件请按 JSON Lines 格式发送"
    ),
    "the text is {what}": "文本编码不对：{what}",
    "the text is{s}not UTF-8 at byte {place}": "文本第 {place} 个字节处不是 UTF-8",
    "send UTF-8": "请以 UTF-8 编码发送",
    "not JSON at character {place}: {why}": "第 {place} 个字符处不是 JSON：{why}",
    "the key '{key}' stands twice": "键“{key}”出现了两次",
    "an object has each key once": "同一对象中每个键只能出现一次",
    "the number {number} has more digits than programs keep": (
        "数字 {number} 的位数过多，程序无法完整保存"
    ),
    "send it as a text, in quotes": "请加引号，作为文本发送",
    "the number {number} is too large": "数字 {number} 过大",
    "send null for a value that is missing": "缺失的值请写 null",
    "{constant} is not JSON": "{constant} 不是 JSON",
    # engine/day/typing.py
    "the event happened at {at}, which is after {day}": "事件发生于 {at}，晚于 {day}",
    "`at` has an offset from UTC; books with `as_of:` in kam.yaml end on that day": (
        "`at` 须带时区偏移；kam.yaml 写有 `as_of:` 的账套截止于该日"
    ),
    "the account's facts are known as of {night}, and the event is of {day}": (
        "该客户的数据截至 {night}，而该事件属于 {day}"
    ),
    "send what is true now; a record may be older than the night": (
        "请发送当前的情况；只有记录（record）可以早于上一晚"
    ),
    "the event changes no fact of the account": "该事件没有改变客户的任何数据",
    # of engine/day/cells.py, what engine/console/rejection_words.py does not have
    "'{column}' of {table} is not a boolean; write true or false": (
        "{table} 的“{column}”不是“是/否”值；请写 true 或 false"
    ),
    "'{column}' of {table} is not a number; money is written with digits and a point alone": (
        "{table} 的“{column}”不是数值；金额只能用数字和小数点书写"
    ),
    "'{column}' of {table} has more than {digits} decimals": (
        "{table} 的“{column}”小数多于 {digits} 位"
    ),
    "'{column}' of {table} has a time of day, which a date has not": (
        "{table} 的“{column}”带有时刻，而日期不应有时刻"
    ),
    "'{column}' of {table} is not a date; write it as 2026-01-31": (
        "{table} 的“{column}”不是日期；请写成 2026-01-31"
    ),
    "'{column}' of {table} does not match the column's format {form}": (
        "{table} 的“{column}”与该列的格式 {form} 不符"
    ),
    "'{column}' of {table} {reason}": "{table} 的“{column}”{reason}",
    "{table}.{column} is of type {type}: {place}": "{table}.{column} 的类型是 {type}：见 {place}",
    "'{column}' of {table} is of class personal, and is not taken from events": (
        "{table} 的“{column}”密级为 personal，不能由事件提供"
    ),
    "send the event without it; the next night reads it from its source": (
        "请去掉该值后重新发送；下一次夜间运行会从数据源读取"
    ),
    "'{column}' names the account '{named}', and the event is about '{account}'": (
        "“{column}”写的是客户“{named}”，而事件针对的是“{account}”"
    ),
    "leave '{column}' out: `account` says whose it is": (
        "请去掉“{column}”：由 `account` 说明是哪个客户"
    ),
    "a record of {table} needs '{key}' and '{time}'": "{table} 的记录必须有“{key}”和“{time}”",
    "a record of {table} needs {columns}": "{table} 的记录必须有 {columns}",
    "facts.yaml names its key and its time: {place}": (
        "它的主键和时间列由 facts.yaml 规定：见 {place}"
    ),
    "'{column}' of {table} is {time}, which is after {day}": (
        "{table} 的“{column}”是 {time}，晚于 {day}"
    ),
    "send it on that day; books with `as_of:` in kam.yaml end on it": (
        "请到该日再发送；kam.yaml 写有 `as_of:` 的账套截止于该日"
    ),
    "facts.yaml has no record table '{table}'": "facts.yaml 中没有记录表“{table}”",
    "it is called '{column}' here": "此处应写“{column}”",
    "facts.yaml says what {table} have: {place}": "{table} 有哪些列，见 facts.yaml：{place}",
    "{table} have no column '{column}'": "{table} 没有列“{column}”",
    # engine/guards.py: the day of a night
    "{day} has not come yet: today is {today} in {zone}": (
        "{day} 尚未到来：按时区 {zone}，今天是 {today}"
    ),
    (
        "correct --as-of, or the clock of this machine: after a night no earlier one can be run; "
        "a trial of a day to come needs --future, in a copy of the workspace; nothing was written"
    ): (
        "请更正 --as-of 或本机时钟：某日的夜间运行完成后，就不能再运行更早的日期；"
        "要试算未来的日期，请在工作区的副本中加 --future；未写入任何内容"
    ),
    (
        "the night of {night} was run for a day that is still to come, unless the clock of this "
        "machine is wrong: `kam restore FILE --force` brings back a backup of before it; without "
        "one, name a new folder as 'store:' in kam.yaml and begin again"
    ): (
        "{night} 的夜间运行所属的日期尚未到来（除非本机时钟有误）："
        "请用 `kam restore FILE --force` 恢复此前的备份；若无备份，"
        "请在 kam.yaml 的 'store:' 中另写一个新文件夹，重新开始"
    ),
    "the last night is {last} (run {run}){s} {day} lies before it": (
        "最近一晚是 {last}（运行 {run}）；{day} 在它之前"
    ),
    "{told}; {day} lies before it": "{told}；{day} 在它之前",
    "nights run forward only, and there is none as early as that; kam runs lists them": (
        "夜间运行只能按日期由早到晚进行，而该日及此前没有夜间运行；kam runs 可列出历次运行"
    ),
    (
        "nights run forward only; kam explain ACCOUNT --run {run} and kam log --run {run} say "
        "what{s}that night{verb}decided"
    ): (
        "夜间运行只能按日期由早到晚进行；当晚的结论，"
        "可用 kam explain ACCOUNT --run {run} 和 kam log --run {run} 查看"
    ),
    (
        "nights run forward only; kam explain ACCOUNT --run {run} and kam log --run {run} say "
        "what{s}the night before, of {day},{verb}decided"
    ): (
        "夜间运行只能按日期由早到晚进行；前一晚（{day}）的结论，"
        "可用 kam explain ACCOUNT --run {run} 和 kam log --run {run} 查看"
    ),
    "the last night is {last} (run {run}){s} and today is only {day} in {zone}": (
        "最近一晚是 {last}（运行 {run}），而按时区 {zone}，今天才 {day}"
    ),
    "{told}, and today is only {day} in {zone}": "{told}，而按时区 {zone}，今天才 {day}",
    (
        "check the clock of this machine, and 'timezone:' in kam.yaml; nothing was written;{s}"
        "the night of {night} was run for a day that is still to come, unless the clock of this "
        "machine is wrong: `kam restore FILE --force` brings back a backup of before it; without "
        "one, name a new folder as 'store:' in kam.yaml and begin again"
    ): (
        "请检查本机时钟和 kam.yaml 中的 'timezone:'；未写入任何内容；若时钟无误，"
        "则 {night} 的夜间运行所属的日期尚未到来：请用 `kam restore FILE --force` 恢复此前的备份；"
        "若无备份，请在 kam.yaml 的 'store:' 中另写一个新文件夹，重新开始"
    ),
    (
        "check the clock of this machine, and 'timezone:' in kam.yaml; nothing was written; {back}"
    ): "请检查本机时钟和 kam.yaml 中的 'timezone:'；未写入任何内容；{back}",
    # engine/guards.py: who has signed
    "the policy {policy} is not approved: {roles} has{s}not signed it": (
        "制度 {policy} 未完成签署：{roles} 尚未签署"
    ),
    "the policy {policy} is not approved: {roles} have{s}not signed it": (
        "制度 {policy} 未完成签署：{roles} 均未签署"
    ),
    (
        "nothing was written; `kam plan --save FILE` writes down what it changes, and{s}"
        "`kam approve FILE --as {role}`{verb}approves it"
    ): (
        "未写入任何内容；请先用 `kam plan --save FILE` 保存变更方案，"
        "再用 `kam approve FILE --as {role}` 签署"
    ),
    (
        "nothing was written; `kam plan --save FILE` writes down what it changes, and{s}"
        "`kam approve FILE --as {role}`{plural}`kam approve FILE --as {other}`{verb}approves it"
    ): (
        "未写入任何内容；请先用 `kam plan --save FILE` 保存变更方案，"
        "再用 `kam approve FILE --as {role}`、`kam approve FILE --as {other}` 分别签署"
    ),
    (
        "nothing was written; `kam plan --save FILE` writes down what it changes, and{s}"
        "`kam approve FILE --as {role}`{plural}`kam approve FILE --as {other}`{plural}"
        "`kam approve FILE --as {third}`{verb}approves it"
    ): (
        "未写入任何内容；请先用 `kam plan --save FILE` 保存变更方案，"
        "再用 `kam approve FILE --as {role}`、`kam approve FILE --as {other}`、"
        "`kam approve FILE --as {third}` 分别签署"
    ),
    (
        "nothing was written; `kam plan --save FILE` writes down what it changes, and {commands} "
        "approves it"
    ): "未写入任何内容；请先用 `kam plan --save FILE` 保存变更方案，再用 {commands} 签署",
    # engine/guards.py: what has changed too much
    (
        "{source} ({file}): {bad} of {rows} rows cannot be used, more than the {percent} that "
        "guards.quarantined allows"
    ): (
        "{source}（{file}）：{rows} 行中有 {bad} 行无法采用，"
        "超过 guards.quarantined 允许的 {percent}"
    ),
    (
        "nothing was written; mend the source, or raise the guard in kam.yaml to see all bad rows "
        "in the log; for example {samples}"
    ): (
        "未写入任何内容；请更正数据源，或在 kam.yaml 中调高该上限，以便在日志中查看全部被拒的行；"
        "例如：{samples}"
    ),
    (
        "records of accounts whose own row cannot be used: {list} and {last}, more than the "
        "{percent} that guards.quarantined allows"
    ): (
        "有些记录所属客户自身的数据行无法采用：{list}，以及 {last}，"
        "超过 guards.quarantined 允许的 {percent}"
    ),
    (
        "records of accounts whose own row cannot be used: {list}, more than the {percent} that "
        "guards.quarantined allows"
    ): ("有些记录所属客户自身的数据行无法采用：{list}，超过 guards.quarantined 允许的 {percent}"),
    "nothing was written; mend {file}, and they come back by themselves; for example {samples}": (
        "未写入任何内容；请更正 {file}，这些记录会随之恢复；例如：{samples}"
    ),
    (
        "{accounts} accounts, {before} the night before: less than the {percent} that "
        "guards.accounts asks for"
    ): "客户 {accounts} 家，上一晚 {before} 家：不到 guards.accounts 要求的 {percent}",
    (
        "nothing was written; is the export of accounts complete? Lower the guard in kam.yaml if "
        "they are really gone"
    ): "未写入任何内容；客户数据的导出是否完整？若客户确已不在，请在 kam.yaml 中调低该下限",
    (
        "{pack}: {moved} of {accounts} accounts would change tier, more than the {percent} that "
        "guards.tier_changes allows"
    ): (
        "{pack}：{accounts} 家客户中将有 {moved} 家变动等级，"
        "超过 guards.tier_changes 允许的 {percent}"
    ),
    (
        "nothing was written; was a policy or a source changed by mistake? Raise the guard in "
        "kam.yaml if the moves are wanted"
    ): ("未写入任何内容；是否误改了制度或数据源？若确需这些等级变动，请在 kam.yaml 中调高该上限"),
}
