"""May a rule set be activated? Static checks, the proof of its floor, the museum and wars in one verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pricing.rules.museum import visit
from pricing.rules.prove import prove_floor
from pricing.rules.static import find_problems
from pricing.rules.syntax import RuleSet
from pricing.rules.verdicts import FloorProof, Museum, Problem, ProofStatus, Severity, Verification
from pricing.rules.wars import fight, problems_of
from pricing.types import PricingContext


def verify(rule_set: RuleSet, *, contexts: Sequence[PricingContext] = ()) -> Verification:
    """Examine a rule set; `contexts` are listings it is meant for, whose floors are then proved as well."""
    problems = find_problems(rule_set)
    wars = tuple(fight(rule_set))
    proof = prove_floor(rule_set, contexts=contexts)
    museum = visit(rule_set)
    problems += [*problems_of(wars), *_of_proof(proof), *_of_museum(museum)]
    return Verification(tuple(problems), proof, museum, wars)


def _of_proof(proof: FloorProof) -> Iterator[Problem]:
    if proof.status is ProofStatus.REFUTED:
        yield Problem(
            Severity.ERROR,
            "floor_refuted",
            "/limits/floor_margin",
            f"The floor can be passed: {proof.because}.",
            "See the counter-example; raise the floor margin or narrow the ranges.",
            proof.counter_example or {},
        )


def _of_museum(museum: Museum) -> Iterator[Problem]:
    for exhibit in museum.exhibits:
        # A loop is told by the wars already, with the rival it happens against.
        if not exhibit.survived and exhibit.key != "endless_loop":
            yield Problem(
                Severity.ERROR,
                "museum",
                "/rules",
                f"It does not survive '{exhibit.title}': {exhibit.how}.",
                "Follow rivals only with a limit, and leave the gates of data and locks on.",
            )
