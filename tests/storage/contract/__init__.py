"""The contract suite: what a storage promises, whatever holds it. Run it over an adapter of your own.

``pytest --pyargs strongroom.testing.contract -p your.plugin``, where the plugin has the fixtures ``storage`` (empty for
every test) and ``another_storage`` (one that the test may close), which take the time and identities from the fixtures
``clock`` and ``ids``.
"""
