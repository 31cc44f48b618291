import unittest
from decimal import Decimal

import question


class Forms(unittest.TestCase):
    def test_convert_to(self):
        self.assertEqual(question.parse("convert 5 km to miles"), (Decimal(5), "km", "miles"))

    def test_convert_is_optional(self):
        self.assertEqual(question.parse("5 km in miles"), (Decimal(5), "km", "miles"))

    def test_how_many_are(self):
        self.assertEqual(question.parse("how many EUR are 7 USD?"), (Decimal(7), "USD", "EUR"))

    def test_what_is(self):
        self.assertEqual(question.parse("What is 98.6 F in C?"), (Decimal("98.6"), "F", "C"))

    def test_no_space_before_the_unit(self):
        self.assertEqual(question.parse("5km to m"), (Decimal(5), "km", "m"))

    def test_commas_group_thousands(self):
        self.assertEqual(question.parse("1,250.5 g to kg")[0], Decimal("1250.5"))

    def test_a_sign_is_read(self):
        self.assertEqual(question.parse("-40 F to C")[0], Decimal(-40))

    def test_a_leading_point_is_read(self):
        self.assertEqual(question.parse(".5 l to ml")[0], Decimal("0.5"))

    def test_spaces_do_not_matter(self):
        self.assertEqual(question.parse("  convert  5   km\tto m ")[0], Decimal(5))


class Refusals(unittest.TestCase):
    def test_what_is_no_question_is_repeated_with_an_example(self):
        with self.assertRaisesRegex(question.QuestionError, 'cannot read "hello": ask like'):
            question.parse("hello")

    def test_an_empty_question(self):
        with self.assertRaises(question.QuestionError):
            question.parse("   ")

    def test_an_amount_without_digits(self):
        with self.assertRaises(question.QuestionError):
            question.parse("convert , km to m")

    def test_a_very_long_question(self):
        with self.assertRaisesRegex(question.QuestionError, "100000 characters"):
            question.parse("9" * 100000)
