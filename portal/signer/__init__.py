"""The signer: the one process that reads private keys. It signs a checkpoint only when a proof shows that it extends
the last one it signed.

It knows neither database nor web, and no other part imports it but the command that starts it; `adapters/signer.py` is
how the portal asks.
"""
