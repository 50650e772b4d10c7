from tests.night.fixtures import begun, decided
from tests.verification.event_store import told, told_again
from tests.verification.lived_store import lived, lived_again
from tests.verification.store import original, signed

__all__ = [
    "begun",
    "decided",
    "lived",
    "lived_again",
    "original",
    "signed",
    "told",
    "told_again",
]
