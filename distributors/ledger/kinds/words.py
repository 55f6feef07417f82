"""How strangers call the fields of all kinds, and what the texts of choices mean."""

from distributors.ledger.kinds.card_words import CARD_WORDS
from distributors.ledger.kinds.contact_words import CONTACT_VALUES, CONTACT_WORDS
from distributors.ledger.kinds.contract_words import CONTRACT_VALUES, CONTRACT_WORDS
from distributors.ledger.kinds.fact_words import FACT_WORDS
from distributors.ledger.kinds.master_words import MASTER_WORDS
from distributors.ledger.kinds.naming import Words
from distributors.ledger.kinds.value_words import VALUES as COMMON_VALUES

__all__ = ["VALUES", "WORDS", "Words", "words_of"]

WORDS: dict[str, dict[str, Words]] = {**MASTER_WORDS, **CONTACT_WORDS, **CARD_WORDS, **CONTRACT_WORDS, **FACT_WORDS}
VALUES: dict[str, str] = COMMON_VALUES | CONTACT_VALUES | CONTRACT_VALUES


def words_of(kind: str, field: str) -> Words:
    """Return how files call a field."""
    return WORDS.get(kind, {}).get(field) or Words("")
