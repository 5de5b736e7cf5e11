"""SQL over logs of every form reads, and does nothing else."""

from pathlib import Path

import pytest

from app.operations.logs.analyzer.files import find_files
from app.operations.logs.analyzer.query import BadQuery, run_query
from app.operations.logs.analyzer.reading import origins_of
from app.operations.logs.analyzer.report import TablePart
from app.operations.logs.instants import EVERYTHING, Period
from backend.tests.operations.logs.analyzer.test_answers import HOUR
from backend.tests.operations.logs.analyzer.written import archive, archive_of_others, at, own, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Logs: one line in each form, an error with its copy, and one that is broken."""
    error = own(
        at(minutes=10), "error", message="it broke", error={"type": "KeyError", "message": "x"}, data={"job": 7}
    )
    foreign = b'{"timestamp": "2026-03-01 11:30:00", "severity": "WARN", "msg": "old", "response_time": 1.5, "username": "u1"}\n'
    write(tmp_path, "backend/2026-03-01.jsonl", [error, foreign, b"broken\n", b'{"torn":"', b"\n"])
    write(tmp_path, "errors/2026-03-01.jsonl", [error])
    write(tmp_path, "backend/2026-02-27.jsonl.gz", [own(at(days=2), status=200)])
    write(tmp_path, "backend/2026-02-26.jsonl.zst", [own(at(days=3), status=404)])
    archive(tmp_path, "archive/backend/2026-01-30.parquet", [own(at(days=30), user_id="u2", duration_ms=12.5)])
    return tmp_path


def _ask(root: Path, sql: str, period: Period = EVERYTHING, limit: int = 100) -> TablePart:
    files = find_files(root, period).files
    return run_query(sql, list(zip(files, origins_of(files), strict=True)), period, limit)


def test_one_view_has_the_lines_of_every_form_once(root: Path) -> None:
    table = _ask(root, "SELECT level, count(*) AS n, min(ts) FROM logs GROUP BY level ORDER BY level")
    assert table.columns == ["level", "n", "min(ts)"]
    assert table.rows == [
        ["error", 1, "2026-03-01T11:50:00Z"],
        ["info", 3, "2026-01-30T12:00:00Z"],
        ["warning", 1, "2026-03-01T11:30:00Z"],
    ]


def test_an_archive_of_others_has_the_same_columns(root: Path) -> None:
    line = b'{"timestamp": "2026-02-01 11:30:00", "severity": "FATAL", "msg": "old", "response_time": 1.5, "username": "u3"}\n'
    more = "*, {'type': 'KeyError', 'message': 'x'} AS error, [1] AS tags, MAP {'job': 7} AS data"
    for day, columns in (("2026-02-01", more), ("2026-02-02", "msg, 'no JSON' AS error, 'nor this' AS data")):
        archive_of_others(root, f"archive/backend/{day}.parquet", columns, [line])
    told = "ts, level, user_id, duration_ms, message, category, error ->> 'type', data ->> 'job'"
    table = _ask(root, f"SELECT {told} FROM logs WHERE message = 'old' AND level <> 'warning' ORDER BY ts")
    assert table.rows == [
        ["2026-02-01T11:30:00Z", "critical", "u3", 1500.0, "old", "backend", "KeyError", "7"],
        [None, "unknown", None, None, "old", "backend", None, None],
    ]
    assert _ask(root, "SELECT error ->> '$' FROM logs WHERE ts IS NULL AND message = 'old'").rows == [["no JSON"]]


def test_names_and_types_are_the_archives(root: Path) -> None:
    table = _ask(root, "SELECT user_id, duration_ms, message, category FROM logs WHERE user_id IS NOT NULL ORDER BY 1")
    assert table.rows == [["u1", 1500.0, "old", "backend"], ["u2", 12.5, "log", "backend"]]
    table = _ask(root, "SELECT error ->> 'type', (data ->> 'job')::INT FROM logs WHERE level = 'error'")
    assert table.rows == [["KeyError", 7]]


def test_the_view_has_the_period_only(root: Path) -> None:
    assert _ask(root, "SELECT count(*) FROM logs", HOUR).rows == [[2]]


def test_a_long_answer_is_cut_and_says_so(root: Path) -> None:
    assert _ask(root, "SELECT 1 FROM logs").complete
    cut = _ask(root, "SELECT 1 FROM logs", limit=2)
    assert (len(cut.rows), cut.complete) == (2, False)


def test_any_value_becomes_json(root: Path) -> None:
    sql = "SELECT 1.5::DECIMAL(4,2), DATE '2026-03-01', INTERVAL 1 HOUR, [1, 2], 'x'::BLOB, now() IS NOT NULL, uuid() IS NOT NULL"
    assert _ask(root, sql).rows == [[1.5, "2026-03-01", "1:00:00", "[1, 2]", "b'x'", True, True]]


@pytest.mark.parametrize(
    "sql",
    [
        "COPY logs TO '{folder}/out.csv'",
        "EXPORT DATABASE '{folder}/out'",
        "CREATE TABLE t AS SELECT 1",
        "INSTALL httpfs",
        "ATTACH '{folder}/out.db'",
        "SET memory_limit = '10GB'",
        "PRAGMA database_list",
        "SELECT 1; SELECT 2",
        "",
        "SELECT nothing FROM",
        "SELECT * FROM read_text('{folder}/outside.txt')",
        "SELECT * FROM read_csv('{folder}/outside.txt')",
        "SELECT * FROM '{folder}/outside.txt'",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM sqlite_scan('{folder}/outside.db', 't')",
        "SELECT getenv('PATH')",
    ],
)
def test_it_reads_nothing_but_the_logs_and_writes_nothing(
    root: Path, sql: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "outside.txt").write_text("secret")
    with pytest.raises(BadQuery) as refused:
        _ask(root, sql.format(folder=folder))
    assert "secret" not in str(refused.value)
    assert [path.name for path in folder.iterdir()] == ["outside.txt"]


def test_a_query_larger_than_its_memory_spills_and_leaves_nothing_behind(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(tmp_path.iterdir())
    assert _ask(
        root, "SELECT count(*) FROM (SELECT DISTINCT range::VARCHAR || 'some text' FROM range(3_000_000))"
    ).rows == [[3_000_000]]
    assert set(tmp_path.iterdir()) == before
