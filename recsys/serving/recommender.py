"""The facade: everything a screen, a command or a service may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from recsys.data.catalog import Catalog
from recsys.data.dataset import profile_from_ratings
from recsys.data.histories import Histories
from recsys.data.ids import IdMap
from recsys.data.profile import Profile
from recsys.data.title_index import TitleIndex
from recsys.errors import (
    ArtifactsDamagedError,
    InvalidRequestError,
    UnknownItemError,
    UnknownModelError,
)
from recsys.models.base import Contribution, Scorer, SimilarityModel
from recsys.models.biased_als import BiasedALS
from recsys.models.hybrid import SIZES, Hybrid
from recsys.models.popularity import Popularity
from recsys.ranking.diversity import spread
from recsys.ranking.filters import Filters
from recsys.ranking.lists import BATCH, Ranked, lists, rank
from recsys.ranking.topk import check_k, top_k
from recsys.serving.results import History, PredictedRatings, Recommendations
from recsys.store.layout import (
    read_catalog,
    read_histories,
    read_models,
    read_title_index,
)
from recsys.store.manifest import BlendRecord, Manifest
from recsys.store.store import ArtifactStore
from recsys.store.version import Version

Board = Literal["top_rated", "most_rated", "trending"]
SimilarBy = Literal["taste", "content", "both"]
_SIMILARITY_MODELS: dict[SimilarBy, str] = {"taste": "als", "content": "content", "both": "hybrid"}
Explain = Callable[[Sequence[int]], list[list[Contribution]]]
POOL_SIZE = 200
"""A shuffled selection is drawn from so many of the best items."""


class Recommender:
    """Recommendations from a version of the artifacts; read-only and safe to share.

    Parameters
    ----------
    manifest : Manifest
    catalog : Catalog
    histories : Histories
    titles : TitleIndex
    models : mapping of str to Scorer
        Must hold "popularity", which answers when no other model can.
    """

    def __init__(
        self,
        manifest: Manifest,
        catalog: Catalog,
        histories: Histories,
        titles: TitleIndex,
        models: Mapping[str, Scorer],
    ) -> None:
        self.manifest = manifest
        self.catalog = catalog
        self.histories = histories
        self.titles = titles
        self.models = dict(models)

    @classmethod
    def load(cls, artifacts: Path | str, version: str | None = None) -> Self:
        """Open, verify and map a version, the live one by default.

        From then on this process multiplies matrices in one thread: those of a list are small,
        and other cores are for other requests.

        Raises
        ------
        ArtifactsMissingError, ArtifactsDamagedError, ArtifactsIncompatibleError
        """
        store = ArtifactStore(artifacts)
        name = version or store.current()
        threadpool_limits(1, "blas")
        try:
            return cls._of(store.open(name))
        except ArtifactsDamagedError:
            # A training that ended just now may have pruned the version while it was read.
            if version or store.current() == name:
                raise
            return cls._of(store.open())

    @classmethod
    def _of(cls, opened: Version) -> Self:
        return cls(
            opened.manifest,
            read_catalog(opened),
            read_histories(opened),
            read_title_index(opened),
            read_models(opened),
        )

    @property
    def items(self) -> IdMap:
        """Item ids."""
        return self.catalog.items

    @property
    def users(self) -> IdMap:
        """User ids."""
        return self.histories.users

    @property
    def default_model(self) -> str:
        """The best of the models that were trained."""
        return next(
            name
            for name in ("hybrid", "item_item", "als", "svd", "content", "biased_als", "popularity")
            if name in self.models
        )

    def usual_alpha(self, n_ratings: int) -> float | None:
        """Share of collaborative filtering the hybrid gives a profile of so many ratings.

        None without a hybrid; :meth:`blend_record` tells whether it was learned.
        """
        hybrid = self.models.get("hybrid")
        return hybrid.config.shares(n_ratings)[0] if hybrid else None

    def blend_record(self, n_ratings: int) -> BlendRecord | None:
        """Tell why the hybrid's weights are what they are; None where they are the defaults."""
        size = max((size for size in SIZES if size <= n_ratings), default=SIZES[0])
        return next((r for r in self.manifest.blend if r.from_ratings == size), None)

    @property
    def popularity(self) -> Popularity:
        """The boards, which answer when no other model can."""
        model = self.models["popularity"]
        assert isinstance(model, Popularity)
        return model

    def _model(self, name: str | None, alpha: float | None = None) -> Scorer:
        name = name or self.default_model
        model = self.models.get(name)
        if model is None:
            raise UnknownModelError(
                f"The model '{name}' is not among the trained ones ({', '.join(self.models)}): "
                "choose one of them, or train it."
            )
        if alpha is None:
            return model
        if not isinstance(model, Hybrid):
            raise InvalidRequestError(
                f"alpha mixes the parts of the hybrid; leave it out with the model '{name}'."
            )
        return model.with_alpha(alpha)

    @property
    def predicts_ratings(self) -> bool:
        """Whether :meth:`predict_rating` can answer."""
        return BiasedALS.name in self.models

    def profile(self, ratings: Mapping[int, float]) -> Profile:
        """Build a profile from ``{item_id: rating}``.

        Raises
        ------
        UnknownItemError
            If an item is not in the catalogue.
        DataError
            If a rating is outside of the data's scale.
        """
        return profile_from_ratings(self.items, ratings, self.manifest.dataset.scale)

    def user_profile(self, user_id: int) -> Profile:
        """Ratings of a known user.

        Raises
        ------
        UnknownUserError
        """
        return self.histories.profile(int(self.users.index([user_id])[0]))

    def history(self, user_id: int) -> History:
        """Ratings of a known user, the latest first.

        Raises
        ------
        UnknownUserError
        """
        profile = self.user_profile(user_id)
        first = -profile.rating if profile.timestamp is None else -profile.timestamp
        order = np.lexsort((profile.item_index, first))
        return History(
            self.items.ids[profile.item_index[order]],
            profile.rating[order],
            None if profile.timestamp is None else profile.timestamp[order],
        )

    def for_profile(
        self,
        profile: Profile,
        k: int = 10,
        *,
        model: str | None = None,
        alpha: float | None = None,
        filters: Filters | None = None,
        explain: bool = False,
    ) -> Recommendations:
        """Recommend for a list of ratings.

        Parameters
        ----------
        profile : Profile
            An empty one gets the popularity board.
        k : int
            The list has exactly ``min(k, eligible)`` items: those that pass the filters and are
            not in the profile.
        model : str, optional
            The best trained one by default.
        alpha : float, optional
            Share of collaborative filtering in the hybrid, 0 to 1.
        filters : Filters, optional
        explain : bool
            Also split every score into contributions.

        Raises
        ------
        UnknownModelError, InvalidRequestError
        """
        scorer = self._model(model, alpha)
        eligible = (filters or Filters()).mask(self.catalog)
        eligible[profile.item_index] = False
        reasons = partial(scorer.explain, profile) if explain else None
        return self._ranked(scorer.score([profile])[0], eligible, k, scorer.name, reasons)

    def for_user(self, user_id: int, k: int = 10, **options: Any) -> Recommendations:
        """Recommend for a known user: :meth:`for_profile` of the user's ratings.

        Raises
        ------
        UnknownUserError
        """
        return self.for_profile(self.user_profile(user_id), k, **options)

    def for_users(
        self,
        user_ids: Sequence[int] | NDArray[np.int64],
        k: int = 10,
        *,
        model: str | None = None,
        alpha: float | None = None,
        filters: Filters | None = None,
        batch_size: int = BATCH,
    ) -> Iterator[tuple[int, Recommendations]]:
        """Recommend for many known users, in their order, several batches of scores at a time.

        The scores are those of :meth:`for_user` up to rounding.

        Raises
        ------
        UnknownUserError
            Instead of the first list, if any user is unknown.
        """
        scorer = self._model(model, alpha)
        index = self.users.index(user_ids)
        allowed = (filters or Filters()).mask(self.catalog)
        fallback = self.popularity.weighted_rating
        for user, ranked in lists(
            scorer.score, self.histories.profile, index, allowed, k, fallback, batch_size
        ):
            yield int(self.users.ids[user]), self._listed(ranked, scorer.name)

    def _ranked(
        self,
        scores: NDArray[np.float32],
        eligible: NDArray[np.bool_],
        k: int,
        model: str,
        reasons: Explain | None = None,
    ) -> Recommendations:
        """Cut scores to a list; where they say nothing, the popularity board answers."""
        ranked = rank(scores, eligible, k, self.popularity.weighted_rating)
        if ranked.fell_back:
            reasons = reasons and partial(self.popularity.explain, Profile.empty())
        return self._listed(ranked, model, reasons)

    def _listed(
        self, ranked: Ranked, model: str, reasons: Explain | None = None
    ) -> Recommendations:
        contributions: tuple[tuple[Contribution, ...], ...] = ()
        if reasons:
            contributions = tuple(
                tuple(parts)
                or (Contribution("baseline", float(score), feature="the films it can judge"),)
                for parts, score in zip(
                    reasons(ranked.item_index.tolist()), ranked.scores, strict=True
                )
            )
        return Recommendations(
            self.items.ids[ranked.item_index],
            ranked.scores,
            self.popularity.name if ranked.fell_back else model,
            contributions,
        )

    def predict_rating(
        self, profile: Profile, item_ids: Sequence[int] | NDArray[np.int64]
    ) -> PredictedRatings:
        """Predict the ratings somebody would give to some items.

        There is an answer for every item: one without ratings is taken for the average film, and
        an empty profile for the average person.

        Raises
        ------
        UnknownItemError
        UnknownModelError
            If "biased_als" was not trained.
        """
        model = self._model(BiasedALS.name)
        assert isinstance(model, BiasedALS)
        ids = np.asarray(item_ids, dtype=np.int64)
        rating, deviation = model.predict(profile, self.items.index(ids))
        return PredictedRatings(ids, rating, deviation)

    def similar(
        self,
        item_id: int,
        k: int = 10,
        *,
        by: SimilarBy = "both",
        filters: Filters | None = None,
        exclude: ArrayLike = (),
        explain: bool = False,
    ) -> Recommendations:
        """Items like one.

        Parameters
        ----------
        item_id : int
        k : int
        by : {"taste", "content", "both"}
            Liked by the same people (ALS factors), alike in what they are, or an equal
            blend of both.
        filters : Filters, optional
        exclude : int64[n]
            Item ids that must not be listed, such as those already seen.
        explain : bool

        Raises
        ------
        UnknownItemError, UnknownModelError, InvalidRequestError
        """
        if by not in _SIMILARITY_MODELS:
            raise InvalidRequestError(
                f"Similar by '{by}' is unknown; choose among {', '.join(_SIMILARITY_MODELS)}."
            )
        index = int(self.items.index([item_id])[0])
        scorer = self._model(_SIMILARITY_MODELS[by], 0.5 if by == "both" else None)
        assert isinstance(scorer, SimilarityModel)
        eligible = (filters or Filters()).mask(self.catalog)
        eligible[index] = False
        eligible[self.items.index(np.asarray(exclude, dtype=np.int64))] = False
        reasons = partial(scorer.explain_similar, index) if explain else None
        return self._ranked(scorer.similar(index), eligible, k, scorer.name, reasons)

    def popular(
        self,
        k: int = 10,
        *,
        board: Board = "top_rated",
        filters: Filters | None = None,
        seed: int | None = None,
    ) -> Recommendations:
        """Boards for somebody nothing is known of.

        Parameters
        ----------
        k : int
        board : {"top_rated", "most_rated", "trending"}
            By weighted rating, by number of ratings, or by recent ratings.
        filters : Filters, optional
        seed : int, optional
            Draw from the best :data:`POOL_SIZE` instead of taking the very best, so that two
            visits differ.

        Raises
        ------
        InvalidRequestError
            If the board is unknown, or the data has no times to see a trend in.
        """
        model = self.popularity
        if board == "trending" and not self.manifest.dataset.has_timestamps:
            raise InvalidRequestError(
                "This data has no timestamps, so there is no trend: choose another board."
            )
        if board not in get_args(Board):
            raise InvalidRequestError(
                f"There is no board '{board}'; choose among {', '.join(get_args(Board))}."
            )
        scores = {
            "top_rated": model.weighted_rating,
            "most_rated": model.count,
            "trending": model.trend,
        }[board]
        check_k(k)
        if seed is not None and seed < 0:
            raise InvalidRequestError(f"The seed of a selection must be 0 or more, not {seed}.")
        eligible = (filters or Filters()).mask(self.catalog)
        if seed is None:
            index, best = top_k(scores, eligible, k)
        else:
            index, best = top_k(scores, eligible, max(k, POOL_SIZE))
            drawn = np.random.default_rng(seed).permutation(index.size)[:k]
            drawn.sort()
            index, best = index[drawn], best[drawn]
        return Recommendations(self.items.ids[index], best, model.name)

    def starters(self, k: int = 24) -> NDArray[np.int64]:
        """Well-known items of all kinds, for somebody to recognise and rate.

        Returns
        -------
        int64[min(k, n_items, POOL_SIZE)]
            Item ids from the :data:`POOL_SIZE` most rated.
        """
        check_k(k)
        known = self.items.index(self.popular(POOL_SIZE, board="most_rated").item_ids)
        return self.items.ids[spread(known, self.catalog, k)]

    def search(self, query: str, k: int = 10) -> Recommendations:
        """Find items by title, spelling mistakes forgiven.

        Returns
        -------
        Recommendations
            At most k items; scores from 0 to about 100; empty when nothing is near.
        """
        check_k(k)
        index, scores = self.titles.search(query, k)
        return Recommendations(self.items.ids[index], scores, "search")

    def find_title(self, title: str) -> int:
        """Item id of the best match for a title.

        Raises
        ------
        UnknownItemError
            If nothing is near.
        """
        found = self.search(title, 1)
        if not len(found):
            raise UnknownItemError(
                f"No film matches '{title}': look for its title with `python -m recsys search`."
            )
        return int(found.item_ids[0])
