"""Every setting that comes from the environment or from ``.env``; see ``.env.example``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from recsys.errors import InvalidRequestError


class Settings(BaseSettings):
    """Settings by their environment names; the environment wins over ``.env``."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    artifacts: Path = Field(Path("artifacts"), validation_alias="RECSYS_ARTIFACTS")
    """Folder of trained versions that the dashboard and the command line read."""

    data: Path = Field(Path("data"), validation_alias="RECSYS_DATA")
    """Folder that downloaded data sets go to."""

    cache: Path = Field(Path(".cache"), validation_alias="RECSYS_CACHE")
    """Folder of caches that may be deleted at any time."""

    grouplens_url: str = Field(
        "https://files.grouplens.org/datasets", validation_alias="RECSYS_GROUPLENS_URL"
    )
    """Where MovieLens data sets are fetched from."""

    tmdb_token: SecretStr = Field(SecretStr(""), validation_alias="TMDB_TOKEN")
    """TMDB API read access token; empty means drawn posters and no request."""

    tmdb_base_url: str = Field("https://api.themoviedb.org/3", validation_alias="TMDB_BASE_URL")
    """Base address of the TMDB API."""

    tmdb_image_base_url: str = Field(
        "https://image.tmdb.org/t/p", validation_alias="TMDB_IMAGE_BASE_URL"
    )
    """Base address of TMDB's images."""


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings, read once per process.

    Raises
    ------
    InvalidRequestError
        If ``.env`` or the environment holds something unreadable.
    """
    try:
        return Settings()
    except ValueError as error:  # pydantic's and Unicode's errors are ValueErrors
        raise InvalidRequestError(
            "The settings can't be read: compare .env and the environment with .env.example."
        ) from error
