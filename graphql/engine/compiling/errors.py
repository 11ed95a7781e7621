"""How a part of a document leaves the compiler."""


class NotCompilableError(Exception):
    """This part is left to the executor; the text says why, for `alliance doctor` and for tests."""
