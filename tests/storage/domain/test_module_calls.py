"""What modules may do for a Safe: nothing, unless a permission says so."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.errors import InvalidValue
from strongroom.domain.safes.module_calls import (
    Allowed,
    DenialReason,
    Denied,
    ModuleCall,
    PermissionUse,
    check_call,
    denial_reason,
)
from strongroom.domain.safes.safe_module import SafeModule
from strongroom.domain.safes.safe_module_permission import CallOperation, SafeModulePermission

START = datetime(2024, 1, 1, tzinfo=UTC)
MODULE, PERMISSION = UUID(int=1), UUID(int=2)
TARGETS = ["0x" + digit * 40 for digit in "12"]
TOKENS = ["0x" + digit * 40 for digit in "ab"]
SELECTORS = ["0xa9059cbb", "0x095ea7b3"]
amounts = st.integers(0, 20)
seconds = st.integers(0, 100)


def second(number):
    """Return the time so many seconds after the start."""
    return START + timedelta(seconds=number)


def a_module(**fields):
    """Return an enabled module with these fields changed."""
    known = {"id": MODULE, "safe_id": UUID(int=9), "module_address": TARGETS[0], "name": "allowance"}
    return SafeModule(**known | {"enabled_at": START, "config": {}} | fields)


def a_permission(**fields):
    """Return a permission with these fields changed."""
    known = {
        "id": PERMISSION,
        "module_id": MODULE,
        "target_address": TARGETS[0],
        "max_value_wei": 10,
        "valid_from": START,
        "created_at": START,
    }
    return SafeModulePermission(**known | fields)


calls = st.builds(
    ModuleCall,
    target_address=st.sampled_from(TARGETS),
    selector=st.none() | st.sampled_from(SELECTORS),
    operation=st.sampled_from(CallOperation),
    value_wei=amounts,
    token_address=st.none() | st.sampled_from(TOKENS),
    token_amount=st.just(0) | amounts,
)
permissions = st.builds(
    a_permission,
    id=st.integers(2, 4).map(lambda number: UUID(int=number)),
    module_id=st.just(MODULE) | st.just(UUID(int=8)),
    target_address=st.sampled_from(TARGETS),
    selector=st.none() | st.sampled_from(SELECTORS),
    token_address=st.none() | st.sampled_from(TOKENS),
    max_value_wei=amounts,
    max_token_amount=st.none() | amounts,
    period_seconds=st.none() | st.integers(1, 60),
    operation=st.sampled_from(CallOperation),
    valid_from=seconds.map(second),
    valid_until=st.none() | seconds.map(second),
)
uses = st.lists(
    st.builds(
        PermissionUse, st.integers(2, 4).map(lambda number: UUID(int=number)), seconds.map(second), amounts, amounts
    ),
    max_size=4,
)


def allows(permission, call, at, past):
    """Say whether a permission allows a call, by its meaning alone."""
    own = [use for use in past if use.permission_id == permission.id]
    value = token = 0
    if permission.period_seconds is not None:
        period = timedelta(seconds=permission.period_seconds)
        for start in (at - timedelta(seconds=back) for back in range(permission.period_seconds)):
            window = [use for use in own if start <= use.at < start + period]
            value = max(value, sum(use.value_wei for use in window))
            token = max(token, sum(use.token_amount for use in window))
    return (
        permission.valid_from <= at
        and (permission.valid_until is None or at < permission.valid_until)
        and permission.target_address == call.target_address
        and permission.selector in (None, call.selector)
        and permission.operation is call.operation
        and call.value_wei + value <= permission.max_value_wei
        and (
            (call.token_amount == 0 and call.token_address is None)
            or (
                call.token_amount > 0
                and permission.token_address is not None
                and permission.token_address == call.token_address
                and permission.max_token_amount is not None
                and call.token_amount + token <= permission.max_token_amount
            )
        )
    )


@given(st.lists(permissions, max_size=4), calls, seconds.map(second), uses)
def test_a_call_is_allowed_exactly_by_the_first_permission_of_the_module_that_covers_all_of_it(granted, call, at, past):
    """A call is allowed exactly by the first permission of the module that covers all of it."""
    verdict = check_call(a_module(), granted, call, at=at, uses=past)
    own = [permission for permission in granted if permission.module_id == MODULE]
    allowing = [permission for permission in own if allows(permission, call, at, past)]
    if allowing:
        assert verdict == Allowed(allowing[0])
    else:
        assert isinstance(verdict, Denied)
        assert [refusal.permission_id for refusal in verdict.refusals] == ([one.id for one in own] or [None])
        assert str(verdict)


@given(st.lists(permissions, max_size=3), calls, seconds)
def test_a_module_that_is_not_enabled_may_do_nothing(granted, call, at):
    """A module that is not enabled may do nothing."""
    for module in (a_module(disabled_at=second(at)), a_module(enabled_at=second(at + 1))):
        verdict = check_call(module, granted, call, at=second(at))
        assert isinstance(verdict, Denied)
        assert [refusal.reason for refusal in verdict.refusals] == [DenialReason.MODULE_NOT_ENABLED]


@given(st.integers(1, 60), st.lists(st.tuples(seconds, amounts), max_size=12))
def test_no_more_than_the_limit_moves_in_any_period_however_it_rolls(period, wishes):
    """No more than the limit moves in any period however it rolls, in whatever order the calls are judged."""
    permission = a_permission(period_seconds=period, max_value_wei=25, token_address=TOKENS[0], max_token_amount=30)
    done: list[PermissionUse] = []
    for at, amount in wishes:
        call = ModuleCall(target_address=TARGETS[0], value_wei=amount, token_address=TOKENS[0], token_amount=amount)
        if isinstance(check_call(a_module(), [permission], call, at=second(at), uses=done), Allowed):
            done.append(PermissionUse(PERMISSION, second(at), amount, amount))
    for start in range(101):
        window = [use for use in done if second(start) <= use.at < second(start + period)]
        assert sum(use.value_wei for use in window) <= 25
        assert sum(use.token_amount for use in window) <= 30


CALL = ModuleCall(
    target_address=TARGETS[0], selector=SELECTORS[0], value_wei=5, token_address=TOKENS[0], token_amount=5
)
COVERING = {"token_address": TOKENS[0], "max_token_amount": 5}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"valid_from": second(11)}, DenialReason.NOT_YET_VALID),
        ({"valid_until": second(10)}, DenialReason.NO_LONGER_VALID),
        ({"target_address": TARGETS[1]}, DenialReason.OTHER_TARGET),
        ({"selector": SELECTORS[1]}, DenialReason.OTHER_SELECTOR),
        ({"operation": CallOperation.DELEGATECALL}, DenialReason.OTHER_OPERATION),
        ({"max_value_wei": 4}, DenialReason.TOO_MUCH_VALUE),
        ({"token_address": TOKENS[1]}, DenialReason.OTHER_TOKEN),
        ({"token_address": None}, DenialReason.OTHER_TOKEN),
        ({"max_token_amount": 4}, DenialReason.TOO_MANY_TOKENS),
        ({"max_token_amount": None}, DenialReason.TOO_MANY_TOKENS),
        ({}, None),
        ({"selector": SELECTORS[0], "valid_from": second(10), "valid_until": second(11)}, None),
    ],
)
def test_a_denial_says_why(fields, reason):
    """A denial says why."""
    permission = a_permission(**COVERING | fields)
    assert denial_reason(permission, CALL, at=second(10)) is reason
    verdict = check_call(a_module(), [permission], CALL, at=second(10))
    if reason is None:
        assert verdict == Allowed(permission)
    else:
        assert str(verdict) == reason.value


def test_without_any_permission_a_call_is_denied():
    """Without any permission a call is denied."""
    verdict = check_call(a_module(), [], CALL, at=second(10))
    assert str(verdict) == DenialReason.NO_PERMISSION.value


def test_a_permission_for_a_function_does_not_allow_a_plain_transfer():
    """A permission for a function does not allow a plain transfer."""
    plain = attrs.evolve(CALL, selector=None)
    assert (
        denial_reason(a_permission(selector=SELECTORS[0], **COVERING), plain, at=START) is DenialReason.OTHER_SELECTOR
    )
    assert denial_reason(a_permission(**COVERING), plain, at=START) is None


def test_a_use_exactly_one_period_old_no_longer_counts():
    """A use exactly one period old no longer counts."""
    permission = a_permission(period_seconds=60, **COVERING)
    past = [PermissionUse(PERMISSION, START, 6, 0)]
    assert denial_reason(permission, CALL, at=second(59), uses=past) is DenialReason.TOO_MUCH_VALUE
    assert denial_reason(permission, CALL, at=second(60), uses=past) is None


def test_a_call_is_checked_like_an_entity():
    """A call is checked like an entity."""
    with pytest.raises(InvalidValue):
        ModuleCall(target_address=TARGETS[0], value_wei=-1)
    with pytest.raises(InvalidValue):
        ModuleCall(target_address=TARGETS[0], selector="0x123")
