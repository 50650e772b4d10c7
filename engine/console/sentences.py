"""Sentences of the engine's stages in Chinese: steps of a night, notes, failed policy tests.

The stages say them in English, which is what logs, JSON and the store keep; whoever reads Chinese
is told the same here. A sentence that is not known stands as it is.
"""

from __future__ import annotations

import re

_STEPS: tuple[tuple[str, str], ...] = (
    ("reading policies and catalog", "读取制度与数据目录"),
    ("reading policies", "读取制度"),
    ("computing measures, scores and tiers", "计算指标、评分与等级"),
    ("deciding tiers, warnings, obligations and actions", "裁定等级、预警、义务与行动"),
    ("writing the run and its log", "写入本次运行及其日志"),
    ("opening the accounts of (.+)", r"打开运行 \1 的客户"),
    ("deciding by the first policy", "按首份制度裁定"),
    (r"deciding the night of (\S+) by the policy of run (.+)", r"按运行 \2 的制度裁定 \1 当晚"),
    ("deciding it by the changed policy", "按修改后的制度裁定"),
    (r"finding which edit moves whom \((.+)\)", r"查明各处修改影响哪些客户（\1）"),
    (r"deciding (\d{4}-\S+)", r"裁定 \1"),
    ("reading (.+)", r"读取 \1"),
    ("writing the book", "编写示例数据"),
    ("writing (.+)", r"写入 \1"),
    (r"([\d,]+) events", r"\1 个事件"),
)
"""What `kam run`, `kam plan` and others are doing."""

_NOTES: tuple[tuple[str, str], ...] = (
    # of kam verify
    (
        r"no key was given: that the log agrees with itself is checked, not who wrote it \((.+)\)",
        r"未提供公钥：只检查了日志自身是否一致，未检查由谁写入（\1）",
    ),
    (
        r"(.+) runs up to (.+) were recorded by a version of kam that wrote no checkpoints: of "
        r"them only the files can be checked",
        r"截至 \2 的 \1 次运行由不写检查点的旧版 kam 记录：只能检查其文件",
    ),
    (
        "a run was recorded meanwhile: marks, the standing of actions, forgotten accounts and the "
        "outbox have not been checked; say kam verify again",
        "检查期间又记录了一次运行：人工登记、行动状态、已销毁的客户与发件箱尚未检查；"
        "请再次执行 kam verify",
    ),
    (
        r"run (.+) finished before run (.+), which was recorded earlier: the clock of the machine "
        "was turned back, or a time was changed",
        r"运行 \1 的完成时间早于先前记录的运行 \2：机器的时钟曾被调回，或时间被改动",
    ),
    (
        r"mark (.+) was made at (.+) and stands under (.+), which is the as-of date of no night",
        r"登记 \1 写于 \2，却记在 \3 名下，而没有哪一晚截至该日",
    ),
    (
        r"(.+) of run (.+) was removed on (.+): its time was over",
        r"运行 \2 的 \1 已于 \3 清除：保存期限已过",
    ),
    # of kam replay
    (
        "counts and statistics of the manifest are not compared: accounts were forgotten since",
        "未比较清单中的计数与统计：此后有客户的个人数据已销毁",
    ),
    (
        "(.+) has the same rows in other bytes: DuckDB (.+) wrote it, this is (.+)",
        r"\1 的行相同而字节不同：由 DuckDB \2 写入，现为 \3",
    ),
    # of kam event
    ("of class personal, and not kept: (.+)", r"属个人信息，未予保存：\1"),
    ("no policy reads the records '(.+)'", r"没有制度读取记录表“\1”"),
    ("the last night is of (.+): reviews wait", r"上一晚截至 \1：定期评定留待下一晚"),
)

_TESTS: tuple[tuple[str, str], ...] = (
    (r"(\S+) is missing, compared with (.+)", r"\1 缺失，无法与 \2 比较"),
    (r"(\S+) is (.+), compared with (.+)", r"\1 为 \2，无法与 \3 比较"),
    (r"(\S+) is (.+), not (.+)", r"\1 为 \2，不满足 \3"),
    (r"(\S+) is (.+), and so (.+)", r"\1 为 \2，满足 \3"),
    (
        r"(\w+): expected (.+), got (.+); the facts say (.+), but tonight's review does not move "
        "it there",
        r"\1：应为 \2，实为 \3；按数据应为 \4，但今晚的评定不变动到该级",
    ),
    (
        r"(\w+): expected (.+), which is not there, though its condition holds",
        r"\1：应有 \2，却没有，尽管其条件成立",
    ),
    (r"(\w+): expected (.+), which is not there", r"\1：应有 \2，却没有"),
    (r"(\w+): expected (.+), got (.+)", r"\1：应为 \2，实为 \3"),
    (r"(\w+): did not expect (.+)", r"\1：不应有 \2"),
    ("neither true nor false", "真假均未测到"),
    ("never true", "未测到成立"),
    ("never false", "未测到不成立"),
)
"""Of kam test: what is not as expected, the comparisons behind it, and what no test has seen."""

_EXCLUDED = "excluded: "
"""Before the comparison by which an account is excluded."""

_KNOWN = tuple(
    (re.compile(english, re.DOTALL), chinese) for english, chinese in (*_NOTES, *_STEPS, *_TESTS)
)


def sentence(english: str, language: str) -> str:
    """A sentence in the reader's language; one that is not known as it is.

    >>> sentence("reading orders", "zh"), sentence("reading orders", "en")
    ('读取 orders', 'reading orders')
    """
    if language == "zh" and english.startswith(_EXCLUDED):
        return f"被排除：{sentence(english.removeprefix(_EXCLUDED), language)}"
    if language == "zh":
        for known, chinese in _KNOWN:
            if found := known.fullmatch(english):
                return found.expand(chinese)
    return english
