from tests.verification.event_store import told, told_again

__all__ = ["told", "told_again"]
