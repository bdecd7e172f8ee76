"""The many shapes in which models and their servers answer, brought into one."""
