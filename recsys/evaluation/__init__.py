"""How good lists are, measured on ratings the models have not seen."""
