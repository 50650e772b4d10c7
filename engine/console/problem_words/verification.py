"""What kam verify and kam prove find in a store: findings, notes, refusals.

`{s}` and `{plural}` also stand for what joins a text out of parts: a colon, a space, a bracket.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # how a trigger or a view is
    "missing": "缺失",
    "altered": "被改动",
    "foreign": "不是 kam 所建",
    # engine/verification/findings.py
    "and {count} more": "另有 {count} 处",
    # engine/verification/guarding.py
    "{what} cannot be checked, because something there is not as kam writes it ({why})": (
        "无法检查{what}：其中有内容不是 kam 写入的样子（{why}）"
    ),
    # engine/verification/action_states.py
    "action {number} {account} stands under run {stands}; run {emitted} emitted it": (
        "行动 {number} {account} 记在运行 {stands} 之下，而下达它的是运行 {emitted}"
    ),
    "action {number} {account} is {state}; by its lines and marks: {possible}": (
        "行动 {number} {account} 的状态为 {state}；按其日志行与人工登记应为 {possible}"
    ),
    "action {number} {account} is with somebody else than its lines and marks say": (
        "行动 {number} {account} 的责任人与其日志行和人工登记不符"
    ),
    # engine/verification/checkpoint_chain.py
    "the run has no checkpoint": "本次运行没有检查点",
    "checkpoint {number} belongs to no run": "检查点 {number} 不属于任何运行",
    "the entry of its checkpoint is not canonical JSON": "本次运行的检查点条目不是规范 JSON",
    "no trusted key has signed the last checkpoint": "最近的检查点没有任何可信密钥的签名",
    "no key was given: that the log agrees with itself is checked, not who wrote it "
    "(kam verify --key KEY)": (
        "未提供公钥：只检查了日志自身是否一致，未检查由谁写入（kam verify --key KEY）"
    ),
    "it emitted {count} actions, its row says {said}": (
        "本次运行下达了 {count} 项行动，其在 kam.db 中的行却记为 {said} 项"
    ),
    "'{name}' of the run is {value}, its checkpoint says {said}": (
        "本次运行的“{name}”为 {value}，其检查点却记为 {said}"
    ),
    "the checkpoint is over {said} runs and not the head of the {count} runs up to here": (
        "该检查点覆盖 {said} 次运行，与截至此处的 {count} 次运行的根哈希不符"
    ),
    "the checkpoint is signed by another key than {list}": ("该检查点由其他密钥签名，不是 {list}"),
    "the checkpoint that was given covers {said} runs, and the store has {count}: "
    "its end has been cut off": ("所给检查点覆盖 {said} 次运行，存储中只有 {count} 次：末尾被截去"),
    "the first {count} runs are not those of the checkpoint that was given": (
        "前 {count} 次运行与所给检查点不符"
    ),
    # engine/verification/consequences.py
    # engine/verification/deliveries.py
    "message {number} to {sink} ({key}) stands as {status};{s}no receipt": (
        "发往 {sink} 的消息 {number}（{key}）状态为 {status}，却没有回执"
    ),
    "message {number} to {sink} ({key}) stands as {status};{s}last sent back to the queue": (
        "发往 {sink} 的消息 {number}（{key}）状态为 {status}，而最近一次是退回队列"
    ),
    "message {number} to {sink} ({key}) stands as {status};{s}last receipt: {outcome}": (
        "发往 {sink} 的消息 {number}（{key}）状态为 {status}，与最近的回执不符：{outcome}"
    ),
    "message {number} of the outbox is gone": "发件箱中的消息 {number} 已不在",
    # engine/verification/destroyed.py
    "forgetting {number} counts as logged, and no line says so": (
        "销毁记录 {number} 标为已入日志，却没有任何日志行提到它"
    ),
    "forgetting {number} stands in no line, later ones do": (
        "销毁记录 {number} 不在任何日志行中，更晚的销毁记录却在"
    ),
    "the log says that {account} was forgotten; forgetting {number} is gone": (
        "日志称客户 {account} 的个人数据已销毁，而销毁记录 {number} 已不在"
    ),
    "forgetting {number} is not as the log says it (account {account})": (
        "销毁记录 {number} 与日志所述不符（客户 {account}）"
    ),
    "forgetting {number} was logged by this run, kam.db denies it": (
        "本次运行的日志写有销毁记录 {number}，kam.db 的记载却与此不符"
    ),
    "forgetting {number} is said to reach to run {reach}; it was said after run {first} and up "
    "to run {last}": (
        "销毁记录 {number} 称及于运行 {reach}，而它是在运行 {first} 之后、至迟运行 {last} 时登记的"
    ),
    "kam.db says that the time of {file} was over on {day}; no line of the log says so": (
        "kam.db 称 {file} 于 {day} 保存期满，日志中却没有这样的行"
    ),
    "on {day} the time of {said} files ({class}) was over, as the log says; kam.db names {found}": (
        "按日志，{day} 有 {said} 个文件（{class}）保存期满；kam.db 列出的却是 {found} 个"
    ),
    # engine/verification/event_runs.py
    "{name} in {table} belongs to no run of events": (
        "{table} 表中的 {name} 不属于任何裁定事件的运行"
    ),
    "its document is not the one that was recorded": "本次运行的文档与当时记录的不符",
    "'{name}' of the run is {value}, its document says {said}": (
        "本次运行的“{name}”为 {value}，其文档却记为 {said}"
    ),
    "it stands under night {night}, its document says {said}": (
        "本次运行记在夜间运行 {night} 之下，其文档却记为 {said}"
    ),
    "it has not answered the event {event}": "本次运行并未裁定事件 {event}",
    "event {event} is not the one that came": "事件 {event} 与当时收到的不符",
    "event {event} is gone": "事件 {event} 已不在",
    "event_decisions has {count} accounts of it, the run recorded {said}": (
        "event_decisions 表中有本次运行的 {count} 家客户，运行当时记录的是 {said} 家"
    ),
    # engine/verification/event_runs.py, engine/verification/run_trees.py
    "what the run decided and said does not hash to the root that it recorded": (
        "按本次运行的结论与日志算出的哈希，与其记录的根哈希不符"
    ),
    "row {number} is not the one that was recorded": "结论行 {number} 与当时记录的不符",
    "row {number} {about} is not the one that was recorded": (
        "结论行 {number} {about} 与当时记录的不符"
    ),
    "decision {number} is not the one that was recorded": "结论 {number} 与当时记录的不符",
    "decision {number} {about} is not the one that was recorded": (
        "结论 {number} {about} 与当时记录的不符"
    ),
    "line {number} is not the one that was recorded": "日志行 {number} 与当时记录的不符",
    "line {number} {about} is not the one that was recorded": (
        "日志行 {number} {about} 与当时记录的不符"
    ),
    "action {number} is not the one that was recorded": "行动 {number} 与当时记录的不符",
    "action {number} {about} is not the one that was recorded": (
        "行动 {number} {about} 与当时记录的不符"
    ),
    # engine/verification/run_trees.py
    "decisions.parquet{s}cannot be read: {why}": "无法读取 decisions.parquet：{why}",
    "the log{s}cannot be read: {why}": "无法读取决策日志：{why}",
    "the actions{s}cannot be read: {why}": "无法读取行动：{why}",
    "decisions.parquet has {count} rows, the run recorded {said}": (
        "decisions.parquet 有 {count} 行，运行当时记录的是 {said} 行"
    ),
    "its last line is {last}, by its checkpoint it is {said}": (
        "本次运行的最后一行日志为 {last}，按其检查点应为 {said}"
    ),
    "the marks by which an altered line is found (leaf_marks) are gone or altered: {why}": (
        "用于定位被改动之处的叶节点标记（leaf_marks）已不在或被改动：{why}"
    ),
    "the marks by which an altered line is found (leaf_marks) are gone or altered:{s}all that it "
    "decided and said is as it was recorded": (
        "用于定位被改动之处的叶节点标记（leaf_marks）已不在或被改动："
        "其全部结论与日志均与当时记录的一致"
    ),
    "the marks by which an altered line is found (leaf_marks) are gone or altered:{s}which of its "
    "lines was altered cannot be said": (
        "用于定位被改动之处的叶节点标记（leaf_marks）已不在或被改动：无法指出哪一行被改动"
    ),
    "line {number} is gone": "日志行 {number} 已不在",
    "action {number} is gone": "行动 {number} 已不在",
    # engine/verification/files.py
    "personal.parquet: {why}": "无法读取 personal.parquet：{why}",
    "'{column}' of {account} in personal.parquet is not the value that was sealed": (
        "personal.parquet 中客户 {account} 的“{column}”不是当时封存的值"
    ),
    "personal.parquet is gone, and with it values of {account}: nobody has said to forget the "
    "account, and the time of the file is not over": (
        "personal.parquet 已不在，其中客户 {account} 的值也随之丢失："
        "无人要求销毁该客户的个人数据，文件的保存期限也未满"
    ),
    "{list} of {account}: gone from personal.parquet, though nobody has said to forget the "
    "account, and the time of the file is not over": (
        "personal.parquet 中已没有客户 {account} 的 {list}："
        "无人要求销毁该客户的个人数据，文件的保存期限也未满"
    ),
    "its sources are not those of its manifest": "本次运行的数据源与清单不符",
    "{source}: {read} rows read, {used} used and {rejected} quarantined": (
        "{source}：读取 {read} 行，采用 {used} 行，被拒 {rejected} 行，合计不符"
    ),
    "{used} accounts were used, facts.parquet has {count}": (
        "采用了 {used} 家客户，facts.parquet 中有 {count} 家"
    ),
    "{used} accounts in scope, {count} decided by {pack}": (
        "应裁定 {used} 家客户，制度包 {pack} 裁定了 {count} 家"
    ),
    # engine/verification/kept_policies.py
    "'{name}' of the run is not what its manifest says": "本次运行的“{name}”与清单不符",
    "its policies are not those of its manifest": "本次运行的制度与清单不符",
    "the kept files of {pack} {version} are not those of its manifest": (
        "留存的制度包 {pack} {version} 的文件与清单不符"
    ),
    "the texts that it read are not those of its manifest": "本次运行读取的文本与清单不符",
    "the text of {file} is gone: no kept file {hash}": ("{file} 的原文已不在：没有留存文件 {hash}"),
    "the text of {file} of {pack} {version} is gone: no kept file {hash}": (
        "制度包 {pack} {version} 中 {file} 的原文已不在：没有留存文件 {hash}"
    ),
    # engine/verification/marks.py
    "what people said (marks {first} to {last}) is not what the log says that they said": (
        "人工登记（编号 {first} 至 {last}）与日志所记不符"
    ),
    "mark {number} was made at {time} and stands under {day}": (
        "登记 {number} 作于 {time}，却记为 {day} 的登记"
    ),
    # engine/verification/opened_values.py
    "'{column}' of {account} in sealed_values is not the value that was sealed as {token}": (
        "sealed_values 表中客户 {account} 的“{column}”不是当时封存为代号 {token} 的值"
    ),
    "the name of {account} is gone from sealed_values ({token})": (
        "sealed_values 表中已没有客户 {account} 的名称（{token}）"
    ),
    # engine/verification/proving.py
    "run {run} decided and said nothing about '{account}'": (
        "运行 {run} 没有关于“{account}”的任何结论或日志"
    ),
    "kam accounts TEXT finds one by name": "kam accounts TEXT 可按名称查找客户",
    "run {old} was recorded after run {new}": "运行 {old} 的记录晚于运行 {new}",
    "name the earlier run first": "请把较早的运行写在前面",
    "the store holds no checkpoint yet": "存储中还没有检查点",
    "run {run} no longer hashes to what it recorded: nothing can be proven of it": (
        "运行 {run} 现在的哈希与其当时记录的不符：无法为它出具证明"
    ),
    "kam verify says what has changed": "请用 kam verify 查看改动之处",
    # engine/verification/recorded_runs.py (and what it is told by engine/audit: run_rows.py,
    # personal/values.py)
    "'{name}' is {value}, which is not{s}a day": "“{name}”为 {value}，不是日期",
    "'{name}' is {value}, which is not{s}a time of UTC": "“{name}”为 {value}，不是 UTC 时刻",
    "'{name}' is {value}, which is not{s}an object of JSON": "“{name}”为 {value}，不是 JSON 对象",
    "'kind' is {value}, which is neither night nor event": (
        "“kind”为 {value}，既不是 night 也不是 event"
    ),
    "'run_id' is {value}, as no {kind} is called": (
        "“run_id”为 {value}，不符合 {kind} 运行的编号形式"
    ),
    "'folder' is {value}, and should be {wanted}": "“folder”为 {value}，应为 {wanted}",
    "expired_files names {file} of run {run} as of {day}, and no run writes that": (
        "expired_files 表列有运行 {run} 的 {file}（截至 {day}），没有运行会这样写"
    ),
    "{what}, and no run writes that": "{what}，没有运行会这样写",
    # engine/verification/records.py
    "it is run {number}, not {wanted}": "其运行序号为 {number}，应为 {wanted}",
    "it names {night} as the night before it": "其所记的上一晚为 {night}，与实际不符",
    "its lines are {first} to {last}; they should begin at {wanted}": (
        "其日志行为 {first} 至 {last}，应从 {wanted} 开始"
    ),
    "line {number} belongs to no run": "日志行 {number} 不属于任何运行",
    "line {number} stands under the number of another run": (
        "日志行 {number} 记在另一次运行的序号之下"
    ),
    "action {number} belongs to no run": "行动 {number} 不属于任何运行",
    "the kept file {hash} has another content": "留存文件 {hash} 的内容已不同",
    # engine/verification/run_folders.py
    "there is a folder of run {run}, which kam.db does not know: the run was cut off, or it died "
    "and the next run removes its folder": (
        "有运行 {run} 的文件夹，kam.db 却没有这次运行：其记录被截去，"
        "或运行中途中断，文件夹将由下一次运行清除"
    ),
    "its folder is a link to another place and not a folder of the store": (
        "其文件夹是指向别处的链接，不是存储中的文件夹"
    ),
    "{file} is a link to another place and not a file of the store": (
        "{file} 是指向别处的链接，不是存储中的文件"
    ),
    "no run has written {file} in its folder": "其文件夹中的 {file} 不是任何运行写入的",
    # engine/verification/side_tables.py
    "the table {table} is not as this night recorded it ({count} rows{s}of the night{plural}rows "
    "have been changed, removed or added": (
        "表 {table} 与当晚记录的不符（当晚的 {count} 行）：有行被更改、删除或添加"
    ),
    "the table {table} is not as this night recorded it ({count} rows{s}up to {column} "
    "{number}){plural}rows have been changed, removed or added": (
        "表 {table} 与当晚记录的不符（截至 {column} {number} 的 {count} 行）："
        "有行被更改、删除或添加"
    ),
    "the table log_kinds says of {kind}: {said}; it is {known}": (
        "表 log_kinds 中 {kind} 写作 {said}，应为 {known}"
    ),
    "what it decided about {account} is as of {said}, not {day}": (
        "其对客户 {account} 的结论记为截至 {said}，应为 {day}"
    ),
    "the kept plan {plan} is not the one that was made": ("留存的变更方案 {plan} 与当时生成的不符"),
    "approval {number} is of the plan {plan}, which is gone": (
        "签署记录 {number} 所针对的变更方案 {plan} 已不在"
    ),
    "approval {number} does not say what its signed note says": (
        "签署记录 {number} 的内容与其签名文本不符"
    ),
    # engine/verification/store_schema.py
    "kam.db lacks the {kind} {name}": "kam.db 缺少 {kind} {name}",
    "kam.db has a {kind} {name} on {table}, which is not one of kam": (
        "kam.db 的表 {table} 上有 {kind} {name}，不是 kam 建立的"
    ),
    "the {kind} {name} of kam.db is not the one that kam makes": (
        "kam.db 的 {kind} {name} 与 kam 建立的不符"
    ),
    "kam.db lacks the{s}table {name}": "kam.db 缺少表 {name}",
    "kam.db has a{s}table {name} on {table}, which is not one of kam": (
        "kam.db 有表 {name}（{table}），不是 kam 建立的"
    ),
    "the{s}table {name} of kam.db is not the one that kam makes": (
        "kam.db 的表 {name} 与 kam 建立的不符"
    ),
    "kam.db lacks the{s}index {name}": "kam.db 缺少索引 {name}",
    "kam.db has a{s}index {name} on {table}, which is not one of kam": (
        "kam.db 的表 {table} 上有索引 {name}，不是 kam 建立的"
    ),
    "the{s}index {name} of kam.db is not the one that kam makes": (
        "kam.db 的索引 {name} 与 kam 建立的不符"
    ),
    "kam.db lacks the{s}trigger {name}": "kam.db 缺少触发器 {name}",
    "kam.db has a{s}trigger {name} on {table}, which is not one of kam": (
        "kam.db 的表 {table} 上有触发器 {name}，不是 kam 建立的"
    ),
    "the{s}trigger {name} of kam.db is not the one that kam makes": (
        "kam.db 的触发器 {name} 与 kam 建立的不符"
    ),
    "kam.db lacks the{s}view {name}": "kam.db 缺少视图 {name}",
    "kam.db has a{s}view {name} on {table}, which is not one of kam": (
        "kam.db 的表 {table} 上有视图 {name}，不是 kam 建立的"
    ),
    "the{s}view {name} of kam.db is not the one that kam makes": (
        "kam.db 的视图 {name} 与 kam 建立的不符"
    ),
    # engine/verification/verify.py
    "no run has a checkpoint, so that no trusted key has signed anything": (
        "没有一次运行有检查点，因此没有任何内容经可信密钥签名"
    ),
}
