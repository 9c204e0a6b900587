"""Who acts, as far as dispatch needs to know: a subject, a role and a reach."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.db.scope import Scope


@dataclass(frozen=True)
class Actor:
    """A person or process that changes something.

    Parameters
    ----------
    subject
        ``u:12`` for a user, ``p:345`` for staff without an account, ``system:demo`` for a process.
    role
        Role of the account: ``commander``, ``dispatcher``, ``clerk``, ``grid_worker`` … or
        ``system``.
    scope
        What is within reach; its ``p:`` subject says which person on the roster this is.
    """

    subject: str
    role: str
    scope: Scope

    @property
    def person_id(self) -> int | None:
        """Return the person on the roster who acts, None for desk users and processes."""
        for subject in (self.subject, *self.scope.subjects):
            if subject.startswith("p:"):
                return int(subject[2:])
        return None

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return every name under which this actor takes part in a case."""
        return tuple(dict.fromkeys((self.subject, *self.scope.subjects)))


def system_actor(name: str) -> Actor:
    """Return a named process, which works on connections of ``ganxin_system``."""
    return Actor(subject=f"system:{name}", role="system", scope=Scope(areas=()))
