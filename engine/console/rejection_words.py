"""Why a cell could not be used, in Chinese: the log keeps the reason in English."""

from __future__ import annotations

import re
from functools import cache

from engine.console.catalogue import Catalogue

WORDS: dict[str, str] = {
    # any cell
    "contains a NUL byte": "含有空字节（NUL）",
    "is longer than {count} characters": "超过 {count} 个字符",
    "cannot be used as text": "不能用作文本",
    "is empty: the record names no account": "为空：该记录没有写明客户",
    "is empty: the row has no key": "为空：该行没有主键",
    "names an account that is itself in quarantine": "所属客户自身的数据行被拒",
    "names an account that does not exist": "所属客户不存在",
    "repeats the key of row {row}, which is used": "与第 {row} 行主键重复，已采用第 {row} 行",
    # words
    "is not one of {list} and {count} more": "不是允许的取值：{list} 等（另有 {count} 个）",
    "is not one of {list}": "不是允许的取值：{list}",
    "is not a boolean; write true or false, 1 or 0, 是 or 否": (
        "不是“是/否”值；请写 true 或 false、1 或 0、是 或 否"
    ),
    # numbers
    "is outside {least} to {most}": "不在 {least} 至 {most} 之间",
    "{word} is not a number; leave the cell empty if unknown": "{word} 不是数值；不详时请留空",
    "is written with 万 or 亿; write all the digits": "用了“万”或“亿”；请写出全部数字",
    "has a currency sign; write the number alone, in the workspace's currency": (
        "带有货币符号；请只写数字，币种以工作区为准"
    ),
    "has thousands separators; write 1234.50, not 1,234.50": (
        "带有千位分隔符；请写 1234.50，不写 1,234.50"
    ),
    "has a decimal comma; write 1234.50": "用逗号作小数点；请写 1234.50",
    "is in exponent notation; write all the digits": "用了科学记数法；请写出全部数字",
    "has full-width digits; write 0 to 9": "用了全角数字；请用 0 至 9",
    "is a percentage; give the column the type ratio": "是百分数；请把该列的类型改为 ratio",
    "is too large; money has {count} digits at most": "数额过大；金额最多 {count} 位整数",
    "has more than {count} decimals; round it at the source, or raise `{setting}` in kam.yaml": (
        "小数多于 {count} 位；请在来源处取舍，或调大 kam.yaml 中的 `{setting}`"
    ),
    "is not a whole number": "不是整数",
    "is too large for a whole number of 64 bits": "超出 64 位整数的范围",
    "is too large": "数值过大",
    "is not a number": "不是数值",
    # days
    "0000-00-00 is not a date; leave the cell empty if the date is not known": (
        "0000-00-00 不是日期；日期不详时请留空"
    ),
    "does not match the column's format {format}, or is no day of the calendar": (
        "与该列的格式 {format} 不符，或历法中没有这一天"
    ),
    "day and month are ambiguous; give the column a format, such as format: '%d/%m/%Y'": (
        "日与月分不清；请为该列写明格式，例如 format: '%d/%m/%Y'"
    ),
    "is no day of the calendar": "历法中没有这一天",
    "has a time of day; give the column the type datetime": "带有时刻；请把该列的类型改为 datetime",
    "is no time of the calendar and the clock": "不是有效的日期和时刻",
    "is a spreadsheet's number of a day; store it as a date": "是表格软件的日期序号；请存为日期",
    "is not between the years 1000 and 9999": "不在公元 1000 至 9999 年之间",
    "is not a date; write it as {example}, or give the column a format": (
        "不是日期；请写成 {example}，或为该列写明格式"
    ),
    "is not a datetime; write it as {example}, or give the column a format": (
        "不是日期时刻；请写成 {example}，或为该列写明格式"
    ),
    # files
    "is longer than {count} bytes": "超过 {count} 字节",
    "has {count} cells where {expected} are expected": "有 {count} 个单元格，应有 {expected} 个",
    "opens a quotation mark that is never closed": "引号没有闭合",
    "has text after a closing quotation mark": "闭合的引号之后还有文字",
    "is UTF-8 in a file that is GBK; if it is not, declare `encoding: gbk`": (
        "文件按 GBK 读取，该行却是 UTF-8；如果不是，请声明 `encoding: gbk`"
    ),
    "holds bytes that are not {encoding}; the file is read as {used}": (
        "含有不属于 {encoding} 的字节；文件按 {used} 读取"
    ),
    "holds bytes that are not UTF-8": "含有不属于 UTF-8 的字节",
    "is not JSON; it holds a control character": "不是 JSON：含有控制字符",
    "is not JSON": "不是 JSON",
    "is not a JSON object": "不是 JSON 对象",
    "has the key {key} more than once": "键 {key} 不止一次",
    "is nested; a plain value is needed": "是嵌套的结构；此处应为单一的值",
    "is binary data or text that is not UTF-8": "是二进制数据，或不是 UTF-8 的文本",
    "is a time without a day, or a duration": "是没有日期的时刻，或一段时长",
    "is the error {error} of a formula; mend it in the workbook": (
        "是公式的错误 {error}；请在工作簿中改正"
    ),
    "is a formula that was never calculated; open and save the workbook": (
        "是从未计算过的公式；请打开并保存该工作簿"
    ),
    # events of the day
    "names a record table that facts.yaml does not have": "所属的记录表不在 facts.yaml 之中",
    "is not of the type that facts.yaml gives it by now: {reason}": (
        "与 facts.yaml 现在规定的类型不符：{reason}"
    ),
}


def rejection_reason(reason: str, language: str) -> str:
    """A reason as the log keeps it, in the reader's language; one that is not known as it is.

    >>> rejection_reason("is outside 0 to 100", "zh")
    '不在 0 至 100 之间'
    >>> rejection_reason("is not a number", "en")
    'is not a number'
    """
    return _catalogue().said(reason, language)


_CELL = re.compile(
    r"""row (\d+): (.+?) ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|None) (.+?)(?=; row \d+: |\Z)""",
    re.DOTALL,
)
"""A cell as `engine.facts.bad_cells` names it, one of several perhaps."""


def rejected_cells(text: str, language: str) -> str:
    """A text in which bad cells are named at the end, with their reasons in Chinese.

    >>> rejected_cells("such as row 7: amount 'x' is not a number; row 9: day None is empty", "zh")
    "such as 第 7 行 amount 'x' 不是数值；第 9 行 day is empty"
    """
    if language != "zh" or not _CELL.search(text):
        return text

    def said(cell: re.Match[str]) -> str:
        row, column, value, reason = cell.groups()
        value = "" if value == "None" else f"{value} "
        return f"第 {row} 行 {column} {value}{rejection_reason(reason, language)}"

    return _CELL.sub(said, text).replace("; 第 ", "；第 ")


@cache
def _catalogue() -> Catalogue:
    return Catalogue(WORDS)
