"""Failures of DuckDB while it writes the data files of a run, said as those of the store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from engine.audit.failures import store_error, system_code

_ERRNO = re.compile(r'"errno":"(\d+)"')


@contextmanager
def data_file_errors(folder: Path) -> Iterator[None]:
    """Turns an input or output error of DuckDB within the block into `KamError`."""
    try:
        yield
    except duckdb.IOException as error:
        numbers = _ERRNO.search(str(error))
        code = system_code(int(numbers[1])) if numbers else "store-io-error"
        raise store_error(code, folder, str(error).splitlines()[0]) from error
