"""What is wrong with the form of a file: its YAML, its keys and the kinds of its values.

Where parts of a text are put together, ``{verb}`` and ``{s}`` stand for the words between
them that Chinese does without.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # engine/language/quantities.py and reading_hints.py: numbers
    "write {text}, or put it in quotes if it is text": "请写 {text}；如果是文本，请加引号",
    "write all digits, without an exponent": "请写出全部数字，不用科学记数法",
    "write all digits, or use 万 or 亿; put it in quotes if it is text": (
        "请写出全部数字，或用“万”“亿”；如果是文本，请加引号"
    ),
    "write a date as in 2026-01-31, or put it in quotes if it is text": (
        "日期请写成 2026-01-31；如果是文本，请加引号"
    ),
    "write it in days, as in 90 days, or put it in quotes if it is text": (
        "请换算成天数，如 90 days；如果是文本，请加引号"
    ),
    "write it in days, hours or workdays, or put it in quotes if it is text": (
        "请用 days、hours 或 workdays 书写；如果是文本，请加引号"
    ),
    "a length of time is a whole number from 0 to 999999, as in 45 days"
    "{s} put it in quotes if it is text": (
        "时长须是 0 至 999999 的整数，如 45 days；如果是文本，请加引号"
    ),
    "before {unit} stand at most 18 digits, and 12 after their point"
    "{s} put it in quotes if it is text": (
        "{unit} 之前最多 18 位数字，小数最多 12 位；如果是文本，请加引号"
    ),
    "a number has at most 18 digits before the point and 18 after it"
    "{s} put it in quotes if it is text": (
        "数值的整数部分最多 18 位，小数最多 18 位；如果是文本，请加引号"
    ),
    "write all digits{s} put it in quotes if it is text": ("请写出全部数字；如果是文本，请加引号"),
    "write a number, or leave the entry out": "请写一个数值，或删去这一项",
    "the number has too many digits": "数字位数过多",
    "'{number}' is not a clear number": "“{number}”作为数值有歧义",
    'write "{text}"': '请写 "{text}"',
    "put it in quotes": "请加引号",
    # engine/language/reading.py
    "the file is too big": "文件过大",
    "the file is empty": "文件为空",
    "the file must hold sections, each a key followed by a colon": (
        "文件须由若干节组成，每节以键和冒号开头"
    ),
    "for example 'measures:'": "例如 'measures:'",
    "the file is UTF-16": "文件是 UTF-16 编码",
    "save it as UTF-8": "请另存为 UTF-8",
    "the file begins with a byte order mark": "文件以字节顺序标记（BOM）开头",
    "save it as UTF-8 without BOM": "请另存为不带 BOM 的 UTF-8",
    "save it as UTF-8{s}(it looks like GBK)": "请另存为 UTF-8（现在像是 GBK）",
    "the file is not UTF-8 text": "文件不是 UTF-8 文本",
    "there is an invisible character (U+{code}) in the file": "文件中有看不见的字符（U+{code}）",
    "remove it, for example by typing the line again": "请删去，例如重新输入这一行",
    "the file has more than {limit} values": "文件中的值超过 {limit} 个",
    "the file holds more than one document": "一个文件里有不止一份 YAML 文档",
    "remove the line '---' or use two files": "请删去“---”一行，或分成两个文件",
    "a key must be plain text": "键须是普通文本",
    "put quotes around text that begins with { or [": "以 { 或 [ 开头的文本请加引号",
    "write the key out": "请把键写出来",
    "'*{anchor}' stands inside what it names": "“*{anchor}”引用了它自身所在的内容",
    "there is no anchor '&{anchor}' above": "前文没有锚点“&{anchor}”",
    "'<<' is not part of the language": "不支持“<<”",
    "write the entries out, or share a section through include:": (
        "请把各项写出来，或通过 'include:' 共用一节"
    ),
    "the key is empty": "键为空",
    "'{key}' is already written on line {line}": "“{key}”在第 {line} 行已经写过",
    "'>' begins text on the lines below": "“>”表示以下各行是文本",
    "the aliases of this file stand for more than {limit} values": (
        "文件中的别名展开后超过 {limit} 个值"
    ),
    "write the values out": "请把值写出来",
    "the tag '{tag}' is not part of the language": "不支持标签“{tag}”",
    "put the value in quotes to make it text": "如果是文本，请给值加引号",
    "the file nests deeper than {count} levels": "文件的嵌套超过 {count} 层",
    # engine/language/reading_hints.py
    "the text is not YAML": "文本不是 YAML",
    "there is a tab in the indentation": "缩进中有制表符",
    "indent with spaces": "请用空格缩进",
    "put quotes around text with ': ' in it, and check the indentation of the line above": (
        "含有“: ”的文本请加引号；并检查上一行的缩进"
    ),
    "check the indentation; entries of one section begin in the same column": (
        "请检查缩进；同一节的各项须从同一列开始"
    ),
    "a key needs a colon and a space after it": "键之后须有冒号和空格",
    "put quotes around text that begins with @, ` or %": "以 @、` 或 % 开头的文本请加引号",
    "a quotation mark is not closed": "引号没有闭合",
    "a bracket or a comma is missing, or quotes around text with { or , in it": (
        "缺少括号或逗号，或者含有 { 或 , 的文本没有加引号"
    ),
    # engine/language/full_width.py
    "character {number} of it is {fault}": "其中第 {number} 个字符是{fault}",
    "line {line}, column {column} has {fault}; {hint}": (
        "第 {line} 行第 {column} 列是{fault}；{hint}"
    ),
    "a full-width space": "全角空格",
    "a no-break space": "不换行空格",
    "a narrow no-break space": "窄的不换行空格",
    "a soft hyphen": "软连字符（看不见）",
    "a space of another width": "另一种宽度的空格",
    "write a space": "请写普通空格",
    "remove it": "请删去",
    "line {line}, column {column} {verb} the full-width colon {sign}{s} write : and a space": (
        "第 {line} 行第 {column} 列是全角冒号 {sign}；请写 : 再加一个空格"
    ),
    "line {line}, column {column} {verb} the full-width comma {sign}{s} write , and a space": (
        "第 {line} 行第 {column} 列是全角逗号 {sign}；请写 , 再加一个空格"
    ),
    "line {line}, column {column} {verb} the full-width brace {sign}{s} write {ascii}": (
        "第 {line} 行第 {column} 列是全角花括号 {sign}；请写 {ascii}"
    ),
    "line {line}, column {column} {verb} the full-width bracket {sign}{s} write {ascii}": (
        "第 {line} 行第 {column} 列是全角方括号 {sign}；请写 {ascii}"
    ),
    "line {line}, column {column} {verb} the Chinese quotation mark {sign}{s} write {ascii}": (
        "第 {line} 行第 {column} 列是中文引号 {sign}；请写 {ascii}"
    ),
    "line {line}, column {column} {verb} the full-width parenthesis {sign}{s} put quotes "
    "around the text": "第 {line} 行第 {column} 列是全角括号 {sign}；请给文本加引号",
    # engine/language/symbols.py and placeholders.py
    "write {{text}}": "请写 {{text}}",
    # engine/language/schema_problems.py: names and keys
    "{name} cannot be {s} id": "{name} 不能作标识",
    "{name} cannot be {s} clause {verb}": "{name} 不能作条款编号",
    "{name} cannot be {s} date": "{name} 不是日期",
    "{rule}; for example: {example}": "{rule}；例如：{example}",
    "'{key}' of {sink} is a secret, and a file is no place for one": (
        "{sink}的“{key}”是机密，不应写在文件里"
    ),
    "put it into the environment, and name its variable as '{key}'": (
        "请放进环境变量，在“{key}”中写变量名"
    ),
    "'{key}' is not {s} key": "没有“{key}”这个键",
    "'{key}' is not {s} key of {subject}": "{subject}没有“{key}”这个键",
    "'{key}' is not {s} section": "没有“{key}”这一节",
    "'{key}' is not {s} operator {verb} {subject}": "{subject}中的“{key}”不是运算符",
    "'{key}' is not {s} level {verb} {subject}": "{subject}中的“{key}”不是预警级别",
    "known here: {list}": "此处可用：{list}",
    "write '{word}'": "请写 {word}",
    "a comma separates entries; write numbers without it": "逗号用来分隔各项；数字中不要写逗号",
    "{subject} needs '{key}'": "{subject}缺少“{key}”",
    "add '{key}': {about}": "请加上“{key}”：{about}",
    "{subject} needs '{key}' beside '{other}'": "{subject}中写了“{other}”，还须写“{key}”",
    "{subject} needs one of: {list}": "{subject}须有以下之一：{list}",
    "{subject} has {first} and {second}, but only one is allowed": (
        "{subject}同时有 {first} 和 {second}，只能有一个"
    ),
    "{subject} does not belong here": "{subject}不应写在这里",
    "a formula has no records; put it on a measure that aggregates them": (
        "公式没有记录可用；请写在汇总记录的指标上"
    ),
    "it goes with share_of_largest": "它须与 share_of_largest 一起写",
    "criteria with parts of their own take their points from those": (
        "有下级细项的评分项，得分由细项而来"
    ),
    "only the types enum and ordinal have values": "只有 enum 和 ordinal 类型有 values",
    "only the types date and datetime have a format": "只有 date 和 datetime 类型有 format",
    "the approval of a milestone is used once; only that of an entitlement has an end": (
        "对里程碑的批准只用一次；只有对权益的批准才有截止日"
    ),
    "only a milestone that promotes or proposes can hold a tier": (
        "只有升级或提议升级的里程碑才能保级"
    ),
    # engine/language/schema_problems.py: values
    "{subject} has no value": "{subject}没有值",
    "{subject} is empty": "{subject}为空",
    "for example: {example}": "例如：{example}",
    "{subject} must be {wanted}, not {given}": "{subject}应为{wanted}，现写为：{given}",
    "{subject} must {verb} entries with keys{s} not {given}": (
        "{subject}应为“键: 值”各项，现写为：{given}"
    ),
    "{subject} must {verb} a JSON object{s} not {given}": (
        "{subject}应为 JSON 对象，现写为：{given}"
    ),
    "{subject} must {verb} a list{s} not {given}": "{subject}应为列表，现写为：{given}",
    "{subject} must {verb} text{s} not {given}": "{subject}应为文本，现写为：{given}",
    "{subject} must {verb} a number{s} not {given}": "{subject}应为数值，现写为：{given}",
    "{subject} must {verb} a whole number{s} not {given}": "{subject}应为整数，现写为：{given}",
    "{subject} must {verb} true or false{s} not {given}": (
        "{subject}应为 true 或 false，现写为：{given}"
    ),
    "{subject} must {verb} text {plural} entries with keys{s} not {given}": (
        "{subject}应为文本或“键: 值”各项，现写为：{given}"
    ),
    "{subject} must {verb} text {plural} a list{s} not {given}": (
        "{subject}应为文本或列表，现写为：{given}"
    ),
    "{subject} must {verb} a list {plural} entries with keys{s} not {given}": (
        "{subject}应为列表或“键: 值”各项，现写为：{given}"
    ),
    "{subject} must {verb} text {plural} a number{s} not {given}": (
        "{subject}应为文本或数值，现写为：{given}"
    ),
    "{subject} must {verb} a number {plural} text{s} not {given}": (
        "{subject}应为数值或文本，现写为：{given}"
    ),
    "{subject} must {verb} text {plural} a whole number{s} not {given}": (
        "{subject}应为文本或整数，现写为：{given}"
    ),
    "{subject} must {verb} a number{comma} text {plural} entries with keys{s} not {given}": (
        "{subject}应为数值、文本或“键: 值”各项，现写为：{given}"
    ),
    "{subject} must {verb} text{comma} a number {plural} null{s} not {given}": (
        "{subject}应为文本、数值或 null，现写为：{given}"
    ),
    "{subject} must {verb} at least {bound}, not {given}": (
        "{subject}应不小于 {bound}，现写为：{given}"
    ),
    "{subject} must {verb} at most {bound}, not {given}": (
        "{subject}应不大于 {bound}，现写为：{given}"
    ),
    "{subject} must {verb} more than {bound}, not {given}": (
        "{subject}应大于 {bound}，现写为：{given}"
    ),
    "{subject} must have {count} entries, not {found}": "{subject}应有 {count} 项，现有 {found} 项",
    "{subject} must {verb} at least {count} entries, not {found}": (
        "{subject}至少应有 {count} 项，现有 {found} 项"
    ),
    "{subject} must {verb} at most {count} entries, not {found}": (
        "{subject}最多可有 {count} 项，现有 {found} 项"
    ),
    "put quotes around text that begins with {": "以 { 开头的文本请加引号",
    "write {in: [...]} to admit several values": "要允许几个值，请写 {in: [...]}",
    'put it in quotes: "{text}"': '请加引号："{text}"',
    "write a number without unit and without quotes": "请只写数字，不带单位，不加引号",
    "'{key}' cannot be {value}": "“{key}”不能是 {value}",
    "entry {number} of {list} cannot be {value}": "{list}的第 {number} 项不能是 {value}",
    "choose one of: {list}": "请写以下之一：{list}",
    "{value} cannot be read": "{value} 的写法不对",
    "{value} cannot be read {s} {form}": "{value} 的写法不对，应为 {form}",
    "{value} cannot be read{form}": "{value} 的写法不对{form}",
    "{subject} is longer than {limit} characters": "{subject}超过 {limit} 个字符",
    "{value} stands twice in {subject}": "{value} 在{subject}中出现了两次",
    "{subject} is not as the language asks": "{subject}不合制度语言的写法",
}
