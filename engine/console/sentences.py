"""Sentences of the engine's stages in Chinese: steps of a night, notes, failed policy tests,
attempts to send."""

from __future__ import annotations

from functools import cache

from engine.console.catalogue import Catalogue

STEPS: dict[str, str] = {
    "reading policies and catalog": "读取制度与数据目录",
    "reading policies": "读取制度",
    "computing measures, scores and tiers": "计算指标、评分与等级",
    "deciding tiers, warnings, obligations and actions": "裁定等级、预警、义务与行动",
    "writing the run and its log": "写入本次运行及其日志",
    "opening the accounts of {run}": "打开运行 {run} 的客户",
    "deciding by the first policy": "按首份制度裁定",
    "deciding the night of {day} by the policy of run {run}": "按运行 {run} 的制度裁定 {day} 当晚",
    "deciding it by the changed policy": "按修改后的制度裁定",
    "finding which edit moves whom ({trials})": "查明各处修改影响哪些客户（{trials}）",
    "deciding {day}": "裁定 {day}",
    "reading {source}": "读取 {source}",
    "writing the book": "编写示例数据",
    "writing {file}": "写入 {file}",
    "{count} events": "{count} 个事件",
}
"""What `kam run`, `kam plan` and others are doing."""

NOTES: dict[str, str] = {
    # of kam verify
    "no key was given: that the log agrees with itself is checked, not who wrote it ({command})": (
        "未提供公钥：只检查了日志自身是否一致，未检查由谁写入（{command}）"
    ),
    (
        "{count} runs up to {run} were recorded by a version of kam that wrote no "
        "checkpoints: of them only the files can be checked"
    ): "截至 {run} 的 {count} 次运行由不写检查点的旧版 kam 记录：只能检查其文件",
    (
        "a run was recorded meanwhile: marks, the standing of actions, forgotten "
        "accounts and the outbox have not been checked; say kam verify again"
    ): (
        "检查期间又记录了一次运行：人工登记、行动状态、已销毁个人数据的客户与发件箱尚未检查；"
        "请再次执行 kam verify"
    ),
    (
        "run {run} finished before run {earlier}, which was recorded earlier: the clock "
        "of the machine was turned back, or a time was changed"
    ): "运行 {run} 的完成时间早于先前记录的运行 {earlier}：机器的时钟曾被调回，或时间被改动",
    "mark {mark} was made at {time} and stands under {day}, which is the as-of date of no night": (
        "登记 {mark} 写于 {time}，却记在 {day} 名下，而没有哪次夜间运行截至该日"
    ),
    "{file} of run {run} was removed on {day}: its time was over": (
        "运行 {run} 的 {file} 已于 {day} 清除：保存期限已过"
    ),
    # of kam replay
    "counts and statistics of the manifest are not compared: accounts were forgotten since": (
        "未比较清单中的计数与统计：此后有客户的个人数据已销毁"
    ),
    "{file} has the same rows in other bytes: DuckDB {written} wrote it, this is {version}": (
        "{file} 的行相同而字节不同：由 DuckDB {written} 写入，现为 {version}"
    ),
    # of kam event
    "of class personal, and not kept: {list}": "密级为 personal，未予保存：{list}",
    "no policy reads the records '{record}'": "没有制度读取记录表“{record}”",
    "the last night is of {day}: reviews wait": "上一晚截至 {day}：定期评定留待下一晚",
}

TESTS: dict[str, str] = {
    "{name} is missing, compared with {other}": "{name} 缺失，无法与 {other} 比较",
    "{name} is {value}, compared with {other}": "{name} 为 {value}，无法与 {other} 比较",
    "{name} is {value}, not {wanted}": "{name} 为 {value}，不满足 {wanted}",
    "{name} is {value}, and so {reached}": "{name} 为 {value}，满足 {reached}",
    (
        "{name}: expected {expected}, got {got}; the facts say {computed}, but tonight's "
        "review does not move it there"
    ): "{name}：应为 {expected}，实为 {got}；按数据应为 {computed}，但今晚的评定不变动到该级",
    "{name}: expected {expected}, which is not there, though its condition holds": (
        "{name}：应有 {expected}，却没有，尽管其条件成立"
    ),
    "{name}: expected {expected}, which is not there": "{name}：应有 {expected}，却没有",
    "{name}: expected {expected}, got {got}": "{name}：应为 {expected}，实为 {got}",
    "{name}: did not expect {found}": "{name}：不应有 {found}",
    "neither true nor false": "真假均未测到",
    "never true": "未测到成立",
    "never false": "未测到不成立",
}
"""Of kam test: what is not as expected, the comparisons behind it, and what no test has seen."""

DELIVERIES: dict[str, str] = {
    "{count} stood in the file already": "文件中已有 {count} 条",
    "no whole answer within {seconds} seconds": "{seconds} 秒内没有完整的答复",
    "the receiver has had it before": "接收方此前已收到",
    "the address has moved; kam follows no redirect": "地址已迁移；kam 不跟随重定向",
    "refused with {status}": "被拒绝（{status}）",
    "answered {status}": "答复为 {status}",
    "took nothing: code {code}": "未接收：代码 {code}",
}
"""What came of an attempt to send."""

_EXCLUDED = "excluded: "
"""Before the comparison by which an account is excluded."""


def sentence(english: str, language: str) -> str:
    """A sentence in the reader's language; one that is not known as it is.

    >>> sentence("reading orders", "zh"), sentence("reading orders", "en")
    ('读取 orders', 'reading orders')
    """
    if language == "zh" and english.startswith(_EXCLUDED):
        return f"被排除：{sentence(english.removeprefix(_EXCLUDED), language)}"
    return _catalogue().said(english, language)


@cache
def _catalogue() -> Catalogue:
    return Catalogue({**NOTES, **STEPS, **TESTS, **DELIVERIES})
