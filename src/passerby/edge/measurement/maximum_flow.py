"""The largest flow through a network, in integers."""

from collections.abc import Iterable


def maximum_flow(arcs: Iterable[tuple[int, int, int]], nodes: int, source: int, sink: int) -> int:
    """From ``source`` to ``sink`` over arcs (tail, head, capacity) between nodes 0 to ``nodes`` − 1.

    Blocking flows over shortest paths (Dinic, Algorithm for solution of a problem of maximum flow in networks, 1970).
    """
    heads: list[int] = []
    room: list[int] = []
    leaving: list[list[int]] = [[] for _ in range(nodes)]
    for tail, head, capacity in arcs:
        leaving[tail].append(len(heads))
        leaving[head].append(len(heads) + 1)
        heads += [head, tail]
        room += [capacity, 0]
    flow = 0
    while (steps := _steps(heads, room, leaving, source))[sink] >= 0:
        following = [0] * nodes
        path: list[int] = []
        at = source
        while True:
            if at == sink:
                pushed = min(room[arc] for arc in path)
                flow += pushed
                for arc in path:
                    room[arc] -= pushed
                    room[arc ^ 1] += pushed
                full = next(k for k, arc in enumerate(path) if room[arc] == 0)
                at = heads[path[full] ^ 1]
                del path[full:]
            elif following[at] < len(leaving[at]):
                arc = leaving[at][following[at]]
                if room[arc] and steps[heads[arc]] == steps[at] + 1:
                    path.append(arc)
                    at = heads[arc]
                else:
                    following[at] += 1
            elif path:
                at = heads[path.pop() ^ 1]
                following[at] += 1
            else:
                break
    return flow


def _steps(heads: list[int], room: list[int], leaving: list[list[int]], source: int) -> list[int]:
    """Fewest arcs with room from the source to each node; −1 where there is no way."""
    steps = [-1] * len(leaving)
    steps[source] = 0
    found = [source]
    for tail in found:
        for arc in leaving[tail]:
            if room[arc] and steps[heads[arc]] < 0:
                steps[heads[arc]] = steps[tail] + 1
                found.append(heads[arc])
    return steps
