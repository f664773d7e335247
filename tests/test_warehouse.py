"""One writer, audit before publish, and readers that are never in the way."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from pipelines.lib import contract, sql_model
from pipelines.lib import warehouse as machine
from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import NothingPublished, open_published, publish, published_path
from pipelines.lib.sql_model import ModelError, SqlModel
from pipelines.lib.warehouse import Warehouse, WarehouseError

HEADER = """
-- description: Numbers. One row per number.
-- grain: number
-- column: number INTEGER >= 0 | The number.
"""


def model(tmp_path: Path, select: str, header: str = HEADER) -> SqlModel:
    path = tmp_path / "core" / "numbers.sql"
    path.parent.mkdir(exist_ok=True)
    path.write_text(header.strip() + "\n" + select)
    return SqlModel(contract.parse_contract(path.read_text(), "core", "numbers"), path)


def build(folder: DataFolder, found: SqlModel) -> sql_model.BuildResult:
    with folder.warehouse.write() as connection:
        return sql_model.build(connection, found, "2026-05-01")


def numbers(folder: DataFolder) -> list[int]:
    with folder.warehouse.read() as connection:
        return [row[0] for row in connection.execute("select number from core.numbers order by 1").fetchall()]


def test_a_table_is_rebuilt_only_when_something_changed(folder: DataFolder, tmp_path: Path) -> None:
    assert build(folder, model(tmp_path, "select 1 as number")).rebuilt
    assert not build(folder, model(tmp_path, "select 1 as number")).rebuilt
    assert build(folder, model(tmp_path, "select 2 as number")).rebuilt
    assert numbers(folder) == [2]


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("select -1 as number", "number_is_in_bounds: 1 row"),
        ("select unnest([3, 3]) as number", "grain_is_unique: 1 row"),
        ("select 1 as number where false", "has_rows"),
        ("select null::integer as number", "NOT NULL"),
        ("select 1 as amount", r"missing \['number'\], extra \['amount'\]"),
        ("select 'x' as number", "cannot be built"),
        ("select number from core.nowhere", "cannot be built"),
        ("selec 1", "cannot be read|cannot be built"),
    ],
)
def test_a_broken_build_leaves_the_last_good_table(folder: DataFolder, tmp_path: Path, select: str, said: str) -> None:
    build(folder, model(tmp_path, "select 7 as number"))
    with pytest.raises(ModelError, match=said):
        build(folder, model(tmp_path, select))
    assert numbers(folder) == [7]


def test_comments_and_types_come_from_the_contract(folder: DataFolder, tmp_path: Path) -> None:
    build(folder, model(tmp_path, "select 1::bigint as number"))
    with folder.warehouse.read() as connection:
        row = connection.execute(
            "select data_type, is_nullable, comment from duckdb_columns() where table_name = 'numbers'"
        ).fetchone()
    assert row == ("INTEGER", False, "The number.")


KILLED = """
import sys, time
from pathlib import Path
from pipelines.lib.warehouse import Warehouse
with Warehouse(Path(sys.argv[1])).write() as connection:
    connection.execute("create or replace table core.numbers as select range as number from range(1000000)")
    print("in the middle", flush=True)
    time.sleep(60)
"""


def test_kill_in_the_middle_of_a_build_leaves_the_last_good_table(folder: DataFolder, tmp_path: Path) -> None:
    build(folder, model(tmp_path, "select 7 as number"))
    with subprocess.Popen([sys.executable, "-c", KILLED, str(folder.path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert numbers(folder) == [7]


FULL = """
import resource, sys
from pathlib import Path
from pipelines.lib.warehouse import Warehouse
warehouse = Warehouse(Path(sys.argv[1]))
size = warehouse.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100_000, size + 100_000))
try:
    with warehouse.write() as connection:
        connection.execute("create or replace table core.numbers as select random() as number from range(3000000)")
except Exception as error:
    print("refused", type(error).__name__, flush=True)
os._exit(0)
"""


def test_no_room_for_a_build_leaves_the_last_good_table(folder: DataFolder, tmp_path: Path) -> None:
    build(folder, model(tmp_path, "select 7 as number"))
    done = subprocess.run([sys.executable, "-c", FULL, str(folder.path)], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("refused"), done.stderr
    assert numbers(folder) == [7]


def test_two_writers_take_turns(folder: DataFolder) -> None:
    with folder.warehouse.write() as connection:
        connection.execute("create table core.counter as select 0 as n")

    def add() -> None:
        for _ in range(5):
            with Warehouse(folder.path).write() as own:
                own.execute("update core.counter set n = n + 1")

    threads = [threading.Thread(target=add) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with folder.warehouse.read() as connection:
        assert connection.execute("select n from core.counter").fetchone() == (15,)


HOLD = """
import sys, time
from pathlib import Path
from pipelines.lib.warehouse import Warehouse
with Warehouse(Path(sys.argv[1])).write() as connection:
    print("holding", flush=True)
    time.sleep(30)
"""


def test_a_writer_that_waits_too_long_says_so(folder: DataFolder) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(folder.path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(WarehouseError, match="another run has been writing"), Warehouse(folder.path, 0.2).write():
            pass
        process.kill()


def test_an_open_client_on_the_working_file_is_named(folder: DataFolder) -> None:
    with folder.warehouse.write():
        pass
    code = (
        f"import duckdb, time; c = duckdb.connect({str(folder.warehouse.path)!r}); print(1, flush=True); time.sleep(30)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(WarehouseError, match="read the published copy"), folder.warehouse.write():
            pass
        process.kill()


READ = """
import sys
from pathlib import Path
from pipelines.lib.publish import open_published
with open_published(Path(sys.argv[1])) as reader:
    print(reader.execute("select number from core.numbers").fetchall())
"""


def read_elsewhere(folder: DataFolder) -> str:
    """What another process reads from the published copy."""
    return subprocess.check_output([sys.executable, "-c", READ, str(folder.path)], text=True).strip()


def test_readers_read_while_a_run_writes(folder: DataFolder, tmp_path: Path) -> None:
    with pytest.raises(NothingPublished, match="modelmarket run"):
        open_published(folder.path)
    build(folder, model(tmp_path, "select 1 as number"))
    assert publish(folder.warehouse, folder.path)
    assert not publish(folder.warehouse, folder.path)
    with open_published(folder.path) as old_reader:
        with folder.warehouse.write() as writer:
            writer.execute("update core.numbers set number = 5")
            assert read_elsewhere(folder) == "[(1,)]"
        build(folder, model(tmp_path, "select 2 as number"))
        assert publish(folder.warehouse, folder.path)
        assert read_elsewhere(folder) == "[(2,)]"
        assert old_reader.execute("select number from core.numbers").fetchall() == [(1,)]
        assert old_reader.execute("select normalise_name('Qwen 3.5/Plus+')").fetchone() == ("qwen-3.5-plus-plus",)


def test_published_file_is_of_a_storage_version_that_todays_clients_open(folder: DataFolder, tmp_path: Path) -> None:
    build(folder, model(tmp_path, "select 1 as number"))
    publish(folder.warehouse, folder.path)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published_path(folder.path)}' as record (read_only)")
        tags = connection.execute("select tags from duckdb_databases() where database_name = 'record'").fetchone()
    assert tags is not None and "v1.5.0" in str(tags[0]), tags


def test_published_connection_cannot_write_or_read_other_files(folder: DataFolder, tmp_path: Path) -> None:
    build(folder, model(tmp_path, "select 1 as number"))
    publish(folder.warehouse, folder.path)
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    with open_published(folder.path) as reader:
        for attack in (
            f"select * from read_csv('{secret}')",
            f"copy core.numbers to '{tmp_path / 'out.csv'}'",
            "drop table core.numbers",
            "set enable_external_access = true",
            f"attach '{tmp_path / 'other.duckdb'}' as other",
            "install httpfs",
        ):
            with pytest.raises(duckdb.Error):
                reader.execute(attack)
        assert reader.execute("select number from core.numbers").fetchall() == [(1,)]


def test_a_crash_while_publishing_leaves_the_copy_in_place(folder: DataFolder, tmp_path: Path) -> None:
    build(folder, model(tmp_path, "select 1 as number"))
    publish(folder.warehouse, folder.path)
    build(folder, model(tmp_path, "select 2 as number"))
    code = (
        "import os, sys, threading, time\nfrom pathlib import Path\nfrom pipelines.lib.publish import publish\n"
        "from pipelines.lib.warehouse import Warehouse\nimport pathlib\n"
        "pathlib.Path.replace = lambda self, target: os.kill(os.getpid(), 9)\n"
        "publish(Warehouse(Path(sys.argv[1])), Path(sys.argv[1]))\n"
    )
    subprocess.run([sys.executable, "-c", code, str(folder.path)], check=False)
    with open_published(folder.path) as reader:
        assert reader.execute("select number from core.numbers").fetchall() == [(1,)]
    assert publish(folder.warehouse, folder.path)


def test_macros_are_made_anew_when_their_text_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "WAREHOUSE_DIR", tmp_path)
    for number in (1, 2, 2):
        (tmp_path / "macros.sql").write_text(f"create or replace macro chosen() as {number};")
        with Warehouse(tmp_path / "data").write() as connection:
            assert connection.execute("select chosen()").fetchall() == [(number,)]
