"""What stops a night or a command.

`{s}`, `{plural}` and `{verb}` also stand where the engine joins two texts, and are left out.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # engine/resources.py
    "the folder '{folder}' that comes with kam is not there; looked for {one} and {other}": (
        "找不到 kam 自带的文件夹“{folder}”；已查找 {one} 和 {other}"
    ),
    "the folder '{folder}' that comes with kam is not there; looked for {places}": (
        "找不到 kam 自带的文件夹“{folder}”；已查找 {places}"
    ),
    "install kam again, from its wheel or from a whole checkout": (
        "请重新安装 kam：用 wheel 安装包，或从完整的代码库安装"
    ),
    # engine/written_files.py
    "{file} cannot be written: the folder {folder} is not a folder": (
        "{file} 无法写入：{folder} 不是文件夹"
    ),
    "{file} cannot be written: the folder {folder} does not exist": (
        "{file} 无法写入：文件夹 {folder} 不存在"
    ),
    "make the folder first, or name another file": "请先建好文件夹，或换一个文件",
    "{file} is a folder": "{file} 是文件夹",
    "name a file in it": "请写明其中的一个文件",
    "{file} lies in the store {store}, where kam alone writes": (
        "{file} 位于存储 {store} 之内，那里只能由 kam 写入"
    ),
    "name a file elsewhere": "请把文件放到别处",
    "name a file in a folder into which you may write, on a disk with space": (
        "请换到有写权限、磁盘有空间的文件夹"
    ),
    "{file} cannot be written: {why}": "{file} 无法写入：{why}",
    # engine/recall.py, engine/recall_facts.py
    "run {run} has no pack '{pack}'; it has {list}": (
        "运行 {run} 中没有制度包“{pack}”；其中有 {list}"
    ),
    "kam log --kind data_rejected says why; --run asks for an earlier night": (
        "原因见 kam log --kind data_rejected；用 --run 可查看更早的一晚"
    ),
    # engine/runner/__init__.py
    "kam.yaml asks for signed checkpoints (evidence: signed), and there is no key": (
        "kam.yaml 要求检查点必须签名（evidence: signed），但没有签名密钥"
    ),
    "the signing key is that of '{key}', and this log is '{origin}'": (
        "签名密钥属于日志“{key}”，而本日志是“{origin}”"
    ),
    "write `evidence: {origin: NAME}` in kam.yaml as the key is called": (
        "请在 kam.yaml 中写 `evidence: {origin: NAME}`，NAME 与密钥的名称一致"
    ),
    # engine/runner/desk.py
    "the store holds no night yet": "存储中还没有夜间运行",
    "run one: kam run": "请先运行一次：kam run",
    "this is a defect in kam: {kind}: {error}": "这是 kam 的缺陷：{kind}：{error}",
    "please report it with this message; the event is kept in inbox/refused.log": (
        "请附上本条信息，反馈给开发者；该事件保存在 inbox/refused.log 中"
    ),
    "another event has the id '{event}'": "编号“{event}”已被另一个事件占用",
    "the id says which event it is: give every event its own": (
        "事件靠编号（id）区分：请给每个事件不同的编号"
    ),
    "a line of the inbox of the store is no event that has waited": (
        "存储的收件箱（inbox）中有一行不是待处理的事件"
    ),
    # engine/runner/night.py
    "the file holds only its header": "文件中只有表头",
    # engine/runner/sources.py
    "{variable} is '{limit}', which is no amount of memory": (
        "{variable} 的值“{limit}”不是内存大小"
    ),
    "write 4GB, or 500MB": "请写成 4GB 或 500MB 的形式",
    # engine/runner/working_day.py
    "today is {day}, and the last night is of {night}": "今天是 {day}，而最近一晚是 {night}",
    "check the clock and `timezone:`; or take `as_of:` out of kam.yaml": (
        "请检查本机时钟和 `timezone:`；或从 kam.yaml 中去掉 `as_of:`"
    ),
    "'{column}' was told for {last} already, and this event is of {at}": (
        "“{column}”已有 {last} 的值，而该事件的时刻为 {at}"
    ),
    "nothing needs to be done: the later value stands": "无需处理：以较晚的值为准",
    "the account '{account}' has been forgotten since the last night": (
        "客户“{account}”的个人数据在上一晚之后已销毁"
    ),
    "what its sources still say of it is decided by the next night: kam run": (
        "数据源中仍有的内容，由下一次夜间运行裁定：kam run"
    ),
    # engine/executors/columnar.py
    "a number is too large for its type, in {step} ({comment}): {error}": (
        "{step}（{comment}）中有数值超出其类型的范围：{error}"
    ),
    "look for outliers in the sources": "请检查数据源中的异常值",
    # engine/executors/expressions.py
    "{expression} does not belong in a plan": "执行计划中不应有 {expression}",
    "{value} in arithmetic": "{value} 不是数值，不能参与计算",
    # engine/executors/rete_host.py
    "durable-rules, which matches single events, is not installed": (
        "未安装用于裁定单个事件的 durable-rules"
    ),
    (
        "run 'make events' in the checkout, or install kam with its extra 'events'; a C compiler "
        "is needed"
    ): "请在代码库中运行“make events”，或安装带“events”附加组件的 kam；需要 C 编译器",
    "durable-rules failed on '{rules}': {kind} {error}": (
        "durable-rules 处理“{rules}”时出错：{kind} {error}"
    ),
    "nothing was decided; the night decides by DuckDB and is not concerned": (
        "未作任何裁定；夜间运行由 DuckDB 完成，不受影响"
    ),
    # engine/executors/rete_values.py
    "'{column}' is {value}, which cannot be compared as '{type}'": (
        "“{column}”的值 {value} 不能按“{type}”比较"
    ),
    "facts must be typed as the plan types them before rules are matched": (
        "匹配规则之前，数据的类型必须与执行计划规定的一致"
    ),
    # engine/commands/deliver.py
    "there is no dead letter '{key}'": "没有标识为“{key}”的死信",
    "`kam deliver --dead` lists them": "`kam deliver --dead` 可列出全部死信",
    # engine/commands/event.py
    "name a file, or - for what is piped": "请写明文件；读取管道输入请写 -",
    "the events that wait could not be decided: {error}": "等待中的事件未能裁定：{error}",
    "the night stands; `KAM_DEBUG=1 kam event -` tries again and shows where it failed": (
        "夜间运行的结果不受影响；`KAM_DEBUG=1 kam event -` 可重试并显示出错位置"
    ),
    # engine/commands/evidence.py
    "name a key as kam keys prints it, or a file with such a key": (
        "请写明 kam keys 打印的公钥，或存有公钥的文件"
    ),
    "the file {file} holds{s}no public key": "文件 {file} 中没有公钥",
    "{key} is{s}no public key": "{key} 不是公钥",
    "{what} no public key": "{what}：没有公钥",
    "--force replaces it": "--force 可覆盖该文件",
    "name another file": "请换一个文件",
    "{file} exists, and{s}is an earlier proof": "{file} 已存在，是先前出具的证明",
    "{file} exists, and{s}is not a file that kam prove wrote": (
        "{file} 已存在，且不是由 kam prove 写出的"
    ),
    "{file} exists, and {what}": "{file} 已存在：{what}",
    "there is no signing key": "没有签名密钥",
    # engine/commands/people.py
    "it is empty": "内容为空",
    "say who you are": "请写明本人姓名",
    "today is {day}, and the last night is {night} (run {run})": (
        "今天是 {day}，而最近一晚是 {night}（运行 {run}）"
    ),
    (
        "check the clock of this machine, and 'timezone:' in kam.yaml; nothing was said;{s}the "
        "night of {night} was run for a day that is still to come, unless the clock of this "
        "machine is wrong: `kam restore FILE --force` brings back a backup of before it; without "
        "one, name a new folder as 'store:' in kam.yaml and begin again"
    ): (
        "请检查本机时钟和 kam.yaml 中的 'timezone:'；未登记任何内容；若时钟无误，"
        "则 {night} 的夜间运行所属的日期尚未到来：请用 `kam restore FILE --force` 恢复此前的备份；"
        "若无备份，请在 kam.yaml 的 'store:' 中另写一个新文件夹，重新开始"
    ),
    "check the clock of this machine, and 'timezone:' in kam.yaml; nothing was said": (
        "请检查本机时钟和 kam.yaml 中的 'timezone:'；未登记任何内容"
    ),
    "{day} is{s}in the past: today is {today}": "{day} 已经过去：今天是 {today}",
    "{day} is today": "{day} 就是今天",
    "name a later day:{s}a snoozed action is open again on that day": (
        "请写一个更晚的日期：推迟的行动到那一天恢复待办"
    ),
    "name today or a later day: there is no silence to end": (
        "请写今天或更晚的日期：目前没有可解除的静默"
    ),
    # engine/commands/policy.py
    "kam schema lists the names": "kam schema 可列出全部名称",
    "there is neither {file} nor {other} in {folder}": "{folder} 中既没有 {file}，也没有 {other}",
    "name the folder of a workspace or of a policy pack": "请写明工作区或制度包的文件夹",
    # engine/commands/policy_tests.py
    "{value} is not a percentage from 0% to 100%": "{value} 不是 0% 至 100% 之间的百分比",
    "-k looks for a part of a test's name, in the case in which it is written": (
        "-k 按测试名称的一部分查找，区分大小写"
    ),
    "no test of {packs} has '{text}' in its name": "{packs} 的测试中，没有名称含“{text}”的",
    "write tests into a file NAME.test.yaml in the folder of the pack": (
        "请把测试写进制度包文件夹中的 NAME.test.yaml"
    ),
    "there is no test beside {packs}": "{packs} 没有测试",
    # engine/commands/replay.py
    "the store holds no such run": "存储中没有这样的运行",
    # engine/commands/report.py
    "{file} exists, and kam report did not write it": "{file} 已存在，且不是由 kam report 写出的",
    "name another file with --out, or replace it with --force": (
        "请用 --out 换一个文件，或用 --force 覆盖"
    ),
    # engine/commands/serve.py
    "nobody may call: there is no token": "没有令牌（token），任何人都无法调用",
    (
        "put name:roles:token into a file and name it in {variable}; or --no-auth for everybody on "
        "this machine"
    ): (
        "请把 name:roles:token 写入文件，并用 {variable} 指明该文件；"
        "或用 --no-auth 允许本机上的所有人调用"
    ),
    "--no-auth, but others can reach this address": "使用了 --no-auth，但其他机器也能访问该地址",
    "listen on 127.0.0.1, or give tokens": "请只监听 127.0.0.1，或设置令牌",
    "the service needs {one} and {two} and {three}, which is not installed": (
        "服务所需的 {one}、{two}、{three} 尚未安装"
    ),
    "the service needs {one} and {two}, which is not installed": (
        "服务所需的 {one}、{two} 尚未安装"
    ),
    "the service needs {library}, which is not installed": "服务所需的 {library} 尚未安装",
    "pip install 'kam[serve]'": "请执行 pip install 'kam[serve]'",
    # engine/console/plan_page.py
    "{file} exists, and kam plan did not write it": "{file} 已存在，且不是由 kam plan 写出的",
    "name another file with --html": "请用 --html 换一个文件",
    # engine/demo/workspace.py
    "'{file}' is a file": "“{file}”是文件，不是文件夹",
    "name a new folder": "请写一个新文件夹",
    "'{folder}' is not empty, and nothing in it is ever overwritten": (
        "文件夹“{folder}”不是空的，而 kam 绝不覆盖其中的内容"
    ),
    "name a new folder, or an empty one": "请写一个新文件夹或空文件夹",
    "no pack that comes with kam is named '{pack}'": "kam 自带的制度包中没有“{pack}”",
    "the packs are {list}": "现有制度包：{list}",
}
