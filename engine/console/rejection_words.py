"""Why a cell could not be used, in Chinese: the log keeps the reason in English."""

from __future__ import annotations

import re

_REASONS: tuple[tuple[str, str], ...] = (
    # any cell
    ("contains a NUL byte", "含有空字节（NUL）"),
    (r"is longer than (\d+) characters", r"超过 \1 个字符"),
    ("cannot be used as text", "不能用作文本"),
    ("is empty: the record names no account", "为空：该记录没有写明客户"),
    ("is empty: the row has no key", "为空：该行没有主键"),
    ("names an account that is itself in quarantine", "所属客户自身的数据行被拒"),
    ("names an account that does not exist", "所属客户不存在"),
    (r"repeats the key of row (\d+), which is used", r"与第 \1 行主键重复，已采用第 \1 行"),
    # words
    (r"is not one of (.+) and (\d+) more", r"不是允许的取值：\1 等（另有 \2 个）"),
    (r"is not one of (.+)", r"不是允许的取值：\1"),
    (
        "is not a boolean; write true or false, 1 or 0, 是 or 否",
        "不是“是/否”值；请写 true 或 false、1 或 0、是 或 否",
    ),
    # numbers
    (r"is outside (\S+) to (\S+)", r"不在 \1 至 \2 之间"),
    (
        "(NaN|Infinity) is not a number; leave the cell empty if unknown",
        r"\1 不是数；不详时请留空",
    ),
    ("is written with 万 or 亿; write all the digits", "用了“万”或“亿”；请写出全部数字"),
    (
        "has a currency sign; write the number alone, in the workspace's currency",
        "带有货币符号；请只写数字，币种以工作区为准",
    ),
    (
        "has thousands separators; write 1234.50, not 1,234.50",
        "带有千位分隔符；请写 1234.50，不写 1,234.50",
    ),
    ("has a decimal comma; write 1234.50", "用逗号作小数点；请写 1234.50"),
    ("is in exponent notation; write all the digits", "用了科学记数法；请写出全部数字"),
    ("has full-width digits; write 0 to 9", "用了全角数字；请用 0 至 9"),
    ("is a percentage; give the column the type ratio", "是百分数；请把该列的类型改为 ratio"),
    (r"is too large; money has (\d+) digits at most", r"数额过大；金额最多 \1 位整数"),
    (
        r"has more than (\d+) decimals; round it at the source, or raise `(.+)` in kam\.yaml",
        r"小数多于 \1 位；请在来源处取舍，或调大 kam.yaml 中的 `\2`",
    ),
    ("is not a whole number", "不是整数"),
    ("is too large for a whole number of 64 bits", "超出 64 位整数的范围"),
    ("is too large", "数值过大"),
    ("is not a number", "不是数"),
    # days
    (
        "0000-00-00 is not a date; leave the cell empty if the date is not known",
        "0000-00-00 不是日期；日期不详时请留空",
    ),
    (
        r"does not match the column's format (.+), or is no day of the calendar",
        r"与该列的格式 \1 不符，或历法中没有这一天",
    ),
    (
        "day and month are ambiguous; give the column a format, such as format: '%d/%m/%Y'",
        "日与月分不清；请为该列写明格式，例如 format: '%d/%m/%Y'",
    ),
    ("is no day of the calendar", "历法中没有这一天"),
    (
        "has a time of day; give the column the type datetime",
        "带有时刻；请把该列的类型改为 datetime",
    ),
    ("is no time of the calendar and the clock", "不是有效的日期和时刻"),
    ("is a spreadsheet's number of a day; store it as a date", "是表格软件的日期序号；请存为日期"),
    ("is not between the years 1000 and 9999", "不在公元 1000 至 9999 年之间"),
    (
        r"is not a date; write it as (.+), or give the column a format",
        r"不是日期；请写成 \1，或为该列写明格式",
    ),
    (
        r"is not a datetime; write it as (.+), or give the column a format",
        r"不是日期时刻；请写成 \1，或为该列写明格式",
    ),
    # files
    (r"is longer than (\d+) bytes", r"超过 \1 字节"),
    (r"has (\d+) cells where (\d+) are expected", r"有 \1 个单元格，应有 \2 个"),
    ("opens a quotation mark that is never closed", "引号没有闭合"),
    ("has text after a closing quotation mark", "闭合的引号之后还有文字"),
    (
        "is UTF-8 in a file that is GBK; if it is not, declare `encoding: gbk`",
        "文件按 GBK 读取，该行却是 UTF-8；如果不是，请声明 `encoding: gbk`",
    ),
    (
        r"holds bytes that are not (.+); the file is read as (.+)",
        r"含有不属于 \1 的字节；文件按 \2 读取",
    ),
    ("holds bytes that are not UTF-8", "含有不属于 UTF-8 的字节"),
    ("is not JSON; it holds a control character", "不是 JSON：含有控制字符"),
    ("is not JSON", "不是 JSON"),
    ("is not a JSON object", "不是 JSON 对象"),
    ("has the key (.+) more than once", r"键 \1 不止一次"),
    ("is nested; a plain value is needed", "是嵌套的结构；此处应为单一的值"),
    ("is binary data or text that is not UTF-8", "是二进制数据，或不是 UTF-8 的文本"),
    ("is a time without a day, or a duration", "是没有日期的时刻，或一段时长"),
    (
        r"is the error (.+) of a formula; mend it in the workbook",
        r"是公式的错误 \1；请在工作簿中改正",
    ),
    (
        "is a formula that was never calculated; open and save the workbook",
        "是从未计算过的公式；请打开并保存该工作簿",
    ),
    # events of the day
    (
        "names a record table that facts.yaml does not have",
        "所属的记录表不在 facts.yaml 之中",
    ),
    (
        "is not of the type that facts.yaml gives it by now: (.+)",
        r"与 facts.yaml 现在规定的类型不符：\1",
    ),
)
_KNOWN = tuple((re.compile(english, re.DOTALL), chinese) for english, chinese in _REASONS)


def rejection_reason(reason: str, language: str) -> str:
    """A reason as the log keeps it, in the reader's language; one that is not known as it is.

    >>> rejection_reason("is outside 0 to 100", "zh")
    '不在 0 至 100 之间'
    >>> rejection_reason("is not a number", "en")
    'is not a number'
    """
    if language == "zh":
        for english, chinese in _KNOWN:
            if found := english.fullmatch(reason):
                return found.expand(chinese)
    return reason
