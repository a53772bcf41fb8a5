from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from catalogue.models import Item


@csrf_exempt  # or it answers 403 instead of 405 to other methods
@require_GET
def items(_request: HttpRequest) -> JsonResponse:
    """Every item, asked for once a minute."""
    known = cache.get_or_set("items", lambda: list(Item.objects.values("name", "cents")), 60)
    return JsonResponse({"items": known})


@require_GET
def shop(request: HttpRequest) -> HttpResponse:
    return render(request, "shop.html", {"items": Item.objects.all()})
