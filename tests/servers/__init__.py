"""Private servers for tests: started on a free loopback port, stopped after, one each worker.

A test asks for a fixture of `tests.servers.fixtures` and never for a server that runs already.
`bench/` and `tests/chaos` use the classes directly: each is a context manager.
"""
