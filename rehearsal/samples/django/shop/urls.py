from django.urls import path

from catalogue.views import items, shop

urlpatterns = [path("", shop), path("items", items)]
