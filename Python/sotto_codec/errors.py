# SPDX-License-Identifier: Apache-2.0
"""What is raised; the text says what is wrong and what to do."""


class SottoError(Exception):
    """Something that Sotto can't do."""


class UsageError(SottoError, ValueError):
    """An argument that can't be, or a call at the wrong time."""


class DataError(SottoError, ValueError):
    """Weights, codes, a file or a text that are damaged or another model's."""


class NotFoundError(SottoError, FileNotFoundError):
    """A model or a file that isn't there or can't be opened."""
