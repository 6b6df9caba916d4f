"""Who shares a process with whom, and who is put apart."""

from passerby.apps.node.placement import FIRST_PROBATION, LONGEST_PROBATION, LONGEST_WAIT, MOST_ALONE, Placement


def placed(workers: int, jobs: str) -> Placement:
    placement = Placement(workers)
    for job in jobs:
        placement.group_of(job)
    return placement


def sizes(placement: Placement) -> list[int]:
    return sorted(len(group.jobs) for group in placement.groups.values() if group.jobs)


def test_jobs_are_spread_evenly() -> None:
    assert sizes(placed(3, "abcdefgh")) == [2, 3, 3]


def test_who_is_to_blame_is_apart_from_then_on_and_waits_longer_each_time() -> None:
    placement = placed(1, "abc")
    assert placement.crashed(0, {"b"}, now=100.0) == {"b"}
    assert placement.is_apart("b")
    assert not placement.is_apart("a")
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


def test_who_was_steady_apart_comes_back_later_after_each_crash() -> None:
    placement, now = placed(2, "abcd"), 0.0
    for crashes in range(1, 12):
        placement.crashed(placement.group_of("a"), {"a"}, now)
        probation = min(LONGEST_PROBATION, FIRST_PROBATION * 2.0 ** (crashes - 1))
        assert not placement.may_come_back("a", now + probation - 1.0)
        now += probation
        assert placement.may_come_back("a", now)
        placement.come_back("a")
        assert not placement.is_apart("a")
        assert placement.group_of("a") < 2
    assert not placement.may_come_back("b", now), "who was never put apart has nowhere to come back from"
    assert sizes(placement) == [2, 2]


def test_a_crash_begins_the_probation_anew_and_a_night_does_not_end_it() -> None:
    placement = placed(1, "ab")
    placement.crashed(0, {"a"}, now=0.0)
    placement.crashed(placement.group_of("a"), set(), now=500.0)
    assert not placement.may_come_back("a", 500.0 + FIRST_PROBATION)
    placement.leave("a")
    assert placement.groups[placement.group_of("a")].jobs == {"a"}
    assert placement.may_come_back("a", 500.0 + 2 * FIRST_PROBATION)


def test_the_half_that_was_put_apart_with_nobody_to_blame_comes_back_too() -> None:
    placement = placed(1, "abcd")
    for now in (0.0, 1.0):
        placement.crashed(0, set(), now)
    assert sizes(placement) == [2, 2]
    for job in "abcd":
        assert placement.may_come_back(job, 1.0 + FIRST_PROBATION) == placement.is_apart(job)
        if placement.is_apart(job):
            placement.come_back(job)
        placement.group_of(job)
    assert sizes(placement) == [4]


def test_one_unexplained_crash_moves_nobody() -> None:
    placement = placed(1, "abcd")
    assert placement.crashed(0, set(), now=0.0) == set()
    assert sizes(placement) == [4]
    assert all(placement.may_start(job, 0.0) for job in "abcd")


def test_unexplained_crashes_are_halved_until_the_culprit_is_apart() -> None:
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
