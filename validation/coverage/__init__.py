"""How often 95 % intervals hold the truth: a simulation of every method, and of the automatic choice.

``python -m validation.coverage run`` simulates, ``python -m validation.coverage merge`` writes ``results.csv`` and
``RESULTS.md``.
"""
