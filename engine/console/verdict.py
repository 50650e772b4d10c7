"""The answer of `kam verify`, for people and as JSON."""

from __future__ import annotations

from dataclasses import asdict

from engine.console.formats import json_row
from engine.console.problem_words.problem_text import problem_text
from engine.console.sentences import sentence
from engine.verification.verdict import Verdict

_TEXTS = {
    "en": {
        "sound": "Sound: {runs} runs, {decisions:,} decisions, {leaves:,} lines in all, "
        "{seconds:.1f} s.",
        "unsound": "NOT SOUND: {found} findings in {runs} runs, {decisions:,} decisions, "
        "{leaves:,} lines in all, {seconds:.1f} s.",
        "signed": "The last checkpoint of {origin} is signed by {names}.",
        "store": "store",
        "colon": ": ",
        "note": "note: ",
        "kept": "Keep this checkpoint where nobody who can reach the store can reach it:",
    },
    "zh": {
        "sound": "完好：{runs} 次运行，{decisions:,} 项决定，共 {leaves:,} 行，"
        "用时 {seconds:.1f} 秒。",
        "unsound": "不完好：发现 {found} 处问题；{runs} 次运行，{decisions:,} 项决定，"
        "共 {leaves:,} 行，用时 {seconds:.1f} 秒。",
        "signed": "{origin} 最近的检查点由 {names} 签名。",
        "store": "存储",
        "colon": "：",
        "note": "说明：",
        "kept": "请将此检查点保存在能接触存储的人无法触及之处：",
    },
}


def verdict_text(verdict: Verdict, language: str, *, with_checkpoint: bool = False) -> str:
    """What was found, a line each, then the verdict; the checkpoint last if it is asked for."""
    texts = _TEXTS[language]
    lines = [
        f"{found.code}  {found.run or texts['store']}{texts['colon']}"
        f"{problem_text(found.message, language)}"
        for found in verdict.findings
    ]
    lines += [f"{texts['note']}{sentence(note, language)}" for note in verdict.notes]
    lines.append(
        texts["sound" if verdict.is_sound else "unsound"].format(
            found=len(verdict.findings),
            runs=len(verdict.runs),
            decisions=verdict.decisions,
            leaves=verdict.leaves,
            seconds=verdict.seconds,
        )
    )
    if verdict.signed_by:
        names = ", ".join(verdict.signed_by)
        lines.append(texts["signed"].format(origin=verdict.origin, names=names))
    if with_checkpoint and verdict.checkpoint is not None:
        lines += ["", texts["kept"], "", verdict.checkpoint.rstrip("\n")]
    return "\n".join(lines)


def verdict_json(verdict: Verdict) -> str:
    """One JSON document; every key is always there."""
    return json_row({**asdict(verdict), "is_sound": verdict.is_sound})
