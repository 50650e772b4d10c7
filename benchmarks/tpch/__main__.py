"""`python -m benchmarks.tpch WORKSPACE [FOLDER]`: the night by hand, into two Parquet files.

`python -m benchmarks.tpch --write WORKSPACE SCALE` writes the workspace and its data.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.tpch import data


def main() -> None:
    if sys.argv[1] == "--write":
        data.write_workspace(Path(sys.argv[2]), sys.argv[3])
    else:
        workspace = Path(sys.argv[1])
        data.by_hand(workspace, Path(sys.argv[2]) if len(sys.argv) > 2 else workspace / "by_hand")


if __name__ == "__main__":
    main()
