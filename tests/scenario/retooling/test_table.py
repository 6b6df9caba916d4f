"""``docs/retooling.md`` is made from the scenarios: their names, what they try, and the error that they get.

Write it anew: python tests/scenario/retooling/test_table.py
"""

import ast
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs/retooling.md"
HEAD = """# Ways to retool a city's cameras in silence, and what each gets

Whoever runs the cameras has the machine, its disk, its clock, the node's key and the log's key, and may hold one role
of the city. They do not have the keys of the other roles and of the witnesses. Each row below is a test in
`tests/scenario/retooling`; this page is made from those tests, and a test fails where it is not current. "…" stands
for what differs each time: a hash, a path, a time.

What no row can stop: somebody who changes the software and keeps what it measures to themselves, or films with another
camera. What such a machine publishes has to stand in the log, and there everybody can hold it against the mandates: the
rows at the end are what `passerby mandate audit` finds.
"""
MODULES = ("text", "signatures", "log", "gate", "configuration", "software")


def rows(tree: ast.Module) -> Iterator[tuple[str, str, str, str]]:
    """Name, what is tried, error, message."""
    for function in tree.body:
        if not (isinstance(function, ast.FunctionDef) and function.name.startswith("test_")):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refuses":
                error, message = node.args
                tried = " ".join((ast.get_docstring(function) or "").split())
                assert isinstance(error, ast.Name)
                assert tried, f"{function.name} does not say what is tried"
                yield function.name.removeprefix("test_").replace("_", " "), tried, error.id, text_of(message)
                break
        else:
            raise AssertionError(f"{function.name} does not say what refuses it")


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "…"


def page() -> str:
    parts, number = [HEAD], 0
    for name in MODULES:
        tree = ast.parse((HERE / f"test_{name}.py").read_text("utf-8"))
        title = (ast.get_docstring(tree) or "").removesuffix(".")
        parts += [f"\n## {title}\n", "| | scenario | what is tried | error |", "|---|---|---|---|"]
        for scenario, tried, error, message in rows(tree):
            number += 1
            cell = message.replace("|", "\\|")
            parts.append(f"| {number} | {scenario} | {tried} | `{error}`: {cell} |")
    return "\n".join([*parts, ""])


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "write it anew: python tests/scenario/retooling/test_table.py"


def test_there_are_forty_scenarios_and_no_name_twice() -> None:
    names = [row[0] for name in MODULES for row in rows(ast.parse((HERE / f"test_{name}.py").read_text("utf-8")))]
    assert len(names) >= 40
    assert len(set(names)) == len(names)
    assert {path.stem.removeprefix("test_") for path in HERE.glob("test_*.py")} == {*MODULES, "table"}


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
