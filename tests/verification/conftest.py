from tests.verification.store import original, signed

__all__ = ["original", "signed"]
