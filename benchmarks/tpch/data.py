"""Writes the TPC-H workspace with its data, and runs the hand-written night over it."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
TABLES = ("customer", "orders", "lineitem")


def generator() -> str | None:
    """The program that writes TPC-H data, if it is installed."""
    beside = shutil.which("tpchgen-cli", path=sysconfig.get_path("scripts"))
    return beside or shutil.which("tpchgen-cli")


def write_workspace(folder: Path, scale: str) -> None:
    """kam.yaml, the pack and the data of a scale (1 has 150,000 customers) under `folder`.

    Raises `RuntimeError` without tpchgen-cli.
    """
    import duckdb

    program = generator()
    if program is None:
        raise RuntimeError("tpchgen-cli, which writes the data of TPC-H, is not installed")
    shutil.copytree(HERE / "workspace", folder, dirs_exist_ok=True)
    data = folder / "data"
    subprocess.run(
        [program, "parquet", "-s", scale, f"--tables={','.join(TABLES)}", f"--output-dir={data}"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with duckdb.connect() as connection:
        connection.execute(f"SET file_search_path = '{data}'")
        prepare = (folder / "prepare.sql").read_text(encoding="utf-8")
        connection.execute(prepare.replace("TO 'lines.parquet'", f"TO '{data / 'lines.parquet'}'"))
    (data / "lineitem.parquet").unlink()


def by_hand(workspace: Path, target: Path) -> None:
    """The hand-written night; writes tiers.parquet and hits.parquet."""
    import duckdb

    target.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"SET file_search_path = '{workspace / 'data'}'")
        connection.execute((HERE / "by_hand.sql").read_text(encoding="utf-8"))
        for name in ("tiers", "hits"):
            connection.execute(f"COPY {name} TO '{target / name}.parquet' (COMPRESSION zstd)")
