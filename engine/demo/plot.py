"""The plot of the demo book: all of its stories, and what happens regularly."""

from __future__ import annotations

from engine.demo.customers import HEAD, KEY_ACCOUNTS, RISING
from engine.demo.services import SERVICES
from engine.demo.stories import Row, Story
from engine.demo.troubles import TROUBLES

STORIES: tuple[Story, ...] = HEAD + KEY_ACCOUNTS + RISING + TROUBLES + SERVICES

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
    # What the packs B, C and E ask for beyond that.
    {"pool": "head", "record": "contacts", "kind": "project_meeting", "every_days": 7},
    {"pool": "head", "record": "contacts", "kind": "follow_up", "every_days": 5},
    {"pool": "head", "record": "contacts", "kind": "case_sharing", "every_days": 210},
    {"pool": "head", "record": "contacts", "kind": "customer_day", "every_days": 220},
    {"pool": "head", "record": "contacts", "kind": "trial_invitation", "every_days": 140},
    {"pool": "large", "record": "contacts", "kind": "customer_day", "every_days": 401},
    {"pool": "head", "record": "documents", "kind": "account_plan", "every_days": 180},
    {"pool": "head", "record": "documents", "kind": "customer_profile", "every_days": 60},
    {"pool": "head", "record": "documents", "kind": "annual_review", "every_days": 200},
    {"pool": "head", "record": "documents", "kind": "energy_advice", "every_days": 120},
    {"pool": "head", "record": "documents", "kind": "coordination_minutes", "every_days": 25},
    {"pool": "head", "record": "documents", "kind": "customer_voice", "every_days": 61},
    {"pool": "head", "record": "documents", "kind": "team_training", "every_days": 130},
    {"pool": "head", "record": "documents", "kind": "renewal_proposal", "every_days": 70},
    {"pool": "head", "record": "documents", "kind": "value_review", "every_days": 62},
    {"pool": "large", "record": "documents", "kind": "account_plan", "every_days": 402},
    {"pool": "large", "record": "documents", "kind": "customer_profile", "every_days": 210},
    {"pool": "large", "record": "documents", "kind": "annual_review", "every_days": 403},
    {"pool": "large", "record": "documents", "kind": "value_review", "every_days": 211},
)
