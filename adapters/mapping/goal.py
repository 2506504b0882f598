"""The table of goals."""

from strongroom.domain.accounts.goal import Goal
from strongroom.ports.repositories.goal import GoalRepository

from .declaration import declare
from .table import Check, OnDelete, Owner
from .user import USER

GOAL = declare(
    Goal,
    "goal",
    repository=GoalRepository,
    owner=Owner.FRONTEND,
    references={"user_id": (USER, OnDelete.CASCADE)},
    checks=(
        Check("goal_target_date_check", "target_date > start_date", lambda goal: goal.target_date > goal.start_date),
    ),
    indexes=(("user_id", "target_date"),),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
