"""Snapshots, the parse command, and finding a browser."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.portal.browser import find_browser, launch_arguments, own_download
from app.portal.cli import app
from app.portal.errors import BrowserFailed
from app.portal.parse.identify import identify
from app.portal.parse.work_list import parse_work_list
from app.portal.records import ReadingPanel, ReadingValues
from app.portal.settings import Credentials, PortalSettings
from app.portal.snapshots import KEPT_SNAPSHOTS, read_page, redact, save_snapshot

from . import rendering
from .conftest import FIXTURES

Pages = Callable[[str], str]
PERSONAL = ("tech@example", "Robin", "Kim Sample", "Pat Example", "WAW001", "fixture-csrf", "fixture-secret", "hunter2")


class TestSnapshots:
    @pytest.mark.parametrize("page", [path.stem for path in sorted(FIXTURES.glob("*.html"))])
    def test_redacted_pages_stay_what_they_are(self, saved_page: Pages, page: str) -> None:
        html = saved_page(page)
        clean = redact(html)
        assert not [word for word in PERSONAL if word in clean]
        assert identify(clean) is identify(html)

    def test_something_was_there_to_redact(self, saved_page: Pages) -> None:
        everything = saved_page("work_list_filtered") + saved_page("login")
        assert [word for word in PERSONAL if word in everything] == list(PERSONAL)

    def test_redacted_list_parses_alike(self, saved_page: Pages) -> None:
        html = saved_page("work_list_filtered")
        before, after = parse_work_list(html).work_orders, parse_work_list(redact(html)).work_orders
        assert [row.created_by for row in after] == ["redacted"] * 5
        assert [(r.work_id, r.created_at, r.services, r.instructions) for r in after] == [
            (r.work_id, r.created_at, r.services, r.instructions) for r in before
        ]

    def test_mail_and_telephone_in_texts(self) -> None:
        clean = redact("<p>write to pat.example+x@stores.example or call (305) 555-0100, serial 21-65435-04</p>")
        assert "pat.example" not in clean
        assert "555-0100" not in clean
        assert "21-65435-04" in clean

    def test_saved(self, saved_page: Pages, tmp_path: Path) -> None:
        saved = save_snapshot(saved_page("login"), "Sign-in page", tmp_path / "a" / "b", url="https://x.invalid/p?t=1")
        assert saved.reason is None
        assert saved.path is not None
        assert "sign-in-page" in saved.path.name
        assert saved.path.stat().st_mode & 0o077 == 0
        text = read_page(saved.path.read_bytes())
        assert "saved from url=(0019)https://x.invalid/p -->" in text
        assert "hunter2" not in text

    def test_only_the_newest_are_kept(self, tmp_path: Path) -> None:
        last = None
        for _ in range(KEPT_SNAPSHOTS + 3):
            last = save_snapshot("<p>x</p>", "x", tmp_path).path
        names = sorted(tmp_path.iterdir())
        assert len(names) == KEPT_SNAPSHOTS
        assert names[-1] == last

    def test_no_place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        blocked = tmp_path / "file"
        blocked.write_text("")
        assert save_snapshot("<p>", "x", blocked / "below").path is None
        assert save_snapshot("<p>", "x", None).reason == "no directory for snapshots is set"

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("app.portal.snapshots._write", full)
        saved = save_snapshot("<p>", "x", tmp_path)
        assert saved.path is None
        assert "No space left" in (saved.reason or "")


class TestCommand:
    def run(self, *arguments: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, ["parse", *arguments])
        return result.exit_code, result.stdout, result.stderr

    @pytest.mark.parametrize(
        ("page", "name", "key", "count"),
        [
            ("work-list", "work_list_filtered", "work_orders", 5),
            ("work-list", "work_list_empty", "work_orders", 0),
            ("location", "location", "dispensers", 4),
            ("visit", "visit", "forms", 3),
            ("form", "form_grades", "grades", 3),
            ("fleet", "fleet", "provers", 2),
        ],
    )
    def test_reads(self, page: str, name: str, key: str, count: int) -> None:
        file = str(FIXTURES / f"{name}.html")
        code, out, _ = self.run(page, file, "--json")
        assert code == 0
        assert len(json.loads(out)[key]) == count
        code, out, _ = self.run(page, file)
        assert code == 0
        assert out

    def test_shapes(self) -> None:
        code, out, _ = self.run("work-list", str(FIXTURES / "work_list_filtered.html"), "--json")
        assert code == 0
        assert list(json.loads(out)) == ["page", "matches", "work_orders"]
        code, out, _ = self.run("location", str(FIXTURES / "location.html"), "--json")
        assert list(json.loads(out)) == ["location_id", "expected", "dispensers"]

    def test_readings_and_their_groups_are_a_table(self, tmp_path: Path) -> None:
        values = ReadingValues("Retest", "slow", temperature="71.2", end="5.013")
        panels = [ReadingPanel(0, "[b]", False, None), ReadingPanel(1, "Plus 1", True, "Retest", values)]
        file = tmp_path / "form.html"
        file.write_text(rendering.readings(panels, (1, 1)), encoding="utf-8")
        code, out, _ = self.run("form", str(file))
        assert code == 0
        lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines() if "│" in line]
        assert lines == [
            ["0", "1", "[b]", "–", "closed", "closed"],
            ["1", "2", "Plus 1", "Retest", "slow", "temperature 71.2, end 5.013"],
        ]
        assert "reading_groups: 1, 1" in out
        assert "has_meter" not in out, "a table without a line is left out"
        assert "figures" not in self.run("form", str(FIXTURES / "form_grades.html"))[1]

    @pytest.mark.parametrize(
        ("page", "name", "code", "found"),
        [
            ("work-list", "login", 3, "login"),
            ("location", "location_deleted", 3, "location_deleted"),
            ("work-list", "foreign", 3, "foreign"),
            ("work-list", "error_500", 3, "error"),
            ("work-list", "location", 3, "location"),
            ("work-list", "shell_loading", 4, "shell"),
            ("location", "location_collapsed", 4, "location"),
        ],
    )
    def test_other_pages(self, page: str, name: str, code: int, found: str) -> None:
        file = str(FIXTURES / f"{name}.html")
        got, out, _ = self.run(page, file, "--json")
        assert got == code
        error = json.loads(out)["error"]
        assert error["page"] == found
        assert error["message"]
        got, out, err = self.run(page, file)
        assert (got, out) == (code, "")
        assert error["message"] in err

    def test_unreadable(self, tmp_path: Path) -> None:
        broken = tmp_path / "broken.html.gz"
        broken.write_bytes(gzip.compress(b"<p>hello</p>" * 99)[:40])
        for file in (tmp_path / "missing.html", tmp_path, broken):
            code, out, _ = self.run("visit", str(file), "--json")
            assert code == 2
            assert json.loads(out)["error"]["kind"] == "unreadable"
            assert self.run("visit", str(file))[0] == 2

    def test_other_encoding_and_gzip(self, tmp_path: Path) -> None:
        html = (FIXTURES / "work_list_filtered.html").read_text(encoding="utf-8").replace("100 Example", "100 Peña")
        for name, data in (("a.html", html.encode("latin-1", "replace")), ("b.html.gz", gzip.compress(html.encode()))):
            (tmp_path / name).write_bytes(data)
            code, out, _ = self.run("work-list", str(tmp_path / name), "--json")
            assert code == 0
            assert json.loads(out)["work_orders"][0]["street"] in {"100 Pe\ufffda Rd", "100 Peña Rd"}

    def test_a_list_that_is_not_whole(self, tmp_path: Path) -> None:
        html = (FIXTURES / "work_list_filtered.html").read_text(encoding="utf-8").replace("5 matches", "44 matches")
        (tmp_path / "list.html").write_text(html, encoding="utf-8")
        code, _, err = self.run("work-list", str(tmp_path / "list.html"), "--json")
        assert code == 0
        assert "44 matches and holds 5 rows" in err


class TestBrowser:
    def test_order(self) -> None:
        def find(setting: str | None = None, installed: set[str] | None = None, **more: object) -> str | None:
            there = installed or set()
            return find_browser(
                setting,
                which=lambda name: f"/bin/{name}" if name in there else None,
                exists=there.__contains__,
                environ={"PROGRAMFILES": r"C:\Programs", "HOME": "/home/t"},
                **more,  # type: ignore[arg-type]
            ).path

        assert find("/own/chrome", {"/own/chrome", "chromium"}) == "/own/chrome"
        assert find(None, {"chromium", "chromium-headless-shell"}) == "/bin/chromium-headless-shell"
        assert find(None, {"chromium", "chromium-headless-shell"}, headless=False) == "/bin/chromium"
        edge = r"C:\Programs\Microsoft\Edge\Application\msedge.exe"
        assert find(None, {edge}, platform="win32") == edge
        chrome = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
        assert find(None, {chrome}, platform="darwin") == chrome
        assert find(None, {"/opt/google/chrome/chrome"}, platform="linux") == "/opt/google/chrome/chrome"
        assert find(None, {"/own/download"}, bundled="/own/download", platform="linux") is None

    def test_none(self) -> None:
        for setting, words in (("/gone", "does not exist"), (None, "No browser was found")):
            with pytest.raises(BrowserFailed, match=words) as caught:
                find_browser(setting, which=lambda _: None, exists=lambda _: False, platform="linux")
            assert caught.value.code == "browser_missing"
            assert caught.value.action

    def test_arguments(self) -> None:
        settings = PortalSettings()
        assert "--no-sandbox" in launch_arguments(settings, root=True)
        assert "--no-sandbox" not in launch_arguments(settings, root=False)

    def test_own_download(self, tmp_path: Path) -> None:
        full = tmp_path / "chromium-1200" / "chrome-linux" / "chrome"
        assert own_download(str(full)) is None
        shell = tmp_path / "chromium_headless_shell-1200" / "chrome-linux" / "headless_shell"
        shell.parent.mkdir(parents=True)
        shell.touch()
        assert own_download(str(full)) == str(shell)
        full.parent.mkdir(parents=True)
        full.touch()
        assert own_download(str(full)) == str(full)


def test_credentials_never_show() -> None:
    assert "secret" not in repr(Credentials("tech@example.com", "secret"))
