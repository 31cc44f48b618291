import unittest
from decimal import Decimal

import units


class Lengths(unittest.TestCase):
    def test_a_mile_is_exactly_1609_344_metres(self):
        self.assertEqual(units.convert(Decimal(1), "mile", "m"), Decimal("1609.344"))

    def test_twelve_inches_make_a_foot(self):
        self.assertEqual(units.convert(Decimal(12), "inches", "feet"), Decimal(1))

    def test_three_feet_make_a_yard(self):
        self.assertEqual(units.convert(Decimal(3), "ft", "yd"), Decimal(1))

    def test_in_is_read_as_inch(self):
        self.assertEqual(units.convert(Decimal(1), "in", "cm"), Decimal("2.54"))

    def test_a_unit_converts_to_itself(self):
        for name in units.FACTORS["length"]:
            self.assertEqual(units.convert(Decimal(7), name, name), Decimal(7))

    def test_there_and_back_gives_the_same_amount(self):
        there = units.convert(Decimal("123.456"), "km", "miles")
        back = units.convert(there, "miles", "km")
        self.assertAlmostEqual(back, Decimal("123.456"), places=20)


class Masses(unittest.TestCase):
    def test_sixteen_ounces_make_a_pound(self):
        self.assertEqual(units.convert(Decimal(16), "oz", "lbs"), Decimal(1))

    def test_fourteen_pounds_make_a_stone(self):
        self.assertEqual(units.convert(Decimal(14), "pounds", "stone"), Decimal(1))

    def test_a_tonne_is_a_thousand_kilograms(self):
        self.assertEqual(units.convert(Decimal(1), "tonne", "kg"), Decimal(1000))

    def test_case_does_not_matter(self):
        self.assertEqual(units.convert(Decimal(1), "KG", "g"), Decimal(1000))


class Volumes(unittest.TestCase):
    def test_eight_pints_make_a_gallon(self):
        self.assertEqual(units.convert(Decimal(8), "pints", "gallon"), Decimal(1))

    def test_a_litre_is_a_thousand_millilitres(self):
        self.assertEqual(units.convert(Decimal(1), "litre", "ml"), Decimal(1000))

    def test_two_cups_make_a_pint(self):
        self.assertEqual(units.convert(Decimal(2), "cups", "pint"), Decimal(1))


class Temperatures(unittest.TestCase):
    def test_water_freezes_at_32_fahrenheit(self):
        self.assertEqual(units.convert(Decimal(0), "C", "F"), Decimal(32))

    def test_minus_40_is_the_same_on_both_scales(self):
        self.assertEqual(units.convert(Decimal(-40), "F", "C"), Decimal(-40))

    def test_absolute_zero_is_0_kelvin(self):
        self.assertEqual(units.convert(Decimal("-273.15"), "celsius", "kelvin"), Decimal(0))

    def test_a_degree_sign_is_accepted(self):
        self.assertEqual(units.convert(Decimal(100), "°C", "°F"), Decimal(212))

    def test_below_absolute_zero_is_refused(self):
        with self.assertRaisesRegex(units.UnitError, "below absolute zero"):
            units.convert(Decimal(-1), "kelvin", "celsius")


class Refusals(unittest.TestCase):
    def test_an_unknown_unit_is_named(self):
        with self.assertRaisesRegex(units.UnitError, 'unknown unit "quarks"'):
            units.convert(Decimal(1), "quarks", "m")

    def test_an_unknown_target_is_named(self):
        with self.assertRaisesRegex(units.UnitError, 'unknown unit "parsecs"'):
            units.convert(Decimal(1), "m", "parsecs")

    def test_a_mass_is_no_length(self):
        with self.assertRaisesRegex(units.UnitError, '"kg" measures mass, "miles" measures length'):
            units.convert(Decimal(1), "kg", "miles")

    def test_a_word_is_not_cut_down_to_a_unit(self):
        self.assertIsNone(units.find("kms2"))
