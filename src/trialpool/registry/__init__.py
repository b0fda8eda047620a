"""From trial registries to arm counts: records in, groups and events harmonised, tables of trial arms out.

The sentence of the package in small: ``read`` records into the ``model``, keep them in a ``store``, ``fetch`` new ones, match
``groups`` to treatments and terms to ``events``, ``extract`` a review, and show what an ``update`` changes.
"""
