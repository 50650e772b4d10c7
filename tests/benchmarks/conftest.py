from tests.night.fixtures import begun, decided

__all__ = ["begun", "decided"]
