"""Every setting of the server: its type, its bounds, its default and what it is for.

Sources, the first that has a value wins: the command line, the environment (`MASKGATE_PORT`), the file
`maskgate.toml` (another by `MASKGATE_CONFIG`), the default.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from annotated_types import Ge, Le
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PREFIX = "MASKGATE_"
CONFIG_VARIABLE = PREFIX + "CONFIG"
CONFIG_FILE = Path("maskgate.toml")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
WORDS = {
    "host": "an IP address of this machine, or localhost",
    "kiosk_pin": "none, or 4 to 12 digits",
    "public_url": "none, or http(s):// and a name, such as https://masks.example.org",
}
"""What a setting may be, where its type does not say it."""


class SettingsError(Exception):
    """Settings that cannot be used; the message is one sentence with key, value, range and cure."""


def _address(host: str) -> str:
    if host.lower() in LOOPBACK:
        return host.lower()
    try:
        return str(ip_address(host))
    except ValueError:
        raise ValueError("a name of it is not enough: it may have several addresses") from None


def _origin(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url.lower())
    port = "" if parts.port is None else f":{parts.port}"
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    origin = f"{parts.scheme}://{name}{port}"
    if parts.scheme not in ("http", "https") or not parts.hostname or url.lower().rstrip("/") != origin:
        raise ValueError("and no more than that but a port: MaskGate takes the whole of a name")
    return origin


def _none_in_words(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() in ("", "none") else value


def _digits(pin: SecretStr | None) -> SecretStr | None:
    said = pin.get_secret_value() if pin else "0000"
    if not (said.isascii() and said.isdigit() and 4 <= len(said) <= 12):
        raise ValueError("a PIN is digits alone")
    return pin


def _number_in_words(value: object) -> object:
    return str(value) if isinstance(value, int) else _none_in_words(value)


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class Settings(BaseSettings):
    """The settings in force; `load` reads them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    host: Annotated[
        str,
        AfterValidator(_address),
        Field(description="The address to listen on; any but this machine's own loopback needs a password."),
    ] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="The port to listen on; 0 takes a free one.")] = 8000
    tls: Annotated[
        Literal["off", "self-signed"],
        Field(description="self-signed serves https by a certificate of our own making, kept in the state folder."),
    ] = "off"
    tls_certificate: Annotated[
        Path | None,
        BeforeValidator(_none_in_words),
        Field(description="Your own certificate for https, PEM, with its whole chain."),
    ] = None
    tls_key: Annotated[
        Path | None,
        BeforeValidator(_none_in_words),
        Field(description="The key of your own certificate, PEM, without a passphrase."),
    ] = None
    state_dir: Annotated[
        Path,
        Field(description="The folder for what must outlive a restart: password, keys, certificates; kept private."),
    ] = Path("state")
    async_mode: Annotated[
        Literal["eventlet", "threading"],
        Field(description="How connections share the server: eventlet's green threads, or Werkzeug's real ones."),
    ] = "eventlet"
    workers: Annotated[
        int, Field(ge=0, le=64, description="Worker processes that look at frames; 0 means one a core.")
    ] = 0
    model: Annotated[
        Name | None,
        BeforeValidator(_none_in_words),
        Field(
            description="The mask classifier used unless another is asked for; none takes the detector's own labels "
            "where it has some, else mobilenetv2."
        ),
    ] = None
    detector: Annotated[
        Name | None,
        BeforeValidator(_none_in_words),
        Field(
            description="The face detector used unless another is asked for; none takes onepass, or retinaface-640 "
            "where that model is missing."
        ),
    ] = None
    min_score: Annotated[
        Annotated[float, Field(ge=0, le=1)] | None,
        BeforeValidator(_none_in_words),
        Field(description="The least face score to report; none takes the detector's own."),
    ] = None
    smoothing: Annotated[
        float,
        Field(
            ge=0,
            le=2,
            description="Seconds over which a face's label is voted on in a live stream; 0: each frame for itself.",
        ),
    ] = 0.2
    label_margin: Annotated[
        float,
        Field(ge=0, le=0.9, description="By what share of the vote another label must lead to take over."),
    ] = 0.2
    frame_timeout: Annotated[
        float,
        Field(ge=0.1, le=600, description="Seconds after which a worker that holds a frame counts as hung."),
    ] = 10.0
    max_waiting: Annotated[
        int, Field(ge=1, le=10_000, description="Frames of all clients together that may wait for a worker.")
    ] = 64
    rate_limit: Annotated[
        int,
        Field(ge=0, le=100_000, description="Frames and requests a minute for each client address; 0 means no limit."),
    ] = 0
    watchers: Annotated[
        int, Field(ge=1, le=1_000, description="Viewers that may watch one shared stream at a time.")
    ] = 20
    watch_rate: Annotated[
        float, Field(ge=1, le=60, description="Pictures or boxes a second that each viewer of a share gets at most.")
    ] = 8.0
    share_grace: Annotated[
        float, Field(ge=1, le=3_600, description="Seconds for which a share waits for its owner to come back.")
    ] = 60.0
    models_dir: Annotated[Path, Field(description="The folder that holds one folder a model.")] = Path("models")
    public_url: Annotated[
        str | None,
        BeforeValidator(_none_in_words),
        AfterValidator(_origin),
        Field(description="The address that people open, where it is not this machine's own; needs a password."),
    ] = None
    proxies: Annotated[
        int,
        Field(ge=0, le=10, description="Proxies in front whose word on the client counts; any needs a password."),
    ] = 0
    guest_hours: Annotated[
        float, Field(ge=0.01, le=720, description="Hours for which a guest link lets guests in.")
    ] = 1
    guests_at_once: Annotated[
        int, Field(ge=1, le=1_000, description="Guests that may be connected at a time, by all guest links together.")
    ] = 5
    kiosk_policy: Annotated[
        Literal["strict", "advise"],
        Field(description="What a kiosk does unless its address says otherwise: insist on masks, or only advise."),
    ] = "strict"
    kiosk_min_face: Annotated[
        float,
        Field(ge=0, le=1, description="Share of the picture's height from which a kiosk answers and counts a face."),
    ] = 0.12
    kiosk_pin: Annotated[
        SecretStr | None,
        BeforeValidator(_number_in_words),
        AfterValidator(_digits),
        Field(description="The PIN that opens a kiosk's settings, behind five taps in a corner; none asks for none."),
    ] = None
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="The least weight of what is logged.")
    ] = "info"

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth(cls, value: object) -> object:
        # pydantic would read `port = true` as port 1
        if isinstance(value, bool):
            raise ValueError("true and false are not the value of any setting")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())


Source = Literal["command line", "environment", "file", "default"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force and, by name, where each value came from."""

    settings: Settings
    sources: Mapping[str, Source]


def config_file() -> Path:
    """The settings file that is read if it exists."""
    return Path(_named_file() or CONFIG_FILE)


def load(options: Mapping[str, Any] | None = None) -> Loaded:
    """Read the settings from all sources.

    options: from the command line; those that are None count as not given.
    Raises SettingsError for an unknown key, a value out of bounds or a file that cannot be read.
    """
    given = {name: value for name, value in (options or {}).items() if value is not None}
    layers: dict[Source, Mapping[str, Any]] = {
        "file": _read_file(),
        "environment": _read_environment(),
        "command line": given,
    }
    values: dict[str, Any] = {}
    sources: dict[str, Source] = dict.fromkeys(Settings.model_fields, "default")
    for source, layer in layers.items():
        for name, value in layer.items():
            if name not in Settings.model_fields:
                raise SettingsError(_unknown(name, value, source))
            sources[name] = source
            values[name] = value
    try:
        return Loaded(Settings(**given), sources)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        why = f" ({first['ctx']['error']})" if first["type"] == "value_error" else ""
        raise SettingsError(f"{_spelt(name, sources[name])}={values[name]}: must be {bounds(name)}{why}.") from None


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def bounds(name: str) -> str:
    """In words, what a setting may be."""
    if name in WORDS:
        return WORDS[name]
    field = Settings.model_fields[name]
    if get_origin(field.annotation) is Literal:
        return " or ".join(get_args(field.annotation))
    if field.annotation is Path:
        return "a folder"
    if Path in get_args(field.annotation):
        return "none, or a file"
    low, high = _limits(field)
    if low is None:
        return "none, or lower-case letters, digits and hyphens, 64 at most"
    words = f"a {'whole ' if field.annotation is int else ''}number from {low:g} to {high:g}"
    return words if field.annotation in (int, float) else f"none, or {words}"


def _limits(field: FieldInfo) -> tuple[float | None, float | None]:
    metadata = list(field.metadata)
    for part in get_args(field.annotation):  # an optional number keeps its limits on the number
        for inner in get_args(part)[1:]:
            metadata += inner.metadata
    low = next((mark.ge for mark in metadata if isinstance(mark, Ge)), None)
    high = next((mark.le for mark in metadata if isinstance(mark, Le)), None)
    return low, high  # type: ignore[return-value]


def _named_file() -> str | None:
    # as with every setting, the case of the variable does not matter
    return {name.upper(): value for name, value in os.environ.items()}.get(CONFIG_VARIABLE)


def _read_environment() -> dict[str, str]:
    # pydantic-settings passes over unknown MASKGATE_ names, so that a misspelt one would go unnoticed
    return {
        key.upper().removeprefix(PREFIX).lower(): value
        for key, value in os.environ.items()
        if key.upper().startswith(PREFIX) and key.upper() != CONFIG_VARIABLE
    }


def _read_file() -> Mapping[str, Any]:
    path = config_file()
    if _named_file() and not path.is_file():
        raise SettingsError(f"{CONFIG_VARIABLE}={path}: there is no such file; name one or unset it.")
    try:
        return TomlConfigSettingsSource(Settings, path).toml_data
    except ValueError as error:
        raise SettingsError(f"{path} is not valid TOML ({error}); mend that line.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}); mend or remove it.") from None


def _spelt(name: str, source: Source) -> str:
    """A setting's name as it is written in a source."""
    return {
        "command line": f"--{name.replace('_', '-')}",
        "environment": variable(name),
        "file": f"{config_file()}: {name}",
        "default": name,
    }[source]


def _unknown(name: str, value: object, source: Source) -> str:
    near = difflib.get_close_matches(name.lower(), Settings.model_fields, n=1)
    hint = f"did you mean {_spelt(near[0], source)}?" if near else "is it misspelt?"
    return f"{_spelt(name, source)}={value}: there is no such setting; {hint} `python -m server settings` lists them."
