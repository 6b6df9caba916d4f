"""A city whose witness somebody else runs, and a resident's monitor that asks this witness too."""

import socket
from pathlib import Path

from typer.testing import CliRunner

from passerby.apps.city import read_city
from passerby.apps.cli import log
from passerby.apps.node.house import House
from passerby.apps.node.roles_file import write_roles
from passerby.apps.server.serve import serving
from passerby.apps.witness.server import witness_app
from passerby.gate.mandate import Roles
from passerby.public.ledger.keyfile import read_key
from passerby.public.ledger.ledger import Ledger
from passerby.public.ledger.witness import LocalWitness
from passerby.tlog.key import KeyType, SigningKey

COUNCIL = SigningKey("council", KeyType.ED25519, bytes([3] * 32))
UNIVERSITY = SigningKey("w.university.example", KeyType.COSIGNATURE, bytes([1] * 32))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_city_shows_the_university_one_log_and_residents_another(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "city.toml").write_text(
        'name = "Small town"\nstate = "state"\nroles = "roles.toml"\n[log]\norigin = "log.small-town.example"\n'
        f'quorum = 1\n[[log.witness]]\nname = "university"\nurl = "http://127.0.0.1:{port}"\n'
        f'vkey = "{UNIVERSITY.verifier.text}"\n'
    )
    write_roles(tmp_path / "roles.toml", Roles({"council": COUNCIL.verifier}, 1, ("council",)))
    city = read_city(tmp_path / "city.toml")
    (tmp_path / "state/keys").mkdir(parents=True)
    seed = SigningKey("log.small-town.example", KeyType.ED25519, bytes([7] * 32))
    (tmp_path / "state/keys/log").write_text(f"{seed.secret_text}\n")
    (tmp_path / "state/keys/log").chmod(0o600)
    with (
        LocalWitness(tmp_path / "memory", UNIVERSITY, [seed.verifier]) as witness,
        serving(witness_app(witness, ""), "127.0.0.1", port),
    ):
        with House(city) as house:
            policy = house.policy
            assert policy.witnesses[0].url == f"http://127.0.0.1:{port}"
            assert [one.witness for one in house.publish_log().cosigned] == [UNIVERSITY.name]
        watch = [
            "watch", str(city.state / "log"), "--policy", str(city.state / "policy.txt"),
            "--state", str(tmp_path / "seen"), "--once",
        ]  # fmt: skip
        said = CliRunner().invoke(log.app, watch)
        assert said.exit_code == 0, said.output
        assert "roles of the city: council" in said.output

        # The operator has a second, colluding university, and shows residents a log that the real one never saw.
        key = read_key(city.state / "keys/log")
        with (
            LocalWitness(tmp_path / "colluding", UNIVERSITY, [key.verifier]) as colluding,
            Ledger.open(tmp_path / "other", key, policy, [colluding]) as other,
        ):
            other.append([b"{}"])
            other.publish()
        watch[1], watch[5] = str(tmp_path / "other"), str(tmp_path / "newcomer")
        caught = CliRunner().invoke(log.app, watch)
        assert caught.exit_code == 2, caught.output
        assert f"shows {UNIVERSITY.name} another tree of size 1 than it shows here" in caught.output
        (evidence,) = (tmp_path / "newcomer").glob("evidence-*")
        roots = {policy.verify((evidence / f"{name}.checkpoint").read_bytes()).root for name in ("earlier", "later")}
        assert len(roots) == 2
