from tests.verification.event_store import told, told_again
from tests.verification.store import original, signed

__all__ = ["original", "signed", "told", "told_again"]
