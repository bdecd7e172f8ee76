"""Agents as contracts: role, schemas, limits, and who may call them."""
