"""Words that an account's story and the report share, in Chinese and English."""

from __future__ import annotations

TERMS: dict[str, tuple[str, str]] = {
    # reasons of a tier, as the lifecycle names them
    "placed": ("首次评定", "placed on arrival"),
    "review": ("定期评定", "review"),
    "milestone": ("达成里程碑", "milestone"),
    "approval": ("提议获批", "proposal approved"),
    "excluded": ("被排除", "excluded"),
    "override_ended": ("人工定级到期", "override ended"),
    "corrected": ("数据更正", "facts corrected"),
    "pack_removed": ("制度停用", "policy removed"),
    "not_in_sources": ("数据中已无此客户", "gone from the sources"),
    "population_unknown": ("无法判断是否适用", "unknown whether the policy applies"),
    "outside_population": ("不再适用本制度", "outside the population"),
    "override": ("人工定级", "override"),
    # states of an obligation
    "open": ("进行中", "open"),
    "met": ("已履行", "met"),
    "late": ("迟履行", "met late"),
    "exceeded": ("超出上限", "exceeded"),
    # levels of a warning
    "red": ("红", "red"),
    "orange": ("橙", "orange"),
    "yellow": ("黄", "yellow"),
    "blue": ("蓝", "blue"),
}
"""Key → (Chinese, English)."""
