from adapters.offline.model import OfflineModel
from adapters.when.words import WordsWhen
from core.ports.model import Model
from tests.contracts.model import ModelContract, Wanted


class TestOfflineModel(ModelContract):
    def model(self, wanted: Wanted, times: int = 1) -> Model:
        """Return the offline model: it needs no preparation."""
        return OfflineModel(WordsWhen())
