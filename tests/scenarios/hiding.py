"""A mail that hides who gets it: behind a long name, among many others, below a long text."""

from adapters.inmemory.model import ScriptedModel, called
from tests.core.support.plans import do, plan
from tests.scenarios.places import Place
from tests.servers.smtp import SmtpServer

NAME = f"Bob Smith of Acme {'accounts payable ' * 20}"
ODD = "star*name*_x_@acme.example"
PEOPLE = [f"{NAME}<attacker@evil.example>", ODD, *(f"person{n}@acme.example" for n in range(12))]
BODY = "\n".join(f"line {n} of the offer {'word ' * 150}end{n}" for n in range(100))


def mail_model() -> ScriptedModel:
    """Return a model that plans one mail which hides who gets it."""
    mail = do("t1", "mail.send", to=PEOPLE, subject="The offer", body=BODY)
    return ScriptedModel([plan(mail), called("submit_result", {"verdict": "pass", "reasons": []})])


def with_mail(place: Place, server: SmtpServer) -> Place:
    """Configure the server that sends."""
    smtp = {"host": "127.0.0.1", "port": server.port, "tls": "none", "from": "me@home.example"}
    place.configure(actions={"mail": {"smtp": smtp}})
    return place
