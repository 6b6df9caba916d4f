"""Who shares a process with whom, and who is put apart."""

from passerby.apps.node.placement import LONGEST_WAIT, MOST_ALONE, Placement


def placed(workers: int, jobs: str) -> Placement:
    placement = Placement(workers)
    for job in jobs:
        placement.group_of(job)
    return placement


def sizes(placement: Placement) -> list[int]:
    return sorted(len(group.jobs) for group in placement.groups.values() if group.jobs)


def test_jobs_are_spread_evenly() -> None:
    assert sizes(placed(3, "abcdefgh")) == [2, 3, 3]


def test_who_is_to_blame_is_alone_from_then_on_and_waits_longer_each_time() -> None:
    placement = placed(1, "abc")
    assert placement.crashed(0, {"b"}, now=100.0) == {"b"}
    assert placement.is_alone("b")
    assert not placement.is_alone("a")
    assert placement.may_start("a", 100.0)
    waits = []
    for _ in range(12):
        waits.append(placement.wait("b"))
        assert not placement.may_start("b", 100.0 + waits[-1] - 0.1)
        assert placement.may_start("b", 100.0 + waits[-1])
        placement.crashed(placement.group_of("b"), set(), now=100.0)
    assert waits[:3] == [2.0, 4.0, 8.0]
    assert waits[-1] == LONGEST_WAIT
    assert placement.may_start("a", 100.0), "the others never wait for it"
    placement.leave("b")
    placement.group_of("b")
    assert placement.crashes("b") == 13, "what it did is remembered"


def test_one_unexplained_crash_moves_nobody() -> None:
    placement = placed(1, "abcd")
    assert placement.crashed(0, set(), now=0.0) == set()
    assert sizes(placement) == [4]
    assert all(placement.may_start(job, 0.0) for job in "abcd")


def test_unexplained_crashes_are_halved_until_the_culprit_is_alone() -> None:
    placement = placed(1, "abcdefgh")
    now, crashes = 0.0, 0
    while not placement.crashes("g"):
        placement.crashed(placement.group_of("g"), set(), now)
        now, crashes = now + 60.0, crashes + 1
    assert crashes <= 6
    assert placement.groups[placement.group_of("g")].jobs == {"g"}
    assert not any(placement.crashes(job) for job in "abcdefh")


def test_crashes_far_apart_have_nothing_to_do_with_each_other() -> None:
    placement = placed(1, "abcd")
    for hour in range(5):
        placement.crashed(0, set(), 3600.0 * hour)
    assert sizes(placement) == [4]


def test_processes_for_culprits_are_few() -> None:
    jobs = [f"camera-{number}" for number in range(40)]
    placement = Placement(2)
    for job in jobs:
        placement.group_of(job)
    for job in jobs:
        placement.crashed(placement.group_of(job), {job}, now=0.0)
    assert len([group for group in placement.groups.values() if group.jobs]) == MOST_ALONE


def test_a_process_that_does_not_start_blames_no_camera() -> None:
    placement = placed(1, "ab")
    for now in (0.0, 1.0, 2.0, 3.0):
        placement.failed_to_start(0, now)
    assert sizes(placement) == [2]
    assert not placement.may_start("a", 3.5)
    assert placement.may_start("a", 100.0)
