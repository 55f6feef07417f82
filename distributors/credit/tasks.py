"""The nightly work of credit."""

from distributors.credit.cards.tasks import nightly as nightly
