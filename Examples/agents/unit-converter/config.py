"""The agent's settings, read from config.json and checked before use."""

import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
RANGES = {"precision": (0, 12), "rate_wait_ms": (0, 5000)}


class ConfigError(Exception):
    """A setting that is missing or out of its range."""


def load(path=None):
    """The settings as a dict; relative paths in it count from this folder."""
    path = path or os.path.join(HERE, "config.json")
    try:
        with open(path, encoding="utf-8") as file:
            settings = json.load(file)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    for name, (low, high) in RANGES.items():
        value = settings.get(name)
        if type(value) is not int or not low <= value <= high:
            raise ConfigError(
                f"{path}: {name} must be a whole number from {low} to {high}, found {value!r}"
            )
    settings["rates_file"] = os.path.join(HERE, settings.get("rates_file", "rates.json"))
    return settings
