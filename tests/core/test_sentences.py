"""Sentences: kept as template and values, read in the language of whoever reads them."""

import pytest
from django.db import connection
from django.utils import translation

from core.errors import DomainError
from core.models import Job
from core.sentences import VALUE_MOST, Sentence

SAID = Sentence("Row %(row)s is about the same already: keep one of both, or mend what tells them apart.", row=3)
NESTED = Sentence(
    "This %(what)s is not known: mend the cell, or bring the %(what)s in first.", what=Sentence("distributor")
)


@pytest.mark.parametrize(
    ("said", "english", "chinese"),
    [
        (
            SAID,
            "Row 3 is about the same already: keep one of both, or mend what tells them apart.",
            "第 3 行已是同一条记录：请保留其一，或改正区分两者的编号。",
        ),
        (
            NESTED,
            "This distributor is not known: mend the cell, or bring the distributor in first.",
            "没有该经销商：请改正此单元格，或先导入该经销商。",
        ),
        (Sentence("done"), "done", "已完成"),
        (Sentence("50 % of Müller's"), "50 % of Müller's", "50 % of Müller's"),
        (Sentence(""), "", ""),
    ],
)
def test_each_reader_gets_it_in_their_language(said, english, chinese):
    kept = Sentence.read(said.stored)
    assert kept == said
    assert str(kept) == english
    with translation.override("zh-hans"):
        assert str(kept) == chinese


def test_a_text_that_looks_like_one_that_is_kept_stays_a_text():
    strange = '{"text": "x"}'
    assert str(Sentence.read(Sentence(strange).stored)) == strange


def test_a_long_value_is_cut():
    said = str(Sentence("Not one of %(choices)s.", choices="x" * 10_000))
    assert len(said) < VALUE_MOST + 20
    assert "…" in said


def test_a_refusal_keeps_its_sentence():
    assert DomainError(SAID).sentence == SAID
    assert str(DomainError(SAID)).startswith("Row 3 is about the same already: ")
    assert str(DomainError("Plain.").sentence) == "Plain."


@pytest.mark.django_db
def test_a_column_holds_sentences_and_the_texts_of_before():
    job = Job.objects.create(kind="test", title="a file", message=SAID)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_job SET error = %s WHERE id = %s", ["Die Datei fehlt, 100 %.", job.pk])
    job.refresh_from_db()
    assert (job.message, str(job), str(job.error)) == (SAID, "a file", "Die Datei fehlt, 100 %.")
    assert Job.objects.values_list("message", flat=True).get() == SAID
    assert Job.objects.filter(message=SAID, title="a file").count() == 1
