"""How the likelihoods of events that a registry did not list do: bias, coverage and width, beside what is done without them.

``python -m validation.censored run`` simulates, ``python -m validation.censored merge`` writes ``results.csv`` and
``RESULTS.md``.
"""
