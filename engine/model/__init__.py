"""The policy as people wrote it, typed: what `language` produces and `plan` consumes.

Frozen dataclasses without behaviour. Every element that a person wrote carries the
`Location` of its first key, so that each decision can name the line that made it.
Numbers are `Decimal` exactly as written (``20%`` is ``Decimal("0.20")``, ``500万`` is
``Decimal("5000000")``); parameters are still references, to be resolved for a date.
"""

from engine.model.conditions import AllOf, AnyOf, Condition, NoneOf, Test
from engine.model.formulas import (
    AsOf,
    Call,
    Case,
    Expression,
    Formula,
    Name,
    Number,
    Operation,
    Population,
    Text,
    Truth,
)
from engine.model.measures import SCOPES, Aggregate, Criterion, Measure, Scope, Scorecard
from engine.model.pack import Clause, Excuse, Policy, PolicyFile
from engine.model.rules import (
    WARNING_LEVELS,
    ActionTemplate,
    Demotion,
    Entitlement,
    Escalation,
    Exclusion,
    Milestone,
    Parameter,
    Period,
    Role,
    Tier,
    TierScheme,
    WarningLevel,
    WarningRule,
)
from engine.model.values import (
    NUMERIC_TYPES,
    MeasureRef,
    Operand,
    ParameterRef,
    Quantity,
    Scalar,
    Title,
    Unit,
    ValueType,
)
from engine.model.vocabulary import Column, RecordType, Vocabulary

__all__ = [
    "NUMERIC_TYPES",
    "SCOPES",
    "WARNING_LEVELS",
    "ActionTemplate",
    "Aggregate",
    "AllOf",
    "AnyOf",
    "AsOf",
    "Call",
    "Case",
    "Clause",
    "Column",
    "Condition",
    "Criterion",
    "Demotion",
    "Entitlement",
    "Escalation",
    "Exclusion",
    "Excuse",
    "Expression",
    "Formula",
    "Measure",
    "MeasureRef",
    "Milestone",
    "Name",
    "NoneOf",
    "Number",
    "Operand",
    "Operation",
    "Parameter",
    "ParameterRef",
    "Period",
    "Policy",
    "PolicyFile",
    "Population",
    "Quantity",
    "RecordType",
    "Role",
    "Scalar",
    "Scope",
    "Scorecard",
    "Test",
    "Text",
    "Tier",
    "TierScheme",
    "Title",
    "Truth",
    "Unit",
    "ValueType",
    "Vocabulary",
    "WarningLevel",
    "WarningRule",
]
