"""The table of goals."""

from strongroom.domain.accounts.goal import Goal

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key

GOAL = declare(
    Goal,
    "goal",
    repository="goals",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    foreign_keys=(foreign_key("goal", "user_id", "user", OnDelete.CASCADE),),
    checks=(
        Check("goal_target_date_check", "target_date > start_date", lambda goal: goal.target_date > goal.start_date),
    ),
    indexes=(("user_id", "target_date"),),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
