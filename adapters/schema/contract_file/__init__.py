"""Reads the contract of a shared database from `strongroom.toml`."""

from .problems import ContractInvalid, ContractProblem
from .reader import CONTRACT_FILE, parse_contract, read_contract

__all__ = ["CONTRACT_FILE", "ContractInvalid", "ContractProblem", "parse_contract", "read_contract"]
