"""Intake, planning, advancing a goal one step, finishing."""
