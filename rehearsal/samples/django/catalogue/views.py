from django.core.cache import cache
from django.http import HttpRequest, JsonResponse

from catalogue.models import Item


def items(_request: HttpRequest) -> JsonResponse:
    """Every item, asked for once a minute."""
    known = cache.get_or_set("items", lambda: list(Item.objects.values("name", "cents")), 60)
    return JsonResponse({"items": known})
