"""The Recommender facade, explanations and posters."""
