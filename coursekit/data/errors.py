"""The error that everything about data raises: one sentence that says what was found and what to do."""


class DataError(RuntimeError):
    """Data that is missing, damaged, unknown, or cannot be fetched; the message says what to do about it."""
