from tests.contracts.engine_killed_suite import EngineKilledContract


class TestLocalEngineKilled(EngineKilledContract):
    factory = "tests.adapters.engine.factory:local"
