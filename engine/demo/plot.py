"""The plot of the demo book: all of its stories, and what happens regularly."""

from __future__ import annotations

from engine.demo.customers import HEAD, KEY_ACCOUNTS, RISING
from engine.demo.stories import Row, Story
from engine.demo.troubles import TROUBLES

STORIES: tuple[Story, ...] = HEAD + KEY_ACCOUNTS + RISING + TROUBLES

# What happens to every account of a pool, at regular intervals, for a year back.
CADENCE: tuple[Row, ...] = (
    {"pool": "head", "record": "contacts", "kind": "in_depth_talk", "every_days": 6},
    {"pool": "head", "record": "contacts", "kind": "business_review", "every_days": 27},
    {"pool": "head", "record": "contacts", "kind": "visit", "every_days": 13},
    {"pool": "head", "record": "contacts", "kind": "event", "every_days": 150},
    {"pool": "head", "record": "contacts", "kind": "executive_meeting", "every_days": 80},
    {"pool": "head", "record": "contacts", "kind": "satisfaction_forum", "every_days": 300},
    {"pool": "head", "record": "contacts", "kind": "greeting", "every_days": 170},
    {"pool": "large", "record": "contacts", "kind": "business_review", "every_days": 75},
    {"pool": "large", "record": "contacts", "kind": "visit", "every_days": 120},
    {"pool": "head", "record": "documents", "kind": "client_brief", "every_days": 6},
    {"pool": "head", "record": "documents", "kind": "purchase_analysis", "every_days": 27},
    {"pool": "head", "record": "documents", "kind": "demand_rehearsal", "every_days": 27},
    {"pool": "head", "record": "documents", "kind": "health_report", "every_days": 27},
    {"pool": "large", "record": "documents", "kind": "health_report", "every_days": 75},
)
