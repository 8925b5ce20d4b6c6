"""The errors a caller may want to catch.

Every message is one sentence for the person at the keyboard: what is wrong, and what to do next.

::

    RecsysError
    ├── DataError                 input files that can't be read, or hold nothing usable
    ├── DownloadError             a data set that can't be fetched, verified or unpacked
    ├── UnknownUserError          a user id that is not in the training data
    ├── UnknownItemError          an item id or title that is not in the catalogue
    ├── UnknownModelError         a model that does not exist, or was not trained
    ├── LeakError                 an evaluation whose models could know what they must find
    ├── InvalidRequestError       options that contradict each other or are out of range
    └── ArtifactsError
        ├── ArtifactsMissingError       nothing was trained yet
        ├── ArtifactsDamagedError       a file is missing, truncated or altered
        ├── ArtifactsIncompatibleError  written by a newer version of this program
        ├── ArtifactsBusyError          another training holds the folder
        └── ArtifactsWriteError         the disk is full or the folder is read-only
"""

__all__ = [
    "ArtifactsBusyError",
    "ArtifactsDamagedError",
    "ArtifactsError",
    "ArtifactsIncompatibleError",
    "ArtifactsMissingError",
    "ArtifactsWriteError",
    "DataError",
    "DownloadError",
    "InvalidRequestError",
    "LeakError",
    "RecsysError",
    "UnknownItemError",
    "UnknownModelError",
    "UnknownUserError",
]


class RecsysError(Exception):
    """Base of every error this package raises on purpose."""


class DataError(RecsysError):
    """Input files can't be read, or hold nothing usable."""


class DownloadError(RecsysError):
    """A data set can't be fetched, verified or unpacked."""


class UnknownUserError(RecsysError):
    """A user id is not in the training data."""


class UnknownItemError(RecsysError):
    """An item id or title is not in the catalogue."""


class UnknownModelError(RecsysError):
    """A model does not exist, or is not among the trained ones."""


class InvalidRequestError(RecsysError):
    """Options contradict each other or are out of range."""


class LeakError(RecsysError):
    """The models of an evaluation could know, or do know, what they are to find."""


class ArtifactsError(RecsysError):
    """Trained artifacts can't be read or written."""


class ArtifactsMissingError(ArtifactsError):
    """Nothing was trained in this folder yet."""


class ArtifactsDamagedError(ArtifactsError):
    """A file of a version is missing, truncated or altered."""


class ArtifactsIncompatibleError(ArtifactsError):
    """A version was written by a newer program than this one."""


class ArtifactsBusyError(ArtifactsError):
    """Another training is writing to the folder."""


class ArtifactsWriteError(ArtifactsError):
    """The version can't be written: no space, or no permission."""
