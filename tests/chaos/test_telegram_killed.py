"""A conversation on Telegram with a program that is killed again and again."""

import random
import time
from pathlib import Path

import pytest

from tests.chaos.on_telegram import Bot, Owner, check, missing
from tests.conftest import Chaos
from tests.servers.telegram import TelegramServer
from tests.waiting import PATIENCE_S

LIFE_S = (0.4, 3.5)


@pytest.mark.timeout(3600)
def test_killed_while_it_talks_on_telegram(
    tmp_path: Path, telegram_server: TelegramServer, chaos: Chaos
) -> None:
    """Each message is answered once or with a label, no note is written twice, no card is lost."""
    chance = random.Random(chaos.seed)
    telegram_server.limits.enabled = False
    user = telegram_server.user(42, "Ada")
    chat = telegram_server.private(user)
    bot = Bot(tmp_path, telegram_server, user.id)
    count = max(chaos.kills, 6)
    owner = Owner(user, chat, count, chance)
    owner.start()
    for _ in range(chaos.kills):
        process = bot.start()
        time.sleep(0.9 + chance.uniform(*LIFE_S))
        process.kill()
        process.wait(PATIENCE_S)
    process = bot.start()
    try:
        telegram_server.wait(lambda: not missing(chat, bot, count), 30 + 5 * count, "all answers")
    except TimeoutError:
        pytest.fail(f"missing {missing(chat, bot, count)}: {bot.said}")
    finally:
        owner.ended.set()
        owner.join()
        time.sleep(2)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    check(chat, bot, count)
