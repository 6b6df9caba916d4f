"""What the demo shows at its end."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rich.table import Table

from passerby.datatypes.cell import Cell
from passerby.public.store import query
from passerby.public.store.rows import instant
from passerby.public.store.store import Store


def release_table(store: Store, cells: Sequence[Cell], seconds: int, zone: ZoneInfo) -> Table:
    """Released numbers of some cells: a row a window, a column a cell, each ± its 95 % half-width."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("window from")
    found = [query.series(store, cell, seconds) for cell in cells]
    for cell in cells:
        table.add_column(f"{cell.subject}\n{cell.family.value.replace('_', ' ')}\n{cell.category}", justify="right")
    for row, second in enumerate(found[0].start):
        shown = [
            f"{series.value[row]} ± {series.half_width[row]}"
            if series.value[row] is not None
            else f"outage: {series.outage[row]}"
            for series in found
        ]
        table.add_row(f"{instant(second).astimezone(zone):%H:%M:%S}", *shown)
    return table
