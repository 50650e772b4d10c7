"""The words of a comparison of two decisions in Chinese and English.

A word of the lifecycle is a template; what it speaks of is filled in.
"""

from __future__ import annotations

from engine.model import WARNING_LEVELS
from engine.reports.terms import TERMS, in_chinese

WORDS: dict[str, tuple[str, str]] = {
    "candidate": ("当晚评定", "candidate"),
    "computed": ("评定结果", "computed tier"),
    "tier": ("当前等级", "effective tier"),
    "no_tier": ("无", "none"),
    "none": ("无", "none"),
    "same": ("两晚的决定相同", "both nights decide the same"),
    "same_if": ("决定不变", "the decision stays the same"),
    "tiers": ("客户等级", "Tiers"),
    "why": ("原因", "Why"),
    "tests": ("条件与数据", "Conditions and what they saw"),
    "scores": ("评分", "Scores"),
    "items": ("预警 里程碑 权益 义务", "Warnings, milestones, entitlements, obligations"),
    "policy": ("制度变更", "The policy"),
    "log": ("期间日志", "The log in between"),
    "warning": ("预警", "warning"),
    "milestone": ("里程碑", "milestone"),
    "entitlement": ("权益", "entitlement"),
    "obligation": ("义务", "obligation"),
    "population": ("适用范围", "population"),
    "exclusion": ("排除条件", "exclusion"),
    "parameter": ("参数", "parameter"),
    "measure": ("指标", "measure"),
    "scorecard": ("评分卡", "scorecard"),
    "alone": ("仅凭{factors}即可得出", "{factors} alone would have done it"),
    "together": ("须{factors}共同作用", "it took {factors} together"),
    "by_itself": ("仅凭{factor}", "on {factor} alone"),
    "and": ("与", " and "),
    "facts": ("数据", "the facts"),
    "policy_factor": ("制度", "the policy"),
    "time": ("日期", "the date"),
    "tier_factor": ("等级", "the tier"),
    "undetermined": (
        "无法区分：{names} 的定义已变，另一定义下的数值未保存",
        "cannot be told apart: {names} is defined otherwise, and its value under the other "
        "definition was not kept",
    ),
    "then": ("原为", "then"),
    "now": ("现为", "now"),
    "added": ("新增", "new"),
    "removed": ("已删除", "removed"),
    "edited": ("已修改", "edited"),
    "by_date": ("随日期生效", "by date"),
    "set_aside": (
        "该客户当晚数据不可用，沿用上次决定",
        "its row could not be used that night: what was decided last stands",
    ),
    "unknown_night": ("当晚无此客户", "not known on that night"),
    "outside": ("不在适用范围内", "outside the population"),
    "given": ("假设", "Supposed"),
    "fixed_note": (
        "公式结果按给定值固定",
        "stands in place of its formula",
    ),
    "population_note": (
        "全体客户的合计 均值与入围线按该晚保存的数值不变；等级按评定周期变动",
        "totals and cut-offs of the population stand as they were kept that night; "
        "the effective tier moves at reviews only",
    ),
    "at_once": ("等级立即变为", "the tier would at once be"),
    "rules": ("规则", "Rules"),
    "waits_only": (
        "条件均已满足，等待评定",
        "every condition holds: it waits for a review",
    ),
}

REASONS: dict[str, tuple[str, str]] = {
    "pack_new": ("制度新增", "the pack is new"),
    "pack_gone": ("制度已移除", "the pack is gone"),
    "set_aside": WORDS["set_aside"],
    "placed": ("进入适用范围，立即定级", "came into the population, and was placed at once"),
    "left": ("退出适用范围 {why}", "left the population ({why})"),
    "review": ("{on} 评定：{before} → {after}", "review on {on}: {before} → {after}"),
    "excluded": ("{on} 触发排除条件：{before} → {after}", "excluded from {on}: {before} → {after}"),
    "milestone": (
        "{on} 里程碑升级：{before} → {after}",
        "promoted by a milestone on {on}: {before} → {after}",
    ),
    "approval": (
        "{on} 升级获批：{before} → {after}",
        "promotion approved, {on}: {before} → {after}",
    ),
    "corrected": ("{on} 数据更正：{before} → {after}", "corrected on {on}: {before} → {after}"),
    "moved_beneath": ("评定结果在人工定级之下变动", "the computed tier moved under the override"),
    "reviewed": (
        "评定早已如此，期间评定 {count} 次，最近 {on}",
        "the candidate was that already; reviews since: {count}, the last on {on}",
    ),
    "held_reviews": ("保级中，剩余 {count} 次评定", "held for {count} more reviews"),
    "held_until": ("保级至 {until}", "held until {until}"),
    "grace": (
        "宽限：不达标评定 {count}/{of} 次",
        "grace: {count} of {of} worse reviews before it moves down",
    ),
    "next_review": ("下次评定 {on}", "the next review is on {on}"),
    "override_applied": ("人工定级生效，至 {until}", "an override applies until {until}"),
    "override_expired": ("人工定级已于 {until} 到期", "the override ended on {until}"),
    "approved": ("{on} 获批", "approved on {on}"),
    "rule_gone": ("规则已移除", "the rule is gone"),
    "waits": (
        "自 {since} 起成立，满 {days} 天才触发",
        "true since {since}; it fires after {days} days",
    ),
    "held": ("自 {since} 起已成立满 {days} 天", "true since {since}, for its {days} days"),
    "keeps_firing": (
        "自 {since} 起不再成立，{days} 天后解除",
        "clear since {since}; it resolves after {days} days",
    ),
    "kept_firing": (
        "自 {since} 起不再成立，已满 {days} 天",
        "clear since {since}, for its {days} days",
    ),
    "unknown_keeps": ("数据缺失，维持原状", "unknown now, so it stays as it was"),
    "cools": ("冷却至 {until}", "cools down until {until}"),
    "cooled": ("冷却期于 {until} 结束", "its cool-down ended on {until}"),
    "acknowledged": ("{on} 已确认", "acknowledged on {on}"),
    "silenced": ("静默至 {on}", "silenced until {on}"),
    "escalated": ("{on} 已上报", "escalated on {on}"),
    "inhibited": (TERMS["inhibited"][0], "inhibited by a red warning"),
    "owed_since": ("自 {since} 起应履行", "owed since {since}"),
    "owed_no_more": ("不再应履行", "owed no longer"),
    "done": ("已完成 {before} → {after}", "done {before} → {after}"),
    "needed": ("应完成 {before} → {after}", "needed {before} → {after}"),
    "new_limit": ("新期限 {on}", "a new limit, {on}"),
    "limit_passed": ("期限 {on} 已过", "its limit, {on}, has passed"),
    "period_missed": ("上一周期未完成", "the period before was missed"),
    "near_limit": ("期限 {on} 临近", "its limit, {on}, is near"),
}

STATES: dict[str, str] = {
    "holds": "成立",
    "unknown": "未知",
    "owed": "享有",
    "reported": "已达成",
    "proposed": "已提议",
    **in_chinese(("firing", "pending", "cooling", *WARNING_LEVELS)),
    **in_chinese(("due", "overdue"), suffix="_state"),
    **in_chinese(("open", "met", "late", "exceeded")),
}
"""States of the lifecycle in Chinese; in English they are themselves."""
