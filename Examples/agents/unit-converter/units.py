"""Units of length, mass, volume and temperature."""

from decimal import Decimal

# Each unit in metres, grams or litres, exact by definition (NIST SP 811, appendix B.8).
FACTORS = {
    "length": {
        "mm": "0.001", "cm": "0.01", "m": "1", "km": "1000",
        "inch": "0.0254", "foot": "0.3048", "yard": "0.9144", "mile": "1609.344",
    },
    "mass": {
        "mg": "0.001", "g": "1", "kg": "1000", "tonne": "1000000",
        "ounce": "28.349523125", "pound": "453.59237", "stone": "6350.29318",
    },
    "volume": {
        "ml": "0.001", "l": "1", "cup": "0.2365882365",
        "pint": "0.473176473", "gallon": "3.785411784",
    },
}

ALIASES = {
    "millimetre": "mm", "centimetre": "cm", "metre": "m", "meter": "m", "kilometre": "km",
    "kilometer": "km", "in": "inch", "inches": "inch", "ft": "foot", "feet": "foot",
    "yd": "yard", "mi": "mile", "gram": "g", "kilo": "kg", "kilogram": "kg", "oz": "ounce",
    "lb": "pound", "lbs": "pound", "litre": "l", "liter": "l", "millilitre": "ml",
    "gal": "gallon", "c": "celsius", "f": "fahrenheit", "k": "kelvin",
}

TEMPERATURES = ("celsius", "fahrenheit", "kelvin")
ABSOLUTE_ZERO = Decimal("-273.15")


class UnitError(Exception):
    """A unit that is unknown, or two that do not measure the same thing."""


def find(word):
    """The name of a unit and what it measures, or None where `word` is no unit."""
    name = word.lower().lstrip("°")
    for candidate in (name, name.removesuffix("s")):
        candidate = ALIASES.get(candidate, candidate)
        if candidate in TEMPERATURES:
            return candidate, "temperature"
        for measure, factors in FACTORS.items():
            if candidate in factors:
                return candidate, measure
    return None


def convert(amount, source, target):
    """`amount` of the unit `source`, counted in `target`."""
    start, end = find(source), find(target)
    for word, unit in ((source, start), (target, end)):
        if unit is None:
            raise UnitError(f'unknown unit "{word}"')
    if start[1] != end[1]:
        raise UnitError(f'"{source}" measures {start[1]}, "{target}" measures {end[1]}')
    if start[1] == "temperature":
        return convert_temperature(amount, start[0], end[0])
    factors = FACTORS[start[1]]
    return amount * Decimal(factors[start[0]]) / Decimal(factors[end[0]])


def convert_temperature(amount, source, target):
    """A temperature by way of degrees Celsius."""
    celsius = amount
    if source == "fahrenheit":
        celsius = (amount - 32) * 5 / 9
    elif source == "kelvin":
        celsius = amount + ABSOLUTE_ZERO
    if celsius < ABSOLUTE_ZERO:
        raise UnitError(f"{amount} {source} is below absolute zero")
    if target == "fahrenheit":
        return celsius * 9 / 5 + 32
    if target == "kelvin":
        return celsius - ABSOLUTE_ZERO
    return celsius
