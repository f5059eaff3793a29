import pytest

from tests.required import missing


@pytest.mark.parametrize("value", [None, "", "false", "0"])
def test_what_is_missing_is_skipped_with_its_remedy_outside_ci(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("CI", raising=False)
    if value is not None:
        monkeypatch.setenv("CI", value)
    with pytest.raises(pytest.skip.Exception, match=r"^Chromium is missing: install it$"):
        missing("Chromium", "install it")


def test_what_is_missing_fails_the_run_under_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"^Chromium is missing, and CI may not skip.*: install it$"):
        missing("Chromium", "install it")
