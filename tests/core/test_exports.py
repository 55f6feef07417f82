import csv
import io

import pytest
from django.utils import translation

from core.exports import csv_lines
from distributors.profiles.models import Distributor
from distributors.profiles.tables import DistributorTable
from tests import factories


@pytest.mark.django_db
def test_a_file_speaks_the_language_of_who_asked_even_when_it_is_sent_later():
    factories.distributor()
    table = DistributorTable(Distributor.objects.with_standing().named())
    with translation.override("zh-hans"):
        lines = csv_lines(table)
    head, row = csv.reader(io.StringIO("".join(lines).lstrip("\ufeff")))
    assert "状态" in head
    assert row[head.index("状态")] != "active"
