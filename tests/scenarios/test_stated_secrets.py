"""A password that was told: never at the model's server, on the card, and in the mail it is for."""

import json
import re

from tests.scenarios.places import Place
from tests.scenarios.plans import does, plan_json
from tests.scenarios.sitting import sitting
from tests.scenarios.test_mail import with_mail
from tests.scenarios.test_model_server import submits, with_model
from tests.servers.openai import OpenAiServer, stream
from tests.servers.smtp import SmtpServer


def reference(server: OpenAiServer) -> str:
    """Return the reference that the newest prompt has for the password."""
    told = json.dumps(server.requests[-1])
    *_, newest = re.finditer(r"\[\[S[A-Z2-7]{8} password\]\]", told)
    return newest[0]


async def test_the_wifi_password_goes_to_jana_by_reference(
    place: Place, smtp_server: SmtpServer
) -> None:
    """The server sees references alone; the owner, the card and the mail have the password."""
    with OpenAiServer() as server:
        server.always(stream(["Kept."]))
        async with sitting(with_mail(with_model(place, server), smtp_server)) as talk:
            await talk.say("my wifi password is Kiwi-77x")
            server.script(stream(["It is ", reference(server)[:6], reference(server)[6:], "."]))
            assert await talk.say("what is the wifi password?") == "It is Kiwi-77x."
            args = {
                "to": ["jana@acme.example"],
                "subject": "Wifi",
                "body": f"The password is {reference(server)}",
            }
            server.script(submits(plan_json(does("t1", "mail.send", args))))
            await talk.say("send the wifi password to jana@acme.example")
            assert talk.card.items[0].args.value["body"] == "The password is Kiwi-77x"
            await talk.say("accept")
        assert "Kiwi-77x" not in json.dumps(server.requests)
    (mail,) = smtp_server.mails
    assert "The password is Kiwi-77x" in mail.message.get_content()
    assert "Kiwi-77x" not in place.log_text()
