from tests.night.fixtures import begun, book, decided

__all__ = ["begun", "book", "decided"]
