"""The words that all of operations share: how urgent, and of what kind."""

from enum import StrEnum

# Who did something: an e-mail address, a contact's name, or a user at the command line.
LONGEST_NAME = 320


class Priority(StrEnum):
    """P1 at once, P2 within 30 minutes, P3 within 2 hours (the seed's response times). "p1" sorts before "p2"."""

    p1 = "p1"
    p2 = "p2"
    p3 = "p3"


class Kind(StrEnum):
    """The rows of the seed's escalation matrix: who is called."""

    system_down = "system_down"
    security_breach = "security_breach"
    data_loss = "data_loss"
    performance = "performance"
