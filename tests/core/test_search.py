"""The search index: words, pinyin, two Chinese characters; always in step, never beyond the scope."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Role
from core.search import index_renew, index_write, matching
from core.terms import asked_for, terms_of
from distributors.profiles.models import Distributor
from distributors.profiles.search import SEARCH
from tests import factories


def found(words, terms):
    return bool(asked_for(words)) and all(any(term.startswith(asked) for term in terms) for asked in asked_for(words))


CARP = terms_of("CQ-0007", "重庆青鲤机电有限公司（演示）", "青鲤机电", "Cyan Carp Machinery José (Demo)", "重庆")


@pytest.mark.parametrize(
    "words",
    [
        "青鲤", "鲤机", "机电", "青鲤机电", "重庆", "青", "电", "有限", "qingli",
        "chongqing", "chongqingq", "jidian", "qljd",
        "cqql", "jd", "cyan", "carp machinery", "CARP", "jose",
        "josé", "ｃａｒｐ", "cq 0007", "CQ-0007", "0007", "演示",
        "青鲤 重庆", "qingli carp",
    ],
)  # fmt: skip
def test_a_distributor_is_found_by(words):
    assert found(words, CARP)


@pytest.mark.parametrize(
    "words", ["墨鹿", "青机", "zhongqing", "dianji", "arp", "carp 墨鹿", "", "  ", "%", "_", "\x00", "youxian"]
)
def test_a_distributor_is_not_found_by(words):
    assert not found(words, CARP)


@given(st.text(max_size=60))
def test_any_text_is_found_by_itself_and_by_its_words(text):
    terms = terms_of(text)
    assert all(len(term) <= 40 for term in terms)
    if asked_for(text):
        assert found(text, terms)


def test_a_term_that_begins_another_is_not_kept():
    assert terms_of("pump pumps") == {"pumps"}


@pytest.mark.django_db
class TestIndex:
    def test_what_a_form_changes_is_found_at_once_and_the_old_name_no_more(self):
        one = factories.distributor(legal_name="成都青鲤机电有限公司")
        assert names("qingli") == ["成都青鲤机电有限公司"]
        Distributor.objects.filter(pk=one.pk).update(legal_name="成都墨鹿机电有限公司")
        index_write(SEARCH, [one.pk])
        assert names("qingli") == []
        assert names("molu") == names("墨鹿") == ["成都墨鹿机电有限公司"]

    def test_renewing_gives_what_single_writes_gave(self):
        for name in ("Grey Heron", "银杉五金", "José Pumps"):
            factories.distributor(legal_name=name)
        before = set(terms())
        assert index_renew(SEARCH) == 3
        assert set(terms()) == before

    def test_very_many_are_left_to_a_job(self, monkeypatch, django_capture_on_commit_callbacks):
        from core import search
        from core.models import Job

        monkeypatch.setattr(search, "AT_ONCE", 1)
        one, two = factories.distributor(legal_name="One"), factories.distributor(legal_name="Two")
        index_write(SEARCH, [one.pk, two.pk])
        assert Job.objects.get().kind == "search.index"

    def test_the_index_opens_no_way_around_the_scope(self):
        mine, theirs = factories.territory(), factories.territory()
        factories.distributor(mine, legal_name="Heron East")
        factories.distributor(theirs, legal_name="Heron West")
        manager = factories.user(Role.MANAGER, mine)
        visible = Distributor.objects.visible_to(manager)
        assert [one.legal_name for one in matching(visible, SEARCH, "heron")] == ["Heron East"]

    def test_one_question_is_one_query(self):
        factories.distributor(legal_name="Heron East")
        with CaptureQueriesContext(connection) as queries:
            assert names("heron east") == ["Heron East"]
        assert len(queries) == 1


def names(words):
    return sorted(matching(Distributor.objects.all(), SEARCH, words).values_list("legal_name", flat=True))


def terms():
    from core.models import SearchTerm

    return SearchTerm.objects.values_list("kind", "object_id", "term")
