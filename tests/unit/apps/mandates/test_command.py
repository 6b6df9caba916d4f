"""``passerby mandate`` from the ceremony to the end, beside a node that runs and without one."""

import json
import re
import shlex
from collections.abc import Callable
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import pytest
from typer.testing import CliRunner

from passerby.apps.city import read_city
from passerby.apps.cli.main import cli
from passerby.apps.node.desk import Desk, Inbox, RefusedError, hand_in
from passerby.apps.node.house import House
from passerby.apps.node.roles_file import read_roles, write_roles
from passerby.datatypes.errors import PasserbyError
from passerby.gate.mandate import Limits, Roles
from passerby.public.ledger.keyfile import create_key

ROOT = Path(__file__).parents[4]
CITY = """
name = "Town"
state = "state"
[log]
origin = "log.town.example"
quorum = 1
[[log.witness]]
name = "w1.example"
"""
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A folder with a city, role keys and a mandate that starts at once; runs commands in it."""
    monkeypatch.chdir(tmp_path)
    Path("city.toml").write_text(CITY, "utf-8")
    keys = {name: create_key(Path(f"{name}.key"), name) for name in ("council", "mobility", "oversight")}
    roles = Roles({name: key.verifier for name, key in keys.items()}, 2, ("oversight",), Limits(longest_days=4000))
    write_roles(Path("roles.toml"), roles)
    text = (ROOT / "spec/examples/square.toml").read_text("utf-8")
    text = text.replace("notice_seconds = 1209600", "notice_seconds = 1").replace("2026-03-01", "2024-03-01")
    Path("square.toml").write_text(text.replace("2026-09-01", "2034-09-01"), "utf-8")
    return invoke


def invoke(*words: str) -> str:
    """Output of a command; raises what it raises."""
    result = CliRunner().invoke(cli, ["mandate", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def sign_and_publish(run: Run) -> dict[str, object]:
    run("sign", "square.toml", "--key", "council.key")
    run("sign", "square.toml", "--key", "oversight.key")
    found: dict[str, object] = json.loads(run("publish", "square.toml", "--json"))
    return found


@pytest.mark.usefixtures("run")
def test_the_ceremony_is_read_back_as_it_was_written() -> None:
    roles = read_roles(Path("roles.toml"))
    assert roles.limits.longest_days == 4000
    write_roles(Path("again.toml"), roles)
    assert read_roles(Path("again.toml")) == roles


def test_from_check_to_revocation(run: Run) -> None:
    assert "No fault found" in run("check", "square.toml", "--city", "city.toml")
    published = sign_and_publish(run)
    assert published["signed_by"] == ["council", "oversight"]
    assert published["state"] in ("notice", "in-force")
    assert sign_and_publish(run)["log_index"] == published["log_index"]
    assert "town-square" in run("list")
    assert "Measured, and nothing else" in run("show", "town-square")
    assert "Nothing differs" in run("diff", "town-square", "square.toml")
    mandate = str(published["hash"])
    run("suspend", mandate, "--key", "oversight.key", "--reason", "the purpose is exceeded", "--out", "end.leaf")
    assert json.loads(run("list", "--json"))[0]["state"] != "suspended"
    assert "It is in the log" in run("submit", "end.leaf")
    assert json.loads(run("list", "--json"))[0]["state"] == "suspended"
    run("revoke", "town-square", "--key", "council.key", "--key", "mobility.key", "--reason", "done")
    assert json.loads(run("show", mandate[:8], "--json"))["state"] == "revoked"


def test_publishing_works_beside_a_node_that_runs(run: Run) -> None:
    with ExitStack() as stack:
        house = stack.enter_context(House(read_city(Path("city.toml"))))
        stack.enter_context(Desk(house))
        published = sign_and_publish(run)
        assert published["signed_by"] == ["council", "oversight"]
        assert published["public_since"] is not None


@pytest.mark.usefixtures("run")
def test_a_house_without_a_desk_gives_a_plain_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passerby.apps.node.desk.PATIENCE_SECONDS", 0.3)
    city = read_city(Path("city.toml"))
    with House(city), pytest.raises(RefusedError, match="nobody took the decision"):
        hand_in(city, [b'{"type":"mandate"}'])
    assert Inbox(city).waiting() == []


def test_what_is_refused_says_why_and_leaves_the_log_as_it_was(run: Run) -> None:
    sign_and_publish(run)
    size = Path("state/log/checkpoint").read_text("utf-8").splitlines()[1]
    with pytest.raises(RefusedError, match="is not oversight's"):
        run("suspend", "town-square", "--key", "council.key", "--reason", "because")
    with pytest.raises(PasserbyError, match="has no reason"):
        run("suspend", "town-square", "--key", "oversight.key", "--reason", "two\nlines")
    assert json.loads(run("list", "--json"))[0]["state"] in ("notice", "in-force")
    assert Path("state/log/checkpoint").read_text("utf-8").splitlines()[1] == size


def test_a_signature_is_replaced_when_the_text_changes(run: Run) -> None:
    first = run("sign", "square.toml", "--key", "council.key")
    text = Path("square.toml").read_text("utf-8")
    Path("square.toml").write_text(text.replace("spring", "summer"), "utf-8")
    second = run("sign", "square.toml", "--key", "council.key")
    assert first != second
    assert Path("square.toml.signatures").read_text("utf-8") == second


def test_check_refuses_what_the_citys_limits_refuse(run: Run) -> None:
    roles = read_roles(Path("roles.toml"))
    write_roles(Path("roles.toml"), Roles(roles.keys, 2, ("oversight",), Limits(least_notice_seconds=86400)))
    with pytest.raises(PasserbyError, match="beyond the city's limits"):
        run("check", "square.toml", "--city", "city.toml")


def test_check_says_that_a_mandate_should_name_its_log(run: Run) -> None:
    advice = 'It names no log; with log = "log.town.example" in [mandate] it counts in this one alone.'
    assert advice in run("check", "square.toml", "--city", "city.toml")
    text = Path("square.toml").read_text("utf-8")
    Path("square.toml").write_text(text.replace("[mandate]", '[mandate]\nlog = "log.town.example"'), "utf-8")
    assert "names no log" not in run("check", "square.toml", "--city", "city.toml")
    assert sign_and_publish(run)["signed_by"] == ["council", "oversight"]


def test_check_tells_every_fault_on_a_line_of_its_own(run: Run) -> None:
    text = Path("square.toml").read_text("utf-8")
    Path("square.toml").write_text(text.replace('title = "', 'titel = "').replace('basis = "', 'base = "'), "utf-8")
    result = CliRunner().invoke(cli, ["mandate", "check", "square.toml"])
    assert result.exit_code == 1
    assert set(result.output.splitlines()) == {
        "mandate.title is missing",
        "mandate.titel is no field of a mandate",
        "legal.basis is missing",
        "legal.base is no field of a mandate",
    }
    with pytest.raises(PasserbyError, match=r"legal\.basis is missing"):
        run("sign", "square.toml", "--key", "council.key")


def test_export_prints_json(run: Run) -> None:
    for standard in ("eurocities", "atrs", "dtpr"):
        assert json.loads(run("export", "square.toml", "--standard", standard))


@pytest.mark.parametrize("words", [["show", "nobody"], ["list"]])
def test_without_a_log_there_is_a_remedy(words: list[str], run: Run) -> None:
    with pytest.raises(PasserbyError, match="passerby mandate publish"):
        run(*words)


def test_every_command_of_the_page_for_councils_works(run: Run) -> None:
    text = Path("square.toml").read_text("utf-8")
    Path("next.toml").write_text(text.replace("version = 1", "version = 2"), "utf-8")
    page = (ROOT / "docs/mandates.md").read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    commands = [shlex.split(line) for block in blocks for line in block.splitlines()]
    assert len(commands) >= 12
    for command in commands:
        assert command[:2] == ["passerby", "mandate"]
        assert run(*command[2:])
    (limits,) = re.findall(r"^```toml\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    roles = Path("roles.toml").read_text("utf-8")
    Path("roles.toml").write_text(roles[: roles.index("[limits]")] + limits, "utf-8")
    assert read_roles(Path("roles.toml")).limits == Limits(604800, 366, 2, Fraction(2))
