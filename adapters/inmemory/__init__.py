"""In-memory implementations of every port, used by tests and the demo."""
