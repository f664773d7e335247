"""SQL and reviewed facts: one folder is one schema, one file is one table.

Holds no Python beyond this path; `pipelines.lib` reads the files.
"""

from pathlib import Path

WAREHOUSE_DIR = Path(__file__).parent
