"""A certificate that the listener makes for itself, so that the rules about TLS can be seen. It needs the extra ``tls``."""

from __future__ import annotations

import importlib.util
import ssl


def available() -> bool:
    """Whether a certificate can be made here."""
    return importlib.util.find_spec("trustme") is not None


def context(name: str) -> ssl.SSLContext:
    """What a server with a fresh certificate for ``name`` needs; no client has reason to trust it.

    Raises:
        ImportError: the extra ``tls`` is not installed.
    """
    import trustme  # an extra, and slow to load

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(name).configure_cert(made)
    return made
