"""What stops whoever asks or writes the store.

`{s}` also stands for a colon or a little word, where the engine joins a text out of parts.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # engine/actions/delivery.py
    "{count} messages wait for '{sink}', which kam.yaml does not name": (
        "有 {count} 条消息等待发往“{sink}”，而 kam.yaml 中没有这个去处"
    ),
    "name '{sink}' under 'sinks:' once more until they have gone": (
        "请在 'sinks:' 下重新写上“{sink}”，直到这些消息发完"
    ),
    "another process delivers from the store {store}": "另一个进程正在发送存储 {store} 中的行动",
    "wait until it has finished; the lock of one that was killed releases itself": (
        "请等它结束；进程若被强行终止，锁会自行释放"
    ),
    # engine/actions/opening.py
    "the sink '{sink}' needs {variables} in the environment": (
        "去处“{sink}”需要环境变量 {variables}"
    ),
    "set it where kam is called; it stands in no file of the workspace": (
        "请在调用 kam 的环境中设置；它不写在工作区的任何文件里"
    ),
    # engine/actions/sinks/chat.py
    "the variable {variable} does not hold a URL of {kind}": (
        "环境变量 {variable} 的值不是 {kind} 的 URL"
    ),
    # engine/actions/sinks/jsonl_file.py
    "{file} ends in something that kam has not written": "{file} 末尾的内容不是 kam 写入的",
    "name another file as 'path' of the sink": "请为该去处的 'path' 另写一个文件",
    "{path} lies outside the workspace": "{path} 在工作区之外",
    "a link on the way leads elsewhere; write a path that stays in the workspace": (
        "路径中有链接指向别处；请写一个不离开工作区的路径"
    ),
    "make it a file that the user who runs kam may write": (
        "请确保运行 kam 的用户对该文件有写权限"
    ),
    # engine/actions/sinks/webhook.py
    "the variable {variable} does not hold a web address": ("环境变量 {variable} 的值不是网址"),
    "what follows 'whsec_' in the variable {variable} is not base64": (
        "环境变量 {variable} 中“whsec_”之后的内容不是 base64"
    ),
    "copy the secret once more": "请重新复制该机密（secret）",
    # engine/audit/choosing.py
    "run '{run}' decided about single accounts, and this is asked of a whole night": (
        "运行“{run}”只裁定了个别客户，而此处需要一次完整的夜间运行"
    ),
    "name the night before it: {run}": "请改为指定在它之前的夜间运行：{run}",
    "the store holds no run yet": "存储中还没有运行",
    "run the night: kam run": "请先执行夜间运行：kam run",
    "there is no run '{run}'": "没有运行“{run}”",
    "kam runs lists them": "kam runs 可列出历次运行",
    # engine/audit/data_files.py
    "`privacy: retention:` in kam.yaml says how long facts are kept; decisions and the log stay": (
        "数据保存多久由 kam.yaml 的 `privacy: retention:` 规定；结论与日志一直保留"
    ),
    "{file} of run {run} is missing: there is no {path}": "运行 {run} 缺少 {file}：没有 {path}",
    "{file} of run {run} cannot be read: {why} ({path})": (
        "无法读取运行 {run} 的 {file}：{why}（{path}）"
    ),
    "{file} of run {run} cannot be read{s} it is not the one that the run wrote {path}": (
        "无法读取运行 {run} 的 {file}：它不是该次运行写入的文件 {path}"
    ),
    "{file} of run {run} cannot be read{s} it has {size} bytes instead of {said} {path}": (
        "无法读取运行 {run} 的 {file}：它有 {size} 字节，应为 {said} 字节 {path}"
    ),
    "restore the folder of the run from a backup, readable for the user that runs kam": (
        "请用备份恢复该次运行的文件夹，并确保运行 kam 的用户有读权限"
    ),
    # engine/audit/day_files.py
    "there is no {file}: the records of the night, which the day starts from, are gone": (
        "没有 {file}：日间裁定所依据的夜间运行记录已不在"
    ),
    "run the night, which writes them again: kam run (a backup does not hold them)": (
        "请执行夜间运行，它会重新写入：kam run（备份不含这些记录）"
    ),
    "{file} is not as the night wrote it": "{file} 与夜间运行写入的不一致",
    "remove {folder} and say kam run, which writes it again": (
        "请删除 {folder}，再执行 kam run，它会重新写入"
    ),
    # engine/audit/events/log.py
    "the event '{event}' has been answered already": "事件“{event}”此前已答复",
    "this is a defect of the engine: please report it with this message": (
        "这是引擎的缺陷；请附上本条信息，反馈给开发者"
    ),
    "the store {store} has been altered{s} a run that answered events is called {run}": (
        "存储 {store} 被改动过：有一次裁定事件的运行编号为 {run}，不合规则"
    ),
    # engine/audit/events/log.py, engine/audit/writing.py
    "the decision log takes no line with {what}": "决策日志不接受这样的行：{what}",
    # engine/audit/failures.py: what the system says stands in parentheses
    "the store {store} cannot grow any further {why}": (
        "存储 {store} 无法继续写入：磁盘空间或配额不足 {why}"
    ),
    "free space on the disk or raise the quota, then run again": (
        "请清理磁盘或提高配额，然后重新运行"
    ),
    "the store {store} cannot be written {why}": "存储 {store} 不可写 {why}",
    "make the store writable for the user that runs kam": ("请让运行 kam 的用户对该存储有写权限"),
    "the store {store} is damaged or is not a database {why}": (
        "存储 {store} 已损坏，或不是数据库 {why}"
    ),
    "restore the store from a backup; its run folders are not affected": (
        "请用备份恢复该存储；其中各次运行的文件夹不受影响"
    ),
    "the store {store} is locked by another program {why}": ("存储 {store} 被另一个程序锁定 {why}"),
    "wait for the other program to finish, then run again": "请等另一个程序结束，然后重新运行",
    "the store {store} is not a folder {why}": "存储 {store} 不是文件夹 {why}",
    "name another folder as `store:` in kam.yaml": "请在 kam.yaml 的 `store:` 中另写一个文件夹",
    "the store {store} could not be read or written {why}": "存储 {store} 读写失败 {why}",
    "check the disk and its quota, then run again": "请检查磁盘及其配额，然后重新运行",
    "the store {store} refused what the run handed over {why}": (
        "存储 {store} 拒收本次运行提交的内容 {why}"
    ),
    # engine/audit/kept_files.py
    "kam.db does not hold {file} as run {run} read it": (
        "kam.db 中保存的 {file} 与运行 {run} 当时读取的不一致"
    ),
    "kam.db was changed; kam verify says what else is wrong with it": (
        "kam.db 被改动过；kam verify 可列出其他不符之处"
    ),
    # engine/audit/leaf_workers.py
    "a process that hashes the lines of the log has ended before its time": (
        "计算日志行哈希的一个进程提前终止"
    ),
    "the system may have run out of memory and killed it: leave it more (KAM_MEMORY is what a "
    "night takes), and try again": (
        "可能是系统内存不足而将其终止：请多留一些内存（KAM_MEMORY 规定夜间运行可占用多少），"
        "然后重试"
    ),
    # engine/audit/leaves.py
    "the secret of the store is gone from kam.db (commitment_salt): nothing that a run has "
    "recorded can be checked without it, and nothing recorded": (
        "kam.db 中该存储的秘密值（commitment_salt）已丢失：没有它，既无法核验任何运行的记录，"
        "也无法写入新的记录"
    ),
    "restore the store from a backup": "请用备份恢复该存储",
    # engine/audit/lock.py
    "another run holds the store {store}": "另一次运行正占用存储 {store}",
    "another run holds the store {store} (process {pid} on {host}, since {since})": (
        "另一次运行正占用存储 {store}（{host} 上的进程 {pid}，自 {since} 起）"
    ),
    "wait until it has finished; the lock of a run that was killed releases itself": (
        "请等它结束；运行若被强行终止，锁会自行释放"
    ),
    # engine/audit/opening.py
    "the store {store} was written by an older version of kam": ("存储 {store} 由旧版 kam 写入"),
    "the next `kam run` brings it up to date; to read it elsewhere, `kam backup` and "
    "`kam restore` make a copy that is": (
        "下一次 `kam run` 会将其升级；如需在别处查看，可用 `kam backup` 和 `kam restore` "
        "得到一份已升级的副本"
    ),
    "the store {store} was written by a newer version of kam ({steps})": (
        "存储 {store} 由更新版本的 kam 写入（{steps}）"
    ),
    "install that version or a later one": "请安装该版本或更新的版本",
    "there is no store at {store}": "{store} 处没有存储",
    "run `kam run` first": "请先执行 `kam run`",
    "the store {store} was written by kam 0.1: it does not hold what this version goes on from "
    "(how tiers, warnings and duties stood over time)": (
        "存储 {store} 由 kam 0.1 写入：其中没有本版本接续运行所需的内容"
        "（等级、预警与义务的历史状态）"
    ),
    "keep it for its log, and name a new folder as `store:` in kam.yaml": (
        "请保留它以备查阅日志，并在 kam.yaml 的 `store:` 中另写一个新文件夹"
    ),
    "{file} is a database, but not one of kam's": "{file} 是数据库，但不是 kam 的",
    # engine/audit/personal/forgetting.py
    "another program reads {store}, so that its log cannot be emptied": (
        "另一个程序正在读取 {store}，因此无法清空其预写日志（WAL）"
    ),
    "the values are forgotten, but old pages of kam.db may still hold them: end the program and "
    "say `kam forget` again": (
        "个人数据已销毁，但 kam.db 的旧页中可能仍有残留：请结束该程序，再执行一次 `kam forget`"
    ),
    # engine/audit/personal/values.py
    "the store {store} has been altered{s} expired_files names {file} of run {run} as of {day}": (
        "存储 {store} 被改动过：expired_files 表中有运行 {run} 的 {file}（{day}），不应有此项"
    ),
    # engine/audit/run_folder.py
    "the store {store} has been altered: {why}": "存储 {store} 被改动过：{why}",
    "the store {store} has been altered{s} a night is called {run}, and there can be no folder "
    "of it": "存储 {store} 被改动过：有一次夜间运行编号为 {run}，不可能有这样的文件夹",
    "the store {store} has been altered{s} the folder of run {run} is a link to another place": (
        "存储 {store} 被改动过：运行 {run} 的文件夹是指向别处的链接"
    ),
    "`kam verify` names everything that differs; restore the store from a backup": (
        "`kam verify` 可列出所有不符之处；请用备份恢复该存储"
    ),
    "{folder} has a run that kam.db does not know, {run}": (
        "{folder} 中有 kam.db 没有记录的运行 {run}"
    ),
    "{folder} has {count} runs that kam.db does not know, from {first} to {last}": (
        "{folder} 中有 kam.db 没有记录的 {count} 次运行，从 {first} 到 {last}"
    ),
    "kam.db was lost or replaced: restore it, or move these folders away": (
        "kam.db 已丢失或被替换：请恢复它，或移走这些文件夹"
    ),
    # engine/audit/store.py
    "the store {store} has been altered{s} run {run}: {why}": (
        "存储 {store} 被改动过：运行 {run}：{why}"
    ),
    # engine/inquiry/given.py
    "'{text}' does not say what is what": "“{text}”没有写明哪一项是什么值",
    "write --set fact=value": "请写成 --set 数据项=值",
    "no rule of run {run} reads a fact '{fact}'": "运行 {run} 中没有规则读取数据项“{fact}”",
    "a tier is decided; overrides.yaml may decide another one": (
        "等级由制度评定；如需改定，请在 overrides.yaml 中写人工定级"
    ),
    "kam explain ACCOUNT --format json names what the rules read": (
        "kam explain ACCOUNT --format json 可列出规则读取哪些数据项"
    ),
    "'{fact}' is {limits}; {value} lies outside": "“{fact}”的范围为 {limits}；{value} 超出范围",
    "'{fact}'{s} at least {low}; {value} lies outside": (
        "“{fact}”不得小于 {low}；{value} 超出范围"
    ),
    "'{fact}'{s} at most {high}; {value} lies outside": (
        "“{fact}”不得大于 {high}；{value} 超出范围"
    ),
    "'{fact}'{s} from {low} to {high}; {value} lies outside": (
        "“{fact}”须在 {low} 至 {high} 之间；{value} 超出范围"
    ),
    "'{fact}' is a whole number, {value} is not": "“{fact}”须为整数，{value} 不是整数",
    "'{fact}' is a date, {value} is none": "“{fact}”须为日期，{value} 不是日期",
    "write 2026-01-31, or 2026-01-31 09:00": "请写成 2026-01-31 或 2026-01-31 09:00",
    # engine/inquiry/near.py
    "no pack of run {run} has a tier '{tier}'": "运行 {run} 的制度包都没有等级“{tier}”",
    "tiers are: {list}": "现有等级：{list}",
    "'{tier}' is the tier of everyone else: it asks for nothing": (
        "“{tier}”是其余客户归入的等级，没有任何条件"
    ),
    "name a tier with conditions": "请写一个有条件的等级",
    # engine/inquiry/since.py
    "there is no run '{run}', and no run as of that day": "没有运行“{run}”，也没有该日的运行",
    "run {run} is that night itself, and events have decided about {account} since: what an event "
    "decided cannot be compared yet": (
        "运行 {run} 就是当晚本身，此后又因事件对 {account} 作过裁定：由事件得出的结论目前还不能比较"
    ),
    "`kam log --account {account}` lists what they changed, "
    "`kam explain {same} --run {run}` explains what stands now": (
        "`kam log --account {account}` 可列出这些事件改变了什么，"
        "`kam explain {same} --run {run}` 可解释现在的结论"
    ),
    "run {early} was not before run {late}": "运行 {early} 并不早于运行 {late}",
    "--since names the earlier run, --run the later one (default: the last)": (
        "--since 写较早的运行，--run 写较晚的运行（默认为最近一次）"
    ),
    "neither run has a pack '{pack}'; they have {list}": (
        "两次运行都没有制度包“{pack}”；现有：{list}"
    ),
    # engine/proposal/approving.py
    "kam.yaml names no role that must approve a policy": ("kam.yaml 没有规定须由哪个角色签署制度"),
    "the role '{role}' need not approve a policy": "制度无须由角色“{role}”签署",
    "those that must are {roles}": "须签署的角色：{roles}",
    "'{by}' does not hold the role '{role}'": "“{by}”未担任角色“{role}”",
    "'people:' in kam.yaml says who holds a role: {who}": (
        "各角色由谁担任，见 kam.yaml 的 'people:'：{who}"
    ),
    "the role '{role}' is not that of one person": "角色“{role}”并非恰由一人担任",
    "say with --by who you are: {who}": "请用 --by 写明本人姓名：{who}",
    "the plan is for the workspace '{planned}', and this is '{workspace}'": (
        "该方案属于工作区“{planned}”，而当前工作区是“{workspace}”"
    ),
    "approval {number} in the file does not hold: {why}": (
        "文件中的第 {number} 份签署记录无效：{why}"
    ),
    "approval {number} in the file does not hold{s} it was given to another plan": (
        "文件中的第 {number} 份签署记录无效：它签署的是另一份方案"
    ),
    "ask for the file again from whoever signed it, or make the plan again": (
        "请向签署人重新索取该文件，或重新生成方案"
    ),
    "the policy is not the one of the plan: {files} is other": (
        "制度与方案中的不一致：{files} 有改动"
    ),
    "the policy is not the one of the plan: {files} are other": (
        "制度与方案中的不一致：{files} 有改动"
    ),
    "make the plan again: kam plan --save FILE; if it was made of another folder, name that after "
    "FILE": (
        "请重新生成方案：kam plan --save FILE；方案若由另一文件夹生成，请在 FILE 之后写上该文件夹"
    ),
    "there is no key to sign with": "没有可用于签名的密钥",
    "set {file} or {key}; `kam keys new` makes a key": (
        "请设置环境变量 {file} 或 {key}；`kam keys new` 可生成密钥"
    ),
    "the key '{key}' is not one of the role '{role}'": "密钥“{key}”不属于角色“{role}”",
    "kam.yaml names {keys} as its key": "kam.yaml 为该角色写明的公钥是 {keys}",
    "over {facts} the policy changes other things than the plan says: {list}": (
        "依据{facts}，制度带来的变化与方案所述不同：{list}"
    ),
    "make the plan again and look at it: kam plan --save FILE": (
        "请重新生成方案并查看：kam plan --save FILE"
    ),
    # engine/proposal/first.py
    "not one account can be used": "没有一家客户的数据可以采用",
    # engine/proposal/plan_file.py
    "{file} cannot be read: {why}": "无法读取 {file}：{why}",
    "{file} does not hold a plan of this version": "{file} 不是本版本的变更方案",
    "kam plan --save FILE writes one": "kam plan --save FILE 可生成方案",
    "{file} was altered after kam plan had written it": "{file} 在 kam plan 写入之后被改动过",
    "make the plan again: kam plan --save FILE": "请重新生成方案：kam plan --save FILE",
    "{file} holds another plan, which {who} signed": ("{file} 中是另一份方案，且已签署（{who}）"),
    "{file} holds another plan, which {roles} has signed": (
        "{file} 中是另一份方案，{roles} 已签署"
    ),
    "{file} holds another plan, which {roles} have signed": (
        "{file} 中是另一份方案，{roles} 已签署"
    ),
    "name another file with --save: signatures are never overwritten": (
        "请用 --save 另写一个文件：签名绝不会被覆盖"
    ),
    "{file} exists, and is not a plan as kam plan --save writes it": (
        "{file} 已存在，且不是 kam plan --save 写入的方案"
    ),
    "name another file with --save; nothing was written": (
        "请用 --save 另写一个文件；未写入任何内容"
    ),
    # engine/proposal/propose.py
    "a plan is as of the last run, {day} ({run})": "方案以最近一次运行为准：{day}（{run}）",
    "leave --as-of out; it is for the plan of a first policy": (
        "请去掉 --as-of；它只用于首份制度的方案"
    ),
    "{pack}: {moved} of {count} accounts would change tier, more than guards.tier_changes allows: "
    "the night would be refused": (
        "{pack}：{count} 家客户中将有 {moved} 家变动等级，超过 guards.tier_changes 允许的比例，"
        "夜间运行会被拒绝"
    ),
    "raise the guard in kam.yaml for that night if the moves are wanted": (
        "如果确实需要这些变动，请为当晚调高 kam.yaml 中的该项上限"
    ),
    "{file} is not what run {run} read; the plan reads the facts as that run did": (
        "{file} 与运行 {run} 当时读取的不同；方案按该次运行的方式读取数据"
    ),
    "run the night, then plan again": "请先执行夜间运行，再重新生成方案",
    # engine/reports/finding.py
    "'{text}' is too short for the id of an action": "“{text}”太短，无法指明行动",
    "give its first {count} characters or more; kam actions lists the ids": (
        "请写出编号的前 {count} 位或更多；kam actions 可列出编号"
    ),
    "there is no action whose id begins with '{text}'": "没有编号以“{text}”开头的行动",
    "kam actions lists the ids of open ones, kam actions --status all of every one": (
        "kam actions 可列出待办行动的编号，kam actions --status all 可列出全部行动的编号"
    ),
    "several actions begin with '{text}': {list}": "有多项行动的编号以“{text}”开头：{list}",
    "several actions begin with '{text}': {list} and more": (
        "有多项行动的编号以“{text}”开头：{list} 等"
    ),
    "give more characters of the one that you mean": "请多写几位编号",
    "action {action} about {account} expired{when}: {why}": (
        "关于 {account} 的行动 {action} 已失效{when}：{why}"
    ),
    "action {action} about {account} expired{s} {why}": (
        "关于 {account} 的行动 {action} 已失效：{why}"
    ),
    "action {action} about {account} expired {s} {day}: {why}": (
        "关于 {account} 的行动 {action} 已于 {day} 失效：{why}"
    ),
    "kam log --account {account} --run {run} says what that night decided": (
        "kam log --account {account} --run {run} 可查看当晚的结论"
    ),
    "action {action} about {account} is done: {by} said so on {day}": (
        "关于 {account} 的行动 {action} 已完成：{by} 于 {day} 登记"
    ),
    "an action that is done stays done": "已完成的行动不再更改",
    "warning '{rule}' about {account} does not fire as of {day}": (
        "截至 {day}，关于 {account} 的预警“{rule}”并未触发"
    ),
    "warning '{rule}' about {account} does not fire as of {day}: it is {state} since {since}": (
        "截至 {day}，关于 {account} 的预警“{rule}”并未触发：自 {since} 起为 {state}"
    ),
    "kam warnings --account {account} lists what is open": (
        "kam warnings --account {account} 可列出未解除的预警"
    ),
    "run {run} has no pack '{pack}'": "运行 {run} 没有制度包“{pack}”",
    "there is no warning '{rule}'": "没有预警“{rule}”",
    "run {run} knows nothing '{account}' that '{rule}' could be about": (
        "运行 {run} 中没有预警“{rule}”可针对的“{account}”"
    ),
    "kam accounts TEXT finds an account by name": "kam accounts TEXT 可按名称查找客户",
    "several packs have the warning '{rule}': {packs}": ("不止一个制度包有预警“{rule}”：{packs}"),
    "name the one that you mean with --pack": "请用 --pack 指明是哪一个",
    # engine/reports/finding.py, engine/reports/known.py
    "there is none": "一个也没有",
    # engine/reports/holding.py
    "no run of {store} knows an account '{account}'": "{store} 的历次运行中都没有客户“{account}”",
    # engine/reports/known.py
    "no run of this store knows '{account}'": "本存储的历次运行中都没有“{account}”",
    "kam accounts TEXT finds an account by a part of its name or id": (
        "kam accounts TEXT 可按名称或编号的一部分查找客户"
    ),
    "no policy of this store has {what} '{name}'": "本存储的制度中都没有 {what}“{name}”",
    "no policy of this store has {s} pack '{name}'": "本存储中没有制度包“{name}”",
    "no policy of this store has {s} tier '{name}'": "本存储的制度中都没有等级“{name}”",
    "no policy of this store has {s} warning '{name}'": "本存储的制度中都没有预警“{name}”",
    "no policy of this store has {s} entitlement '{name}'": "本存储的制度中都没有权益“{name}”",
    "no policy of this store has {s} rule {name}": "本存储的制度中都没有规则 {name}",
    # engine/reports/listing.py
    "there is no run {run}": "没有运行 {run}",
    "`kam runs` lists the runs": "`kam runs` 可列出历次运行",
}
