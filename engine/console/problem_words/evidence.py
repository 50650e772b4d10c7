"""What keys, signatures, proof files, backups and replays find.

`{s}` and `{plural}` also stand for what joins a text out of parts: a colon, a space, a bracket.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # engine/evidence/approvals.py
    "this is not an approval: {why}": "这不是签署记录：{why}",
    "this is not an approval{s}'{name}' is empty, or holds what cannot be printed": (
        "这不是签署记录：“{name}”为空，或含有不可打印的字符"
    ),
    "this is not an approval{s}its lines are not those of an approval": (
        "这不是签署记录：各行不是签署记录应有的内容"
    ),
    # engine/evidence/canonical.py
    "{place} cannot be written as canonical JSON: {why}": "{place} 无法写成规范 JSON：{why}",
    "{place} cannot be written as canonical JSON: {value} is not a number of JSON": (
        "{place} 无法写成规范 JSON：{value} 不是 JSON 的数值"
    ),
    "{place} cannot be written as canonical JSON: {value} lies beyond 2^53 - 1; write it as "
    "text": "{place} 无法写成规范 JSON：{value} 超出 2^53 - 1；请写成文本",
    "{place} cannot be written as canonical JSON{s}it is nested too deeply": (
        "{place} 无法写成规范 JSON：嵌套过深"
    ),
    "{place} cannot be written as canonical JSON{s}a {type} has no canonical form": (
        "{place} 无法写成规范 JSON：{type} 没有规范形式"
    ),
    "{place} cannot be written as canonical JSON{s}the text has half of a surrogate pair": (
        "{place} 无法写成规范 JSON：文本含有半个代理对"
    ),
    "{place} cannot be written as canonical JSON{s}the key {key} is not a text": (
        "{place} 无法写成规范 JSON：键 {key} 不是文本"
    ),
    # engine/evidence/checkpoints.py
    "this is not a checkpoint: {why}": "这不是检查点：{why}",
    "this is not a checkpoint: {value} is not a size": "这不是检查点：{value} 不是有效的大小",
    "this is not a checkpoint: {value} is not a root in base64": (
        "这不是检查点：{value} 不是 base64 写成的根哈希"
    ),
    "this is not a checkpoint{s}a line is empty or has control characters": (
        "这不是检查点：有一行为空或含有控制字符"
    ),
    "this is not a checkpoint{s}a root has {size} bytes, not {count}": (
        "这不是检查点：根哈希应为 {size} 字节，实为 {count} 字节"
    ),
    "this is not a checkpoint{s}the root is not that of a tree without leaves": (
        "这不是检查点：根哈希不是空树的根哈希"
    ),
    "this is not a checkpoint{s}origin, size and root are needed, a line each": (
        "这不是检查点：须有日志名称（origin）、大小、根哈希，各占一行"
    ),
    # engine/evidence/keys.py
    "a key cannot be called {name}": "密钥不能命名为 {name}",
    "use a name without spaces and plus signs, such as example.com/kam": (
        "请用不含空格和加号的名称，例如 example.com/kam"
    ),
    "{first} and {second} are both set": "{first} 与 {second} 都已设置",
    "unset one of them": "请取消其中一个",
    "{variable} is set but empty": "{variable} 已设置，但为空",
    "give it its value, or unset it to go on without signatures": (
        "请为其赋值；如需不签名而继续，请取消该设置"
    ),
    "{file} does not hold a signing key": "{file} 中没有签名密钥",
    "{variable} names {file}, which cannot be read: {why}": (
        "{variable} 指定的 {file} 无法读取：{why}"
    ),
    "{variable} names {file}, which cannot be read{s}it is not a file": (
        "{variable} 指定的 {file} 无法读取：不是文件"
    ),
    "name the file that kam keys wrote": "请指定 kam keys 写出的文件",
    "{file} is open to others than its owner (mode {mode})": (
        "{file} 可被所有者以外的人访问（权限 {mode}）"
    ),
    "chmod 600 {file}; if others may have read it, make a new key": (
        "请执行 chmod 600 {file}；若可能已被他人读取，请另建密钥"
    ),
    "{file} lies in the workspace {folder}": "{file} 位于工作区 {folder} 之内",
    "{file} lies in the store {folder}": "{file} 位于存储 {folder} 之内",
    "{file} lies in the {what} {folder}": "{file} 位于{what} {folder} 之内",
    "keep the key in a folder that those who edit the policy cannot read": (
        "请把密钥放在编辑制度的人无法读取的文件夹中"
    ),
    "{file} is there already and is kept": "{file} 已经存在，予以保留",
    "choose another name, or move the file away": "请换一个名称，或把该文件移走",
    # engine/evidence/notes.py
    "it reads NAME+HASH+BASE64, as kam keys prints it": (
        "公钥的形式为 NAME+HASH+BASE64，即 kam keys 打印的内容"
    ),
    "this is the secret key; the one to give away is what kam keys prints": (
        "这是私钥；可以给别人的是 kam keys 打印的公钥"
    ),
    "it reads {prefix}NAME+HASH+BASE64": "签名密钥的形式为 {prefix}NAME+HASH+BASE64",
    "the verifier key is damaged": "公钥已损坏",
    "the signing key does not begin with {prefix}": "签名密钥不以 {prefix} 开头",
    "the signing key is damaged: its parts do not agree": "签名密钥已损坏：各部分不一致",
    "the text is not a key": "这段文本不是密钥",
    "the text is not an Ed25519 key": "这段文本不是 Ed25519 密钥",
    "the signature of {name} does not belong to this text": "{name} 的签名与这段文本不符",
    "the text was changed after it was signed, or the signature was": (
        "文本在签名之后被改动，或签名被改动"
    ),
    "it is signed by {signed}; trusted: {trusted}": "签名者为 {signed}；可信密钥为 {trusted}",
    "it is signed by {signed}; trusted{s}no key": "签名者为 {signed}；未提供可信的公钥",
    "give the verifier key of whoever signed, obtained from them and not from the note": (
        "请提供签名者的公钥；应向签名者本人索取，不可取自该文本"
    ),
    "this is not a signed note: {why}": "这不是带签名的文本：{why}",
    "this is not a signed note{s}the text must end with a newline and have no control "
    "characters": "这不是带签名的文本：正文须以换行结尾，且不含控制字符",
    "this is not a signed note{s}it is not UTF-8": "这不是带签名的文本：不是 UTF-8",
    "this is not a signed note{s}it has control characters": "这不是带签名的文本：含有控制字符",
    "this is not a signed note{s}a text, a blank line and lines with signatures are needed": (
        "这不是带签名的文本：须有正文、一个空行和若干签名行"
    ),
    "this is not a signed note{s}it has more than {count} signatures": (
        "这不是带签名的文本：签名多于 {count} 个"
    ),
    "this is not a signed note{s}this is not a signature line: {line}": (
        "这不是带签名的文本：以下一行不是签名行：{line}"
    ),
    # engine/evidence/proof_documents.py
    "this is not a kam proof of version {version}": "这不是版本 {version} 的 kam 证明",
    "give the file that kam prove wrote; a newer file needs a newer kam": (
        "请提供 kam prove 写出的文件；较新的文件需要较新的 kam"
    ),
    "{place} must be 'inclusion', 'run' or 'consistency'": (
        "{place} 须为“inclusion”、“run”或“consistency”"
    ),
    "{place} must not be empty": "{place} 不能为空",
    "{place} must be an object as canonical JSON (RFC 8785)": (
        "{place} 须为规范 JSON（RFC 8785）写成的对象"
    ),
    "{place} must be JSON in UTF-8 ({why})": "{place} 须为 UTF-8 编码的 JSON（{why}）",
    "{place} must be JSON in UTF-8 {s}a key stands twice{plural}": (
        "{place} 须为 UTF-8 编码的 JSON（有键出现了两次）"
    ),
    "{place} must be JSON in UTF-8 ({text} is not JSON{plural}": (
        "{place} 须为 UTF-8 编码的 JSON（{text} 不是 JSON）"
    ),
    "{place} must be an object": "{place} 须为对象",
    "{place} must have '{key}'": "{place} 缺少“{key}”",
    "{place} must not have '{key}'": "{place} 不能有“{key}”",
    "{place} must be a list": "{place} 须为列表",
    "{place} must be text": "{place} 须为文本",
    "{place} must not have half of a surrogate pair": "{place} 不能含有半个代理对",
    "{place} must be an integer": "{place} 须为整数",
    "{place} must lie between 0 and 2^53 - 1": "{place} 须在 0 至 2^53 - 1 之间",
    "{place} must be {size} bytes as {digits} lower-case hexadecimal digits": (
        "{place} 须为 {size} 字节，写成 {digits} 位小写十六进制数字"
    ),
    # engine/evidence/proofs.py
    "a proof is checked with the public key of the log": "核验证明须用该日志的公钥",
    "ask for the key, and give it as --key KEY": "请索取公钥，并以 --key KEY 提供",
    "the checkpoint of this proof is not signed: no key vouches for it": (
        "此证明的检查点未签名：没有密钥为其担保"
    ),
    "ask for a proof against a signed checkpoint; without --key kam shows whether this one "
    "agrees with itself": (
        "请索取以已签名检查点出具的证明；不带 --key 时，kam 只查看此证明自身是否一致"
    ),
    "the checkpoints are of two logs, {first} and {second}": (
        "两个检查点分属两份日志：{first} 与 {second}"
    ),
    "the log of {new} runs is not shown to begin with that of {old} runs": (
        "未能证明 {new} 次运行的日志以 {old} 次运行的日志开头"
    ),
    "a run was changed, removed or put in afterwards, or the proof is damaged": (
        "事后有运行被更改、删除或插入，或证明已损坏"
    ),
    "$.{place}: {why}": "证明中的 $.{place}：{why}",
    "$.run_entry: the leaf is not number {index} of the {count} runs of the checkpoint": (
        "$.run_entry：该叶节点不是检查点所覆盖 {count} 次运行中序号为 {index} 的一个"
    ),
    "$.run_entry.leaf: '{name}' is {value}, but the proof is about {wanted}": (
        "$.run_entry.leaf：“{name}”为 {value}，而此证明是关于 {wanted} 的"
    ),
    "{place}: the leaf is not number {index} of the {count} leaves of run {run}": (
        "{place}：该叶节点不是运行 {run} 的 {count} 个叶节点中序号为 {index} 的一个"
    ),
    "{place}: the leaf has no commitment {name}": "{place}：该叶节点没有承诺值 {name}",
    "{place}: the text is not what the commitment {name} was made of": (
        "{place}：该文本不是生成承诺值 {name} 的原文"
    ),
    # engine/backup/archive.py
    "{file} is not a backup of kam: {why}": "{file} 不是 kam 的备份：{why}",
    "{file} is not a backup of kam{s}it is empty": "{file} 不是 kam 的备份：内容为空",
    "{file} is not a backup of kam{s}it begins with {name}": (
        "{file} 不是 kam 的备份：其开头是 {name}"
    ),
    "name a file that `kam backup` wrote": "请指定 `kam backup` 写出的文件",
    "the backup {file} is damaged: {why}": "备份 {file} 已损坏：{why}",
    "the backup {file} is damaged{s}its end is missing": "备份 {file} 已损坏：缺少结尾",
    "the backup {file} is damaged: {name} stands after its end": (
        "备份 {file} 已损坏：{name} 位于其结尾之后"
    ),
    "the backup {file} is damaged: {name} does not belong in it": (
        "备份 {file} 已损坏：{name} 不应在其中"
    ),
    "the backup {file} is damaged: {name} is not a plain file in it": (
        "备份 {file} 已损坏：其中的 {name} 不是普通文件"
    ),
    "the backup {file} is damaged: {name} has {size} bytes": (
        "备份 {file} 已损坏：{name} 有 {size} 字节"
    ),
    "the backup {file} is damaged: {name} has a line that is none of its own: {line}": (
        "备份 {file} 已损坏：{name} 中有一行不应在其中：{line}"
    ),
    "the backup {file} is damaged: {name} is missing": "备份 {file} 已损坏：缺少 {name}",
    "the backup {file} is damaged: {name} is not as it was backed up": (
        "备份 {file} 已损坏：{name} 与备份时不符"
    ),
    "take another backup; nothing has been restored from this one": (
        "请另做备份；未从此备份恢复任何内容"
    ),
    # engine/backup/failures.py
    "{place} cannot be written ({why})": "无法写入 {place}（{why}）",
    "free space there or name a place on another disk; nothing has been changed": (
        "请在该处腾出空间，或指定另一磁盘上的位置；未作任何改动"
    ),
    "check the path and who may write there; nothing has been changed": (
        "请检查路径及写权限；未作任何改动"
    ),
    "the backup {file} cannot be read ({why})": "无法读取备份 {file}（{why}）",
    "check who may read it, and its disk": "请检查其读权限和所在磁盘",
    # engine/backup/restoring.py
    "there is something at {folder} already": "{folder} 处已有内容",
    "name another folder with --to, or use --force, which moves it aside": (
        "请用 --to 指定另一文件夹，或用 --force 将原有内容移到一旁"
    ),
    "the backup {file} holds no store that can be used here: {why}": (
        "备份 {file} 中没有此处可用的存储：{why}"
    ),
    "{file} is not a backup of kam: its header says nothing of one": (
        "{file} 不是 kam 的备份：其文件头未写明是备份"
    ),
    "the backup {file} was taken by a newer version of kam ({version})": (
        "备份 {file} 由更新版本的 kam（{version}）制作"
    ),
    "the store in {file} does not verify: {code} store: {why}": (
        "{file} 中的存储未通过核验：{code} 存储：{why}"
    ),
    "the store in {file} does not verify: {code} store: {why} (and {count} more findings)": (
        "{file} 中的存储未通过核验：{code} 存储：{why}（另有 {count} 处问题）"
    ),
    "the store in {file} does not verify: {code} {run}: {why}": (
        "{file} 中的存储未通过核验：{code} {run}：{why}"
    ),
    "the store in {file} does not verify: {code} {run}: {why} (and {count} more findings)": (
        "{file} 中的存储未通过核验：{code} {run}：{why}（另有 {count} 处问题）"
    ),
    "`kam restore --check` lists all of them; --unsound restores it nevertheless": (
        "`kam restore --check` 可列出全部问题；如仍要恢复，请用 --unsound"
    ),
    # engine/backup/taking.py
    "{file} would lie within the store that it is a backup of": ("{file} 会位于它所备份的存储之内"),
    "name a file outside of it, best on another disk": ("请指定存储之外的文件，最好在另一磁盘上"),
    "there is a file {file} already": "已有文件 {file}",
    "name another, or use --force": "请换一个名称，或用 --force",
    "{file} of run {run} changed while it was copied": "运行 {run} 的 {file} 在复制时有变动",
    # engine/replay/evaluate.py
    "its sources could be read again, but {list} changed since": (
        "本可重新读取其数据源，但这些文件此后已变动：{list}"
    ),
    "its sources could be read again, but {list} has changed since": (
        "本可重新读取其数据源，但该文件此后已变动：{list}"
    ),
    "its sources could be read again, but {list} have changed since": (
        "本可重新读取其数据源，但这些文件此后已变动：{list}"
    ),
    # engine/replay/facts.py
    "run {run} did not keep what {what} of {pack} is measured by": (
        "运行 {run} 没有留存计算制度包 {pack} 的{what}所需的数据"
    ),
    "run {run} did not keep what{s}the column '{column}' of {pack} is measured by": (
        "运行 {run} 没有留存制度包 {pack} 所需的列“{column}”"
    ),
    "run {run} did not keep what{s}the measure '{measure}' of {pack} is measured by": (
        "运行 {run} 没有留存计算制度包 {pack} 的指标“{measure}”所需的数据"
    ),
    "run {run} did not keep what{s}the entitlement '{entitlement}' of {pack} is measured by": (
        "运行 {run} 没有留存判断制度包 {pack} 的权益“{entitlement}”所需的数据"
    ),
    # engine/replay/past.py
    "run {run} was made by kam {version}, which did not keep all that a night depends on": (
        "运行 {run} 由 kam {version} 完成，该版本未留存夜间运行所依据的全部内容"
    ),
    "runs from version 0.3 on can be replayed": "0.3 及以后版本的运行可以重放",
    # engine/replay/personal.py
    "{file} of run {run} had its time, and was removed on {day}": (
        "运行 {run} 的 {file} 保存期满，已于 {day} 清除"
    ),
    "'privacy:' in kam.yaml says how long facts are kept": (
        "数据保存多久由 kam.yaml 中的 'privacy:' 规定"
    ),
    # engine/replay/rerun.py
    "what the run kept cannot be decided again: {why}": "该运行留存的内容无法重新裁定：{why}",
    "a file that was touched can be the cause": "可能是有文件被改动所致",
}
