"""Proof of work: once, in time, at a price that rises with what comes."""

import pytest

from passerby.civic.objections.work import Challenges, ProofOfWorkError, solve


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def challenges(clock: Clock) -> Challenges:
    return Challenges(bits=4, clock=clock)


def test_work_counts_once(challenges: Challenges) -> None:
    challenge = challenges.issue()
    nonce = solve(challenge)
    challenges.take(challenge.text, nonce)
    with pytest.raises(ProofOfWorkError, match="used before"):
        challenges.take(challenge.text, nonce)


def test_work_counts_in_time(challenges: Challenges, clock: Clock) -> None:
    challenge = challenges.issue()
    clock.now += challenge.seconds + 1
    with pytest.raises(ProofOfWorkError, match="too old"):
        challenges.take(challenge.text, solve(challenge))


def test_idleness_does_not_count(challenges: Challenges) -> None:
    challenge = challenges.issue()
    idle = next(n for n in range(1000) if solve_fails(challenges, challenge.text, str(n)))
    assert str(idle) != solve(challenge)


def solve_fails(challenges: Challenges, text: str, nonce: str) -> bool:
    try:
        challenges.take(text, nonce)
    except ProofOfWorkError as error:
        return "missing" in str(error)
    return False


@pytest.mark.parametrize("forged", ["", "x", "1.0.ab.cd", "ffffffff.0.abc"])
def test_a_challenge_of_somebody_else_does_not_count(challenges: Challenges, forged: str) -> None:
    with pytest.raises(ProofOfWorkError, match="not ours"):
        challenges.take(forged, "0")
    easier = challenges.issue().text.replace(".4.", ".0.")
    with pytest.raises(ProofOfWorkError, match="not ours"):
        challenges.take(easier, "0")


def test_the_price_rises_with_what_comes_and_falls_again(challenges: Challenges, clock: Clock) -> None:
    prices = []
    for _ in range(80):
        challenge = challenges.issue()
        prices.append(challenge.bits)
        challenges.take(challenge.text, solve(challenge))
    assert prices[0] == prices[19] == 4
    assert (prices[20], prices[40], prices[79]) == (5, 6, 6)
    assert challenges.bits == 7
    clock.now += 3601
    assert challenges.bits == 4
