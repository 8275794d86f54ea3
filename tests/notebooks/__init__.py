"""The notebooks: their shape, their claims, and how they are refreshed."""

import pytest

pytest.register_assert_rewrite("tests.notebooks.claims")
