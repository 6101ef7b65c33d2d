"""Portal Bukti ZI: evidence of a Zona Integritas action plan, reviewed, trailed and bundled.

This package module stays free of frameworks at import time, so that `portal.domain` can be used alone.
"""
