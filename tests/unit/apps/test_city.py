"""``city.toml``: the example of the docs is one, every field is explained, and faults are named."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from passerby.apps.city import City, CityFileError, read_city

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs/city.md").read_text("utf-8")
MINIMAL = 'name = "x"\nstate = "s"\n[log]\norigin = "log.example"\nquorum = 0\n'


def example() -> str:
    found = re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    assert found
    return found[1]


def sections(model: type[BaseModel]) -> set[type[BaseModel]]:
    found = {model}
    for field in model.model_fields.values():
        for part in re.findall(r"passerby\.apps\.city\.(\w+)", str(field.annotation)):
            found |= sections(next(s for s in BaseModel.__subclasses__() for s in _below(s) if s.__name__ == part))
    return found


def _below(model: type[BaseModel]) -> list[type[BaseModel]]:
    return [model, *(deeper for child in model.__subclasses__() for deeper in _below(child))]


def test_the_example_of_the_docs_is_a_city(tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text(example(), "utf-8")
    city = read_city(tmp_path / "city.toml")
    assert city.address == ("127.0.0.1", 8000)
    assert city.state == tmp_path / "state"
    assert city.camera[0].picture == (1920, 1080)
    assert city.counters[0].csv == tmp_path / "counts/hourly.csv"


def test_every_field_is_explained() -> None:
    found = sections(City)
    assert len(found) > 5
    missing = {name for section in found for name in section.model_fields if f"`{name}`" not in DOCS and name != "log"}
    assert {name for name in missing if f"[{name}]" not in DOCS} == set()


def test_the_demo_city_is_one() -> None:
    assert read_city(ROOT / "demo/city.toml").camera[0].id == "pets"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = ", "is not TOML"),
        (MINIMAL.replace('name = "x"\n', ""), "name: Field required"),
        (MINIMAL + "[colour]\n", "colour: Extra inputs"),
        ('listen = "8000"\n' + MINIMAL, "listen: String should match"),
        (
            MINIMAL + '[data]\nlicence = "WTFPL"\n',
            "data.licence: Value error, licence is not known; expected one of CC-BY",
        ),
        (MINIMAL + '[data]\nlicence = "https:///x"\n', "or the https address of its text"),
        (MINIMAL + '[[counters]]\nzone = "Nowhere/Here"\n', "such as Europe/Tallinn"),
    ],
)
def test_a_fault_is_named(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text(text, "utf-8")
    with pytest.raises(CityFileError, match=re.escape(told)):
        read_city(tmp_path / "city.toml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CityFileError, match="cannot read"):
        read_city(tmp_path / "city.toml")


def test_the_password_of_a_camera_is_in_no_message_and_no_repr(tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text(example() + "\nwrong = 1\n", "utf-8")
    with pytest.raises(CityFileError) as error:
        read_city(tmp_path / "city.toml")
    assert "secret" not in str(error.value)
    (tmp_path / "city.toml").write_text(example(), "utf-8")
    assert "secret" not in repr(read_city(tmp_path / "city.toml"))
    (tmp_path / "city.toml").write_text(example().replace('transport = "tcp"', 'transport = "tin"'), "utf-8")
    with pytest.raises(CityFileError) as error:
        read_city(tmp_path / "city.toml")
    assert "secret" not in str(error.value)
