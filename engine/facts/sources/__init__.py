"""One module for each kind of source, and the table of them all."""

from __future__ import annotations

from engine.facts.catalog import SourceKind
from engine.facts.sources.base import Opener
from engine.facts.sources.csv_file import CsvFile
from engine.facts.sources.jsonl import JsonLines
from engine.facts.sources.parquet import ParquetFile
from engine.facts.sources.sqlite import SqliteTable
from engine.facts.sources.xlsx import XlsxSheet

SOURCES: dict[SourceKind, Opener] = {
    "csv": CsvFile,
    "tsv": CsvFile,
    "xlsx": XlsxSheet,
    "jsonl": JsonLines,
    "parquet": ParquetFile,
    "sqlite": SqliteTable,
}
