import pytest
from django.core.cache import cache
from django.test import Client

from catalogue.models import Item


@pytest.mark.django_db
def test_items_come_from_the_database_once_and_then_from_the_cache() -> None:
    cache.delete("items")
    Item.objects.create(name="mug", cents=950)
    wanted = {"items": [{"name": "mug", "cents": 950}]}
    assert Client().get("/items", secure=True).json() == wanted
    Item.objects.all().delete()
    assert Client().get("/items", secure=True).json() == wanted


@pytest.mark.django_db
def test_the_shop_shows_what_there_is() -> None:
    Item.objects.create(name="mug", cents=950)
    assert "Add mug" in Client().get("/", secure=True).content.decode()
