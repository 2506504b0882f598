"""Whether a module may make a call for a Safe: denied unless a permission allows it, and then it says why.

Modules act without the owners' confirmations (safe-smart-account, ModuleManager.sol), so that their permissions
are all that holds them. The conditions are those of Zodiac's Roles modifier (target, function selector,
operation, value) and of Safe's AllowanceModule (token amounts over time), with periods that roll.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from attrs import field, frozen

from ..values.fields import EvmAddress, Selector, Uint256, checked
from ..values.instants import as_utc, utc_times
from .safe_module import SafeModule
from .safe_module_permission import CallOperation, SafeModulePermission


@frozen(kw_only=True, field_transformer=checked)
class ModuleCall:
    """A call that a module wants to make; ``selector`` is None where there is no data, a plain transfer.

    ``token_amount`` raw units of the token at ``token_address`` are moved by it, besides the value in wei.
    """

    target_address: EvmAddress
    selector: Selector | None = None
    operation: CallOperation = CallOperation.CALL
    value_wei: Uint256 = 0
    token_address: EvmAddress | None = None
    token_amount: Uint256 = 0


@frozen
class PermissionUse:
    """A call that was made on a permission: what it moved, and when."""

    permission_id: UUID
    at: datetime = field(converter=as_utc)
    value_wei: int = 0
    token_amount: int = 0


class DenialReason(Enum):
    """Why a permission does not allow a call, or none does."""

    MODULE_NOT_ENABLED = "the module is not enabled at this time"
    NO_PERMISSION = "the module has no permission"
    NOT_YET_VALID = "the permission is not valid yet"
    NO_LONGER_VALID = "the permission is not valid any more"
    OTHER_TARGET = "the permission is for another target"
    OTHER_SELECTOR = "the permission is for another function"
    OTHER_OPERATION = "the permission is for another operation"
    TOO_MUCH_VALUE = "the value is beyond what the permission leaves"
    NO_TOKENS = "the call names a token and moves none of it"
    OTHER_TOKEN = "the permission is not for this token"  # noqa: S105 - a coin, not a secret
    TOO_MANY_TOKENS = "the token amount is beyond what the permission leaves"


@frozen
class Refusal:
    """Why one permission does not allow a call; ``permission_id`` None where it is not for a permission to say."""

    permission_id: UUID | None
    reason: DenialReason


@frozen
class Allowed:
    """A call is allowed, on this permission."""

    permission: SafeModulePermission


@frozen
class Denied:
    """A call is not allowed, for at least one reason: one for each permission of the module, in their order."""

    refusals: tuple[Refusal, ...]

    def __str__(self) -> str:
        """Say the different reasons in one line."""
        return "; ".join(dict.fromkeys(refusal.reason.value for refusal in self.refusals))


@utc_times
def is_enabled(module: SafeModule, at: datetime) -> bool:
    """Say whether a module is enabled at a time."""
    return module.enabled_at <= at and (module.disabled_at is None or at < module.disabled_at)


@utc_times
def is_valid(permission: SafeModulePermission, at: datetime) -> bool:
    """Say whether a time is within a permission's window, whether or not its module is enabled then."""
    return permission.valid_from <= at and (permission.valid_until is None or at < permission.valid_until)


@utc_times
def check_call(
    module: SafeModule,
    permissions: Iterable[SafeModulePermission],
    call: ModuleCall,
    *,
    at: datetime,
    uses: Iterable[PermissionUse] = (),
) -> Allowed | Denied:
    """Say whether a module may make a call at a time: on the first of its permissions that allows it.

    ``uses`` are the calls judged before, also those whose time is later: clocks differ. A permission without a period
    limits each call alone; one with a period limits all its uses within any period of that length that holds this
    call: a use exactly one period old no longer counts. Permissions of other modules do not matter.
    """
    if not is_enabled(module, at):
        return Denied((Refusal(None, DenialReason.MODULE_NOT_ENABLED),))
    past = tuple(uses)
    refusals: list[Refusal] = []
    for permission in permissions:
        if permission.module_id != module.id:
            continue
        reason = denial_reason(permission, call, at=at, uses=past)
        if reason is None:
            return Allowed(permission)
        refusals.append(Refusal(permission.id, reason))
    return Denied(tuple(refusals) or (Refusal(None, DenialReason.NO_PERMISSION),))


@utc_times
def denial_reason(  # noqa: PLR0911 - one answer for each condition
    permission: SafeModulePermission, call: ModuleCall, *, at: datetime, uses: Iterable[PermissionUse] = ()
) -> DenialReason | None:
    """Say why a permission does not allow a call at a time, the first reason of DenialReason's order, or None."""
    if at < permission.valid_from:
        return DenialReason.NOT_YET_VALID
    if permission.valid_until is not None and at >= permission.valid_until:
        return DenialReason.NO_LONGER_VALID
    if call.target_address != permission.target_address:
        return DenialReason.OTHER_TARGET
    if permission.selector is not None and call.selector != permission.selector:
        return DenialReason.OTHER_SELECTOR
    if call.operation is not permission.operation:
        return DenialReason.OTHER_OPERATION
    periods = _uses_by_period(permission, at, uses)
    if call.value_wei + max(sum(use.value_wei for use in each) for each in periods) > permission.max_value_wei:
        return DenialReason.TOO_MUCH_VALUE
    if call.token_amount == 0:
        return None if call.token_address is None else DenialReason.NO_TOKENS
    if permission.token_address is None or call.token_address != permission.token_address:
        return DenialReason.OTHER_TOKEN
    spent = max(sum(use.token_amount for use in each) for each in periods)
    if permission.max_token_amount is None or call.token_amount + spent > permission.max_token_amount:
        return DenialReason.TOO_MANY_TOKENS
    return None


def _uses_by_period(
    permission: SafeModulePermission, at: datetime, uses: Iterable[PermissionUse]
) -> list[list[PermissionUse]]:
    """Return the uses within each period that holds a time, and ends at it or with a later use."""
    if permission.period_seconds is None:
        return [[]]
    period = timedelta(seconds=permission.period_seconds)
    near = [use for use in uses if use.permission_id == permission.id and abs(at - use.at) < period]
    ends = {at, *(use.at for use in near if use.at > at)}
    return [[use for use in near if use.at <= end and end - use.at < period] for end in ends]
