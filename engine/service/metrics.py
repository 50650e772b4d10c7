"""What a monitoring system reads: counts and times, in the format of Prometheus."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from engine.day.events import Answer, Rejected

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Metrics:
    """The numbers of one service. Labels are few and fixed: none holds an id or an account."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.events = Counter(
            "kam_events", "Events by what became of them.", ["status"], registry=registry
        )
        self.requests = Counter(
            "kam_requests", "Requests by route and status.", ["route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "kam_request_seconds", "How long answers took.", ["route"], buckets=SECONDS,
            registry=registry,
        )  # fmt: skip
        self.batches = Histogram(
            "kam_batch_events", "Events in one transaction.", buckets=COUNTS, registry=registry
        )
        self.waiting = Gauge(
            "kam_waiting_events", "Events that have no answer yet.", registry=registry
        )
        self.night_age = Gauge(
            "kam_night_age_days", "Days since the date of the night.", registry=registry
        )
        for status in ("decided", "queued", "rejected", "replayed"):
            self.events.labels(status)

    def count(self, answers: Sequence[Answer | Rejected]) -> None:
        for one in answers:
            self.events.labels(_status(one)).inc()

    def text(self) -> bytes:
        return generate_latest(self._registry)


def _status(answer: Answer | Rejected) -> str:
    if isinstance(answer, Rejected):
        return "rejected"
    if not answer.is_first:
        return "replayed"
    return "queued" if answer.document.get("status") == "queued" else "decided"
